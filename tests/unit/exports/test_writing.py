from contextlib import suppress
from pathlib import Path

from people_pathing.exports._writing import complete_file


def test_the_file_appears_when_it_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "new" / "people.txt"
    with complete_file(path) as written:
        written.write_text("half")
        assert not path.exists()
        written.write_text("whole")
    assert path.read_text() == "whole"
    assert list(path.parent.iterdir()) == [path]


def test_an_error_leaves_no_half_written_file(tmp_path: Path) -> None:
    path = tmp_path / "people.txt"
    path.write_text("old")
    with suppress(OSError), complete_file(path) as written:
        written.write_text("half")
        raise OSError("disk full")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]

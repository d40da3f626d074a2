"""The sample video of `make demo`: OpenCV's vtest.avi, fetched once and checked by its SHA-256."""

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


class SampleUnavailableError(Exception):
    """The sample video could be had from none of its sources; the message says what each answered."""


def fetch_vtest(
    target: Path,
    report: Callable[[str], None],
    *,
    url: str = VTEST_URL,
    package: str = VTEST_DEBIAN_PACKAGE,
    sha256: str = VTEST_SHA256,
) -> Path:
    """Puts vtest.avi at `target`, unless a file is there already, and return `target`.

    Asks OpenCV's repository first and Debian's opencv-doc package second. What arrives is compared with
    `sha256` before it takes its place, so a broken download never becomes the sample; whatever is there
    already is somebody's own.

    Raises:
        SampleUnavailableError: no source had the right file.
    """
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    problems = []
    with tempfile.TemporaryDirectory(prefix="sample-", dir=target.parent) as scratch:
        arrived = Path(scratch) / target.name
        sources: dict[str, Callable[[], None]] = {
            url: lambda: _download(url, arrived),
            f"Debian's package {package}": lambda: _unpack(package, target.name, Path(scratch), arrived),
        }
        for source, fetch in sources.items():
            report(f"fetching {target.name} from {source}")
            try:
                fetch()
            except (OSError, subprocess.SubprocessError) as error:
                problems.append(f"{source}: {error}")
                continue
            if (found := _sha256(arrived)) != sha256:
                problems.append(f"{source}: SHA-256 is {found}, not {sha256}")
                continue
            arrived.replace(target)
            return target
    raise SampleUnavailableError(
        f"{target.name} could not be fetched; place a copy at {target} yourself\n  " + "\n  ".join(problems)
    )


def _download(url: str, target: Path) -> None:
    try:
        with urllib.request.urlopen(url, timeout=CONNECT_TIMEOUT_S) as reply, target.open("wb") as file:  # noqa: S310
            shutil.copyfileobj(reply, file)
    except urllib.error.URLError as error:
        raise OSError(str(error.reason)) from error


def _unpack(package: str, name: str, scratch: Path, target: Path) -> None:
    if shutil.which("apt-get") is None:
        raise OSError("apt-get is not on this machine")
    command = ["apt-get", "download", package]
    if subprocess.run(command, cwd=scratch, capture_output=True, check=False).returncode:  # noqa: S603
        # A machine whose package lists were never read knows no package yet.
        subprocess.run(["apt-get", "update", "-qq"], capture_output=True, check=False)  # noqa: S607
        done = subprocess.run(command, cwd=scratch, capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode:
            raise OSError((done.stderr.strip() or "apt-get download failed").splitlines()[-1])
    [archive] = scratch.glob("*.deb")
    unpacked = scratch / "unpacked"
    subprocess.run(["dpkg-deb", "-x", archive.name, unpacked.name], cwd=scratch, check=True)  # noqa: S603, S607
    found = next(unpacked.rglob(name), None)
    if found is None:
        raise OSError(f"the package holds no {name}")
    found.replace(target)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    try:
        fetch_vtest(Path(sys.argv[1]), print)
    except SampleUnavailableError as unavailable:
        sys.exit(str(unavailable))

"""Installs the clients that need an environment of their own. Each is kept until its lock changes."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROGRAMS = Path(__file__).with_name("programs")
GO_PATH = Path("/usr/share/gocode")
"""Where Debian installs the sources of Go packages."""

_BUILD = ROOT / ".build/clients"
_TIMEOUT_S = 600


class InstallationError(Exception):
    """A client cannot be installed on this machine. The message says why."""


def reason_of_failure(install: Callable[[], object]) -> str | None:
    """Installs a client. Returns why that failed, or None."""
    try:
        install()
    except InstallationError as error:
        return str(error)
    return None


@cache
def python_environment(name: str) -> Path:
    """Installs the packages of a lock file and returns the environment's Python.

    Args:
        name: The lock file is requirements/clients-NAME.txt.

    Raises:
        InstallationError: uv cannot install them.
    """
    lock = ROOT / f"requirements/clients-{name}.txt"
    folder = _folder(name, lock)
    python = folder / "bin/python"
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    if not _is_complete(folder):
        if uv is None:
            raise InstallationError("uv is missing; `make .venv/ready` installs it")
        _run([uv, "venv", "--quiet", "--python", sys.executable, str(folder)])
        packages = ["--no-deps", "--require-hashes", "-r", str(lock)]
        _run([uv, "pip", "install", "--quiet", "--python", str(python), *packages])
        _complete(folder)
    return python


@cache
def npm_folder(name: str) -> Path:
    """Installs the packages of a package-lock.json and returns the folder that has them in node_modules/.

    Args:
        name: The lock file is in the folder programs/npm/NAME.

    Raises:
        InstallationError: Node.js or npm is missing, or npm cannot install them.
    """
    source = PROGRAMS / "npm" / name
    folder = _folder(f"javascript-{name}", source / "package-lock.json")
    missing = [tool for tool in ("node", "npm") if shutil.which(tool) is None]
    if missing:
        raise InstallationError(f"{' and '.join(missing)} missing")
    if not _is_complete(folder):
        folder.mkdir(parents=True)
        for file in ("package.json", "package-lock.json"):
            shutil.copy(source / file, folder)
        # Old versions name React Native as a peer, which npm would install. Nothing here needs it.
        options = ["--legacy-peer-deps", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
        _run(["npm", "ci", *options], cwd=folder)
        _complete(folder)
    return folder


@cache
def go_program(source: Path) -> Path:
    """Compiles a Go program with Debian's packages and returns the executable.

    Args:
        source: The file of the program.

    Raises:
        InstallationError: Go or the SDK is missing, or the program cannot be compiled.
    """
    if shutil.which("go") is None:
        raise InstallationError("go missing: apt-get install golang-go")
    if go_sdk_version() is None:
        raise InstallationError("Go SDK missing: apt-get install golang-github-aws-aws-sdk-go-v2-dev")
    folder = _folder(f"{source.stem}-{go_sdk_version()}", source)
    program = folder / source.stem
    if not _is_complete(folder):
        folder.mkdir(parents=True)
        # Debian's packages are for the mode without modules, which needs no download.
        cache = str(_BUILD / "go-cache")
        go = {"GO111MODULE": "off", "GOPATH": str(GO_PATH), "GOCACHE": cache, "GOFLAGS": ""}
        _run(["go", "build", "-o", str(program), str(source)], environment=go)
        _complete(folder)
    return program


def go_sdk_version() -> str | None:
    """Returns the version of Debian's Go client for Rekognition, or None if it is not installed."""
    module = GO_PATH / "src/github.com/aws/aws-sdk-go-v2/service/rekognition/go_module_metadata.go"
    if not module.exists():
        return None
    return module.read_text(encoding="utf-8").rpartition('goModuleVersion = "')[2].partition('"')[0]


def locked_version(lock: str, package: str) -> str:
    """Returns the version of a package in a requirements file, which is named relative to the checkout."""
    for line in (ROOT / lock).read_text(encoding="utf-8").splitlines():
        if line.startswith(f"{package}=="):
            return line.partition("==")[2].split(" ")[0]
    raise LookupError(f"{lock} has no version of {package}")


def _folder(name: str, lock: Path) -> Path:
    """Returns where a client is installed. Another lock has another folder."""
    return _BUILD / f"{name}-{hashlib.sha256(lock.read_bytes()).hexdigest()[:12]}"


def _is_complete(folder: Path) -> bool:
    """Says whether the client is installed. Removes what an interrupted installation left."""
    if (folder / "complete").exists():
        return True
    shutil.rmtree(folder, ignore_errors=True)
    return False


def _complete(folder: Path) -> None:
    (folder / "complete").touch()


def _run(
    command: Sequence[str], cwd: Path | None = None, environment: Mapping[str, str] | None = None
) -> None:
    done = subprocess.run(
        command,
        cwd=cwd,
        # uv then trusts the machine's own certificates, as the Makefile demands.
        env={"UV_SYSTEM_CERTS": "1", **os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
        timeout=_TIMEOUT_S,
    )
    if done.returncode:
        raise InstallationError(f"{' '.join(command[:3])} failed: {done.stderr.strip()[-300:]}")

"""Makes a stand-in for AWS's image of Python for Lambda, from the Python and the libraries of this machine.

It is for machines that cannot pull AWS's image. It has the same paths: Python in /var/lang, AWS's runtime
client among Python's packages, the entry point, and the environment. It has fewer shared libraries than AWS's
image: only those of glibc and of GCC, and those that Python's own modules need.

Sources, read on 2026-11-26: the Dockerfiles of github.com/aws/aws-lambda-base-images for paths and
environment; github.com/aws/aws-lambda-web-adapter/issues/453 and traces of errors in Lambda for the runtime
client, which is in /var/lang/lib/python3.12/site-packages.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

from devstack.image_check.check_folder import LOCK, PYTHON_VERSION, install, make_readable

LANG_ROOT = Path("var/lang")
ENVIRONMENT = {
    "LANG": "en_US.UTF-8",
    "TZ": ":/etc/localtime",
    "PATH": "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin",
    "LD_LIBRARY_PATH": (
        "/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib"
    ),
    "LAMBDA_TASK_ROOT": "/var/task",
    "LAMBDA_RUNTIME_DIR": "/var/runtime",
}

# What the Dockerfile runs, besides Python. AWS's image has a whole distribution.
_COMMANDS = ("sh", "chmod", "mkdir", "rm")
# The policies of manylinux let wheels expect these in every distribution. They also allow libGL, libX11 and
# GLib, which an image for Lambda need not have.
_LIBRARIES = (
    *("libc.so.6", "libdl.so.2", "libm.so.6", "libmvec.so.1", "libpthread.so.0", "libresolv.so.2"),
    *("librt.so.1", "libutil.so.1", "libgcc_s.so.1", "libstdc++.so.6", "libz.so.1"),
)
# No function imports these. Tk would bring X11, which AWS's image does not have.
_UNUSED = (
    "test",
    "_test*",
    "idlelib",
    "turtledemo",
    "tkinter",
    "_tkinter*",
    "ensurepip",
    "__pycache__",
    "config-*",
)

_ENTRY_POINT = """#!/bin/sh
# The handler is the only argument.
export _HANDLER="$1"
exec /var/runtime/bootstrap
"""
_BOOTSTRAP = """#!/bin/sh
export AWS_EXECUTION_ENV=AWS_Lambda_python{version}
exec /var/lang/bin/python{version} -m awslambdaric "$_HANDLER"
"""
_PIP = """#!/var/lang/bin/python{version}
import sys
from pip._internal.cli.main import main
sys.exit(main())
"""


class NoStandInError(Exception):
    """This machine lacks something that the stand-in needs. The message is one line."""


def find_python() -> Path:
    """Returns the path of a Python of the image's version.

    Raises:
        NoStandInError: this machine has none.
    """
    name = f"python{PYTHON_VERSION}"
    folders = [Path(folder) for folder in os.get_exec_path()]
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    managed = pyenv.glob(f"versions/{PYTHON_VERSION}.*/bin")
    for candidate in (folder / name for folder in (*sorted(managed), *folders)):
        # The commands of pyenv on the path are scripts, which fail if the version is not the chosen one.
        if os.access(candidate, os.X_OK) and _printed(candidate, "-c", "print(0)") == "0":
            return candidate
    raise NoStandInError(f"there is no Python {PYTHON_VERSION} for the stand-in of AWS's base image")


def make_stand_in(root: Path, python: Path) -> None:
    """Fills a folder with the root file system of the stand-in.

    Args:
        root: an empty folder.
        python: the Python to copy, which must have pip.

    Raises:
        NoStandInError: a library is missing on this machine.
    """
    base = Path(_printed(python, "-c", "import sys; print(sys.base_prefix)"))
    _copy_python(base, root / LANG_ROOT)
    for command in _COMMANDS:
        found = shutil.which(command)
        if found is None:
            raise NoStandInError(f"this machine has no command {command}")
        _copy_file(Path(found), root / "bin" / command)
    programs = [
        *(root / "bin").iterdir(),
        *(root / LANG_ROOT / "bin").glob(f"python{PYTHON_VERSION}"),
        *(root / LANG_ROOT).rglob("*.so"),
    ]
    for library in {*_needed_by(programs), *_known_libraries()}:
        _copy_file(library, root / library.relative_to("/"))
    for folder in ("dev", "proc", "sys", "etc", "opt", "tmp", "var/task"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    (root / "etc" / "passwd").write_text("root:x:0:0:root:/root:/bin/sh\n")
    (root / "etc" / "group").write_text("root:x:0:\n")
    _write_script(root / "lambda-entrypoint.sh", _ENTRY_POINT)
    _write_script(root / "var" / "runtime" / "bootstrap", _BOOTSTRAP.format(version=PYTHON_VERSION))
    make_readable(root)
    (root / "tmp").chmod(0o1777)


def site_packages(root: Path) -> Path:
    """Returns the folder of Python's packages in a root file system."""
    return root / LANG_ROOT / "lib" / f"python{PYTHON_VERSION}" / "site-packages"


def _copy_python(base: Path, target: Path) -> None:
    library = f"lib/python{PYTHON_VERSION}"
    shutil.copytree(
        base / library, target / library, ignore=shutil.ignore_patterns(*_UNUSED, "site-packages")
    )
    for shared in (base / "lib").glob(f"libpython{PYTHON_VERSION}.so*"):
        _copy_file(shared, target / "lib" / shared.name)
    _copy_file(base / "bin" / f"python{PYTHON_VERSION}", target / "bin" / f"python{PYTHON_VERSION}")
    for name in ("python", "python3"):
        (target / "bin" / name).symlink_to(f"python{PYTHON_VERSION}")
    packages = target / library / "site-packages"
    packages.mkdir(parents=True)
    shutil.copytree(base / library / "site-packages" / "pip", packages / "pip")
    _write_script(target / "bin" / "pip", _PIP.format(version=PYTHON_VERSION))
    runtime_client = ("awslambdaric", "simplejson", "snapshot-restore-py")
    install(packages, "--constraint", str(LOCK), *runtime_client)


def _needed_by(programs: Iterable[Path]) -> Iterator[Path]:
    """Yields the shared libraries that these files need, with those that the libraries need themselves."""
    for program in programs:
        for path in re.findall(r"(?:=> |^\t)(/\S+) \(", _printed(Path("ldd"), str(program)), re.MULTILINE):
            if not Path(path).name.startswith("libpython"):
                yield Path(path)


def _known_libraries() -> Iterator[Path]:
    cache = _printed(Path("/sbin/ldconfig"), "-p")
    for name in _LIBRARIES:
        found = re.search(rf"^\t{re.escape(name)} \(libc6,x86-64.*\) => (\S+)$", cache, re.MULTILINE)
        if found is None:
            raise NoStandInError(f"this machine has no shared library {name}")
        yield Path(found[1])


def _copy_file(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source.resolve(), target)
    target.chmod(0o755)


def _write_script(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


def _printed(program: Path, *arguments: str) -> str:
    """Returns what a program prints, or nothing if it fails."""
    done = subprocess.run(  # noqa: S603 - Python, ldd and ldconfig
        [str(program), *arguments], capture_output=True, text=True, check=False
    )
    return done.stdout.strip() if done.returncode == 0 else ""

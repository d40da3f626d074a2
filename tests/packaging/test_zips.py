"""The zips that `sam build` makes: their bytecode, their size, and that they can be reproduced."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.packaging.interpreters import find_interpreter

FUNCTIONS = Path(__file__).parents[2] / "functions"
MAKEFILE = (FUNCTIONS / "Makefile").read_text()
ZIPS = re.findall(r"\bbuild-(\w+)", MAKEFILE)
FUNCTION_ZIPS = [name for name in ZIPS if name != "Dependencies"]
LAMBDA_PYTHON = find_interpreter("3.13")
MAX_BYTES = 20_000_000
HASH_NEVER_COMPARED = (1).to_bytes(4, "little")

needs_make = pytest.mark.skipif(
    shutil.which("make") is None and "CI" not in os.environ, reason="make is not installed"
)
needs_lambda_python = pytest.mark.skipif(
    LAMBDA_PYTHON is None and "CI" not in os.environ, reason="this machine has no Python 3.13"
)


def build(name: str, folder: Path, **variables: str) -> Path:
    """Fills a folder with the content of a zip, as `sam build` does."""
    folder.mkdir()
    done = subprocess.run(
        ["make", "--silent", f"build-{name}"],
        cwd=FUNCTIONS,
        env={**os.environ, "ARTIFACTS_DIR": str(folder), **variables},
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    return folder


def with_lambda_python() -> dict[str, str]:
    """Returns an environment in which the Python of Lambda is the first on the path."""
    return {"PATH": os.pathsep.join((str(Path(str(LAMBDA_PYTHON)).parent), os.environ["PATH"]))}


def contents(folder: Path) -> Mapping[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@needs_make
@needs_lambda_python
@pytest.mark.parametrize("name", ["StartTracking", "TrackingApi"])
def test_the_same_sources_give_the_same_zip_with_bytecode(name: str, tmp_path: Path) -> None:
    one = build(name, tmp_path / "one", **with_lambda_python())
    other = build(name, tmp_path / "other in another folder", **with_lambda_python())

    assert contents(one) == contents(other)
    assert any(file.endswith(".pyc") for file in contents(one))


@needs_make
@needs_lambda_python
def test_every_module_has_bytecode_that_python_never_compares_with_it(tmp_path: Path) -> None:
    files = contents(build("StartTracking", tmp_path / "zip", **with_lambda_python()))

    bytecode = {file: content for file, content in files.items() if file.endswith(".pyc")}
    modules = {file.replace("__pycache__/", "").replace(".cpython-313.pyc", ".py") for file in bytecode}
    assert modules == {file for file in files if file.endswith(".py")}
    assert {content[4:8] for content in bytecode.values()} == {HASH_NEVER_COMPARED}


@needs_make
def test_without_lambdas_python_a_zip_has_no_bytecode(tmp_path: Path) -> None:
    other_pythons = tmp_path / "bin"
    other_pythons.mkdir()
    for name in ("python3.13", "python3"):
        (other_pythons / name).write_text("#!/bin/sh\nexit 1\n")
        (other_pythons / name).chmod(0o755)
    path = os.pathsep.join((str(other_pythons), os.environ["PATH"]))

    files = contents(build("StartTracking", tmp_path / "zip", PATH=path, PYENV_ROOT=str(tmp_path)))

    assert "people_pathing/pipeline/handlers/start_tracking.py" in files
    assert not any(file.endswith(".pyc") for file in files)


@needs_make
@pytest.mark.parametrize("name", FUNCTION_ZIPS)
def test_the_zip_of_a_function_is_small(name: str, tmp_path: Path) -> None:
    assert zipped_bytes(build(name, tmp_path / "zip")) < MAX_BYTES


@needs_make
@pytest.mark.wheel
def test_the_zip_of_the_layer_is_small(tmp_path: Path) -> None:
    assert zipped_bytes(build("Dependencies", tmp_path / "zip")) < MAX_BYTES


def zipped_bytes(folder: Path) -> int:
    path = folder.with_suffix(".zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for file in folder.rglob("*"):
            packed.write(file, file.relative_to(folder))
    return path.stat().st_size

"""Runs the command line: in this process, or in one of its own, as a user does."""

from __future__ import annotations

import io
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from unittest.mock import patch

from people_pathing.cli.main import main

ROOT = Path(__file__).parents[3]

_BLOCK_AND_RUN = """
import sys
for name in sys.argv.pop(1).split(","):
    sys.modules[name] = None
from people_pathing.cli.main import main
try:
    status = main(sys.argv[1:])
except SystemExit as exit_:
    status = exit_.code
if status == 0:
    print(*sorted(sys.modules), file=sys.stderr)
sys.exit(status)
"""


NOTHING = "a-module-that-does-not-exist"


def run_without(
    blocked: Sequence[str], *arguments: object, cwd: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    """Runs a command in a process that cannot import the blocked modules.

    A command that succeeds prints the names of all imported modules on the last line of standard error.
    """
    return subprocess.run(
        [sys.executable, "-c", _BLOCK_AND_RUN, ",".join(blocked) or NOTHING, *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT / "functions")},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def imported_modules(completed: subprocess.CompletedProcess[str]) -> set[str]:
    """Returns the modules that a successful command imported."""
    return set(completed.stderr.splitlines()[-1].split())


def run_here(
    *arguments: object, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs a command in this process, which is much faster, with additional environment variables.

    An unexpected error is raised here instead of being printed as a traceback.
    """
    output, errors = io.StringIO(), io.StringIO()
    words = list(map(str, arguments))
    with patch.dict(os.environ, environment or {}), redirect_stdout(output), redirect_stderr(errors):
        try:
            status = main(words)
        except SystemExit as exit_:
            status = int(exit_.code or 0)
    return subprocess.CompletedProcess(words, status, output.getvalue(), errors.getvalue())


def people_pathing(
    *arguments: object, environment: Mapping[str, str] | None = None, has_terminal: bool = True
) -> subprocess.CompletedProcess[str]:
    """Runs a command from the checkout in a process of its own, with additional environment variables.

    Without a terminal, it can neither open the one of this process nor read from standard input.
    """
    return subprocess.run(
        [sys.executable, "-m", "people_pathing.cli.main", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        stdin=None if has_terminal else subprocess.DEVNULL,
        start_new_session=not has_terminal,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def example_words(example: str, folder: Path) -> list[str]:
    """Returns the words of a command's example, after creating the files that it names.

    Args:
        example: one line of a command's EXAMPLE.
        folder: where the files are created. The command has to run there.
    """
    command = re.search(r"people-pathing [^)]*", example)
    assert command
    words = shlex.split(command[0])[1:]
    for path in (folder / word for word in words):
        if path.suffix == ".paths":
            path.mkdir(parents=True)
        elif re.fullmatch(r"\.[a-z]\w+", path.suffix):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
    return words

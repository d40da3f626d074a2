"""Runs commands of people-pathing, and draws what they print as a terminal."""

from __future__ import annotations

import io
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

_COLUMNS = 80
# A later line of the progress bar replaces these on a terminal.
_PASSING = re.compile(r"\d+%, .* left$|joining their detections")
# A picture on another page cannot load fonts. Its reader's own ones are used.
_FONT_FACE = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


def run(command: str, folder: Path) -> str:
    """Runs a command in a folder. Returns what it prints on both streams.

    Args:
        command: as it is typed, beginning with "people-pathing".
        folder: where it runs.

    Raises:
        subprocess.CalledProcessError: the command failed.
    """
    arguments = [sys.executable, "-m", "people_pathing.cli.main", *shlex.split(command)[1:]]
    # Without buffers, the lines of both streams are in the order in which a terminal shows them.
    done = subprocess.run(  # noqa: S603
        arguments,
        check=True,
        cwd=folder,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return done.stdout


def draw_terminal(shown: list[tuple[str, str]], title: str, path: Path) -> None:
    """Writes an SVG picture of commands and of what they printed.

    Args:
        shown: commands, each with its output.
        title: of the window.
        path: of the picture.
    """
    console = Console(record=True, width=_COLUMNS, file=io.StringIO(), force_terminal=True, highlight=False)
    for command, output in shown:
        console.print(Text("$ ", style="green").append(command, style="bold white"))
        lines = [line for line in output.splitlines() if not _PASSING.search(line)]
        console.print(Text("\n".join(lines)), no_wrap=True, overflow="ellipsis")
    drawn = console.export_svg(title=title, theme=MONOKAI, unique_id="terminal")
    path.write_text(_FONT_FACE.sub("", drawn), encoding="utf-8")

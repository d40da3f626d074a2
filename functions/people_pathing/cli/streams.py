"""Standard streams that are closed or broken when the program starts or while it runs."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path
from typing import Literal, TextIO


def prepare_streams() -> None:
    """Opens the closed standard streams, and lets standard output escape what its encoding lacks."""
    # Lowest descriptor first: each open then gets the number of its stream. Otherwise a result file could
    # get number 2, and a library would print its warnings into it.
    if sys.stdin is None:
        sys.stdin = _nowhere("r")
    if sys.stdout is None:
        sys.stdout = _nowhere("w")
    if sys.stderr is None:
        sys.stderr = _nowhere("w")
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def settle_streams() -> None:
    """Writes what is still buffered, or drops it if that fails.

    At exit, Python flushes the streams again. It would report a second error and change the exit status.
    """
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            _drop(stream)


def _nowhere(mode: Literal["r", "w"]) -> TextIO:
    return Path(os.devnull).open(mode, encoding="utf-8", errors="backslashreplace")


def _drop(stream: TextIO) -> None:
    """Lets the stream's descriptor lead nowhere, so that the next flush succeeds."""
    with suppress(OSError), Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), stream.fileno())

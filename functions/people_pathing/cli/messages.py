"""Lines for the user on standard error. Standard output is for results."""

from __future__ import annotations

import sys


def say(line: str) -> None:
    """Prints one line on standard error at once."""
    print(line, file=sys.stderr, flush=True)


def printable(text: str) -> str:
    """Returns the text with control characters escaped.

    Object keys may contain any character. An escape sequence in a key could otherwise change what the
    terminal shows.
    """
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text
    )

"""Lines for the user: messages on standard error, results on standard output."""

from __future__ import annotations

import sys
from contextlib import suppress

from people_pathing.cli.errors import CommandError


def say(*lines: str) -> None:
    """Prints messages on standard error at once, with control characters and newlines escaped.

    A message that cannot be written is lost: hours of work must not fail because a terminal was closed.
    """
    with suppress(OSError):
        print("\n".join(map(printable, lines)), file=sys.stderr, flush=True)


def show(*lines: str) -> None:
    """Prints results on standard output, with control characters and newlines escaped.

    Raises:
        CommandError: the text cannot be written, for example because the disk is full.
        BrokenPipeError: the program that reads the output has ended.
    """
    show_formatted("\n".join(map(printable, lines)))


def show_formatted(text: str) -> None:
    """Prints text that may control the terminal: the caller has escaped what others chose.

    Raises what `show` raises.
    """
    try:
        print(text)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _output_error(error) from error


def flush_output() -> None:
    """Writes the results that are still in the buffer of standard output. Raises what `show` raises."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _output_error(error) from error


def printable(text: str) -> str:
    """Returns the text with control characters and bytes that are not UTF-8 escaped.

    Object keys and file names may contain any character. An escape sequence in a name could otherwise
    change what the terminal shows.
    """
    # Python decodes other bytes of a file name to lone surrogates; as bytes again, they read \xdf.
    # The text may have other surrogates, which are no bytes and are escaped below.
    with suppress(UnicodeEncodeError):
        text = text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text
    )


def _output_error(error: OSError) -> CommandError:
    return CommandError(f"the output cannot be written ({error.strerror})")

"""Errors that end a command with one line instead of a traceback."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager


class CommandError(Exception):
    """A command cannot do what the user asked. The message says why and what would be right.

    Args:
        message: one line.
        details: more lines, for example the end of a log.
    """

    def __init__(self, message: str, details: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.details = tuple(details)


@contextmanager
def as_command_errors(*expected: type[Exception]) -> Iterator[None]:
    """Turns expected errors into CommandError. Other errors keep their traceback.

    Args:
        expected: the error classes whose message tells a user enough. An attribute `details` becomes that
            of the CommandError.
    """
    try:
        yield
    except expected as error:
        raise CommandError(str(error), getattr(error, "details", ())) from error

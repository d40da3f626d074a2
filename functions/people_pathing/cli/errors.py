"""Errors that end a command with one line instead of a traceback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class CommandError(Exception):
    """A command cannot do what the user asked. The message says why and what would be right."""


@contextmanager
def as_command_errors(*expected: type[Exception]) -> Iterator[None]:
    """Turns expected errors into CommandError. Other errors keep their traceback.

    Args:
        expected: the error classes whose message tells a user enough.
    """
    try:
        yield
    except expected as error:
        raise CommandError(str(error)) from error

"""Defines the error of the local stack."""

from collections.abc import Sequence


class LocalStackError(Exception):
    """Reports that the local stack could not start, or has stopped.

    Args:
        message: one line that names the step that failed.
        details: the last lines of its output.
    """

    def __init__(self, message: str, details: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.details = tuple(details)

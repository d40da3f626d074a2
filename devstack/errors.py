"""Defines the error of the local stack."""


class LocalStackError(Exception):
    """Reports that the local stack could not start.

    The message names the step that failed and shows the last lines of its output.
    """

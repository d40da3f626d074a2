"""Format numbers: one release reads what another one has stored.

A stack is updated while jobs run, and an update that fails is rolled back. So every stored layout has a
number, where the release before does not look: as an attribute of an item, or in the metadata of an object.
Without a number, the format is 1. docs/architecture.md lists the layouts.
"""

from __future__ import annotations

FORMAT = "format"
"""The name of the number in an item or in an object's metadata."""


class NewerFormatError(Exception):
    """A later release has stored something that this one cannot read.

    The reader must stop, and try again later. The error ends when a release that knows the format is
    deployed.
    """


def check_format(number: str | int | None, known: int, what: str) -> None:
    """Checks that this release can read a stored layout.

    Args:
        number: the stored number, or None if none is stored.
        known: the latest format that this release reads. It reads all earlier ones, too.
        what: what is read, for the message.

    Raises:
        NewerFormatError: the format is a later one.
    """
    stored = 1 if number is None else int(number)
    if stored > known:
        raise NewerFormatError(
            f"{what} has format {stored}, and this release reads formats up to {known}; "
            "deploy the release that stored it, or a later one"
        )

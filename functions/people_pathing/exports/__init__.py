"""Export formats of a tracking result: one module each.

A module offers what `Export` describes. `EXPORTS` lists the names without importing any module.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from people_pathing.common.registry import Registry

if TYPE_CHECKING:
    from people_pathing.engine.tracks import TrackingResult

EXPORTS = Registry("people_pathing.exports", "export format")


class Export(Protocol):
    """What each module in this package offers.

    Importing the module must be cheap: the command line imports all of them to show their summaries.

    Attributes:
        SUMMARY: one line for help texts and tables.
    """

    SUMMARY: str

    def write(self, result: TrackingResult, path: Path) -> None:
        """Writes the result to a file. `common.complete_file` makes it complete or leaves it out."""


def load_export(name: str) -> Export:
    """Imports one export format. Raises UnknownNameError if there is none of that name."""
    return cast(Export, EXPORTS.load(name))

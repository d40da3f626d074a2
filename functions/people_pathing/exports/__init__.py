"""Export formats of a tracking result: one module each.

A module offers what `Export` describes. `EXPORTS` lists the names without importing any module.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from people_pathing.common.registry import Registry

if TYPE_CHECKING:
    from people_pathing.engine.tracks import TrackingResult
    from people_pathing.results.stored_result import StoredResult

EXPORTS = Registry("people_pathing.exports", "export format")


class ExportError(ValueError):
    """A result lacks what a format needs. The message says what."""


@dataclass(frozen=True, slots=True)
class ExportSource:
    """What an export is made from.

    Attributes:
        stored: the result files of the video.
        tracking: the engine's result, which also has scores and frame numbers; None if the video was not
            tracked in this process.
    """

    stored: StoredResult
    tracking: TrackingResult | None = None


class Export(Protocol):
    """What each module in this package offers.

    Importing the module must be cheap: the command line imports all of them to show their summaries.

    Attributes:
        SUMMARY: one line for help texts and tables.
        FILE_NAME: the file's name where the user gives none.
    """

    SUMMARY: str
    FILE_NAME: str

    def write(self, source: ExportSource, path: Path) -> None:
        """Writes a result to a file. `common.complete_file` makes it complete or leaves it out.

        The observations are read one at a time, because a long video has millions of them.

        Raises:
            ExportError: the result lacks what the format needs.
            StoredResultError: a result file is damaged.
            OSError: the file cannot be written.
        """


def load_export(name: str) -> Export:
    """Imports one export format. Raises UnknownNameError if there is none of that name."""
    return cast(Export, EXPORTS.load(name))

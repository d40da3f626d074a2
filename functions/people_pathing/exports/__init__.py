"""Export formats of a tracking result: one module each.

A module offers what `Export` describes. `EXPORTS` lists the names without importing any module.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from people_pathing.common.registry import Registry

if TYPE_CHECKING:
    from people_pathing.analysis.zones_file.sections import ZonesFile
    from people_pathing.engine.tracks import TrackingResult
    from people_pathing.results.stored_result import StoredResult
    from people_pathing.tables.columns import Table
    from people_pathing.tables.rows import Row

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
        zones_file: zones, lines and the floor; None if the user gave none.
    """

    stored: StoredResult
    tracking: TrackingResult | None = None
    zones_file: ZonesFile | None = None


@dataclass(frozen=True, slots=True)
class Needs:
    """What a format needs besides result files.

    Attributes:
        zones: whether it is made from zones.json, too.
        library: a Python package that people-pathing does not always install; "" for none.
        extra: the extra of people-pathing that installs this package.
    """

    zones: bool = False
    library: str = ""
    extra: str = ""

    def require_library(self) -> None:
        """Makes sure that the package is installed. Raises ExportError with the command that does it."""
        if self.library and not is_installed(self.library):
            raise ExportError(
                f"this needs {self.library}, which is not installed: "
                f"pip install './people-pathing[{self.extra}]'"
            )


NOTHING = Needs()
PARQUET = Needs(library="pyarrow", extra="tables")


class Export(Protocol):
    """What each module in this package offers.

    Importing the module must be cheap: the command line imports all of them to show their summaries.

    Attributes:
        SUMMARY: one line for help texts and tables.
        FILE_NAME: the file's name where the user gives none.
        NEEDS: what the format needs. Commands check it before any work.
    """

    SUMMARY: str
    FILE_NAME: str
    NEEDS: Needs

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


def export_file_names() -> frozenset[str]:
    """Returns the file names of all export formats."""
    return frozenset(load_export(name).FILE_NAME for name in EXPORTS.names())


def require_frames(stored: StoredResult) -> None:
    """Makes sure that observations have frame numbers and pixels.

    Raises:
        ExportError: the frame rate or the frame size of the video is unknown.
    """
    if not (stored.frame_rate > 0 and stored.frame_width_px and stored.frame_height_px):
        raise ExportError(
            f"the frame rate or the frame size of {stored.video} is unknown: this format needs both"
        )


@contextmanager
def as_export_errors(place: Path, *errors: type[Exception]) -> Iterator[None]:
    """Raises ExportError in place of other errors.

    Args:
        place: what the errors are about. The message begins with it.
        errors: the other errors.
    """
    try:
        yield
    except errors as error:
        raise ExportError(f"{place}: {error}") from error


def write_parquet(table: Table, rows: Iterable[Row], path: Path) -> None:
    """Writes a table as Parquet.

    Raises:
        ExportError: PyArrow is not installed.
        StoredResultError: a result file is damaged.
        OSError: the file cannot be written.
    """
    from people_pathing.tables.parquet import write_table

    PARQUET.require_library()
    write_table(table, rows, path)


def is_installed(library: str) -> bool:
    """Tells whether a Python package can be imported, without importing it."""
    try:
        return find_spec(library) is not None
    except (ImportError, ValueError):
        return False

"""The videos whose results are in a folder on this machine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from people_pathing.cli.errors import CommandError
from people_pathing.cli.messages import say
from people_pathing.cli.reports.result_report import report_path, write_result_report
from people_pathing.cli.result_folder import FOLDER_SUFFIX
from people_pathing.report.addresses import relative_address
from people_pathing.report.overview.entry import VideoEntry, VideoSummary
from people_pathing.report.overview.summary_reading import MAX_PEOPLE_BYTES, read_summary
from people_pathing.report.written_page import is_current
from people_pathing.results.files import job_summary, people
from people_pathing.results.stored_result import StoredResult, open_stored_result

if TYPE_CHECKING:
    from collections.abc import Sequence


def folder_entries(
    root: Path, folders: Sequence[Path], page: Path, report: Callable[[float], None]
) -> list[VideoEntry]:
    """Reads results, and writes the reports that are missing or older than the results.

    Args:
        root: the folder that the user named.
        folders: the folders in it that have result files.
        page: where the overview will be. Its links are relative to it.
        report: is called with the share of the work that is done.
    """
    entries = []
    for number, folder in enumerate(folders):
        entries.append(_entry(root, folder, page))
        report((number + 1) / len(folders))
    return entries


def _entry(root: Path, folder: Path, page: Path) -> VideoEntry:
    place = folder.relative_to(root).as_posix()
    try:
        stored = open_stored_result(folder)
        summary = _summary(folder)
        address = _report_address(folder, page)
    except (CommandError, ValueError, TypeError, OSError) as error:
        # One damaged folder must not hide the others.
        return VideoEntry(id=place, name=_name(root, folder), state="FAILED", reason=str(error))
    name, version = _name(root, folder), None
    if _is_copy(folder, stored):
        name, version = stored.key, stored.version
    return VideoEntry(
        id=place,
        name=name,
        state="SUCCEEDED",
        at_ms=summary.at_ms,
        at_meaning=summary.at_meaning,
        version=version,
        summary=summary,
        report_address=address,
    )


def _summary(folder: Path) -> VideoSummary:
    paths = folder / people.NAME
    is_long = paths.stat().st_size > MAX_PEOPLE_BYTES
    return read_summary((folder / job_summary.NAME).read_bytes(), None if is_long else paths.read_bytes())


def _report_address(folder: Path, page: Path) -> str | None:
    report = report_path(folder)
    try:
        if not is_current(report, folder):
            write_result_report(folder)
    except OSError as error:
        say(f"the report of {folder} was not written: {error}")
        if not report.is_file():
            return None
    return relative_address(report, page)


def _is_copy(folder: Path, stored: StoredResult) -> bool:
    """Whether a folder is one of a copy of the results bucket: KEY/VERSION."""
    return stored.bucket is not None and folder.parent.resolve().as_posix().endswith(f"/{stored.key}")


def _name(root: Path, folder: Path) -> str:
    place = folder.relative_to(root).as_posix() if folder != root else folder.resolve().name
    return place.removesuffix(FOLDER_SUFFIX)

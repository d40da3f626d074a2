"""The report beside the result files of a video, for the commands that write or show it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from people_pathing.cli.errors import as_command_errors
from people_pathing.cli.messages import say
from people_pathing.report.page_file import NAME

if TYPE_CHECKING:
    from people_pathing.results.stored_result import StoredResult


def report_path(folder: Path) -> Path:
    """Returns where the report of the results in a folder is."""
    return folder / NAME


def write_result_report(folder: Path, *, video: Path | None = None, zones: Path | None = None) -> Path:
    """Writes the report of the results in a folder. Returns its path.

    Args:
        folder: has the result files.
        video: the file that was tracked; None to use the one that job.json or an older report names.
        zones: zones.json; None to keep the zones of an older report.

    Raises:
        CommandError: the results or the zones are not valid.
    """
    from people_pathing.analysis.zones_file.members import ZonesFileError
    from people_pathing.cli.counting.zones import zones_text
    from people_pathing.report.addresses import relative_address
    from people_pathing.report.page_file import write_report
    from people_pathing.report.written_page import read_written
    from people_pathing.results import annotated_video
    from people_pathing.results.stored_result import StoredResultError, open_stored_result

    path = report_path(folder)
    text = zones_text(zones) if zones else None
    with as_command_errors(StoredResultError, ZonesFileError):
        written = read_written(path)
        video = video or written.video or tracked_file(open_stored_result(folder))
        annotated = folder / annotated_video.NAME
        write_report(
            folder,
            path,
            video_source=relative_address(video, path) if video else None,
            annotated_source=relative_address(annotated, path) if annotated.is_file() else None,
            zones_text=text or written.zones_text,
        )
    return path


def update_result_report(folder: Path, zones: Path) -> None:
    """Writes the report of counted results with their zones, or says why it was not written.

    Args:
        folder: has the result files. It may be on a disk that cannot be written to.
        zones: zones.json, which is valid.

    Raises:
        CommandError: the results are not valid.
    """
    try:
        write_result_report(folder, zones=zones)
    except OSError as error:
        say(f"the report with these zones was not written: {error}")


def tracked_file(stored: StoredResult) -> Path | None:
    """Returns the file that job.json names, if it is there or beside the folder of the results."""
    if stored.bucket is not None:
        return None
    named = Path(stored.key)
    places = (named, stored.folder.resolve().parent / named.name)
    return next((place for place in places if place.is_file()), None)

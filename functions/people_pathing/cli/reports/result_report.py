"""The report beside the result files of a video, for the commands that write or show it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from people_pathing.cli.errors import as_command_errors
from people_pathing.cli.messages import say
from people_pathing.report.page_file import NAME

if TYPE_CHECKING:
    from people_pathing.results.stored_result import StoredResult


LENGTH_TOLERANCE = 0.05
"""Two videos whose numbers of frames differ by more than this share are not the same one."""


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


def update_result_report(folder: Path, zones: Path | None = None) -> None:
    """Writes the report of results after something else about them was written, or says why not.

    Args:
        folder: has the result files. It may be on a disk that cannot be written to.
        zones: zones.json, which is valid; None to keep the zones of an older report.

    Raises:
        CommandError: the results are not valid.
    """
    try:
        write_result_report(folder, zones=zones)
    except OSError as error:
        say(f"the report was not written: {error}")


def tracked_file(stored: StoredResult) -> Path | None:
    """Returns the file that job.json names, if it is beside the folder of the results or in its old place.

    A relative path counted from the folder in which the video was tracked. In another folder, it can lead to
    another video of the same name.
    """
    if stored.bucket is not None:
        return None
    named = Path(stored.key)
    beside = stored.folder.resolve().parent / named.name
    if beside.is_file():
        return beside
    return named if named.is_file() and _can_be(named, stored) else None


def _can_be(video: Path, stored: StoredResult) -> bool:
    """Whether a video has the size and about the number of frames that the results say."""
    from people_pathing.engine import VideoError, read_metadata

    try:
        found = read_metadata(video)
    except VideoError:
        return False
    size_px = stored.frame_width_px, stored.frame_height_px
    # The frame rate may have been stated, which changes the duration, but not the number of frames.
    frames, tracked_frames = found.duration_ms * found.frame_rate, stored.duration_ms * stored.frame_rate
    has_size = size_px in {(found.frame_width, found.frame_height), (0, 0)}
    return has_size and (
        tracked_frames == 0 or abs(frames - tracked_frames) <= LENGTH_TOLERANCE * tracked_frames
    )

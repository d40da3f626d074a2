"""Counts the people in the result files of one video, with a zones file that was found."""

from __future__ import annotations

from pathlib import Path

from people_pathing.analysis.count_files import counts_document
from people_pathing.analysis.count_folder import write_count_files
from people_pathing.analysis.path_points import stored_path_points
from people_pathing.analysis.summaries.intervals import DEFAULT_INTERVAL_MINUTES, Recording
from people_pathing.analysis.video_counts import VideoCounts, count_video
from people_pathing.analysis.zones_file.members import ZonesFileError
from people_pathing.analysis.zones_file.reading import read_zones
from people_pathing.common.zones_objects import ZonesContentError, ZonesObject, zones_text
from people_pathing.results.files import observations
from people_pathing.results.stored_result import StoredResult


class NotCountableError(Exception):
    """People cannot be counted, and trying again would not help. The message says why."""


def valid_zones_text(zones: ZonesObject) -> str | None:
    """Returns the content of a zones file that was found; None if it is not valid."""
    try:
        text = zones_text(zones)
        read_zones(text)
    except (ZonesFileError, ZonesContentError):
        return None
    return text


def write_counts(stored: StoredResult, zones: ZonesObject, folder: Path) -> VideoCounts:
    """Counts the people of one video, and writes the counts into a folder.

    Args:
        stored: the result files.
        zones: the zones file that applies to the video.
        folder: where the files of `analysis.count_files` go. It exists.

    Raises:
        NotCountableError: the zones file is wrong, or the size of the frames is not known.
        StoredResultError, ObservationsError: the result files are damaged.
    """
    try:
        zones_file = read_zones(zones_text(zones))
    except (ZonesFileError, ZonesContentError) as error:
        raise NotCountableError(f"{zones.uri}: {error}") from error
    if min(stored.frame_width_px, stored.frame_height_px) <= 0:
        raise NotCountableError("the service did not report the size of the video's frames")
    counts = count_video(
        stored_path_points(stored),
        zones_file,
        aspect_ratio=stored.frame_width_px / stored.frame_height_px,
        recording=Recording(stored.duration_ms, stored.recorded_at_ms),
        interval_minutes=DEFAULT_INTERVAL_MINUTES,
    )
    document = counts_document(
        counts,
        stored.video,
        DEFAULT_INTERVAL_MINUTES,
        recorded_at_source=stored.recorded_at_source,
        provenance=stored.provenance,
    )
    write_count_files(counts, document, stored.folder / observations.NAME, folder)
    return counts

"""Counts one video for a command, and names what is wrong."""

from __future__ import annotations

from typing import Any

from people_pathing.analysis.count_files import counts_document
from people_pathing.analysis.counting.counter import PointOrderError
from people_pathing.analysis.path_points import ObservationsError, read_path_points
from people_pathing.analysis.summaries.intervals import Recording
from people_pathing.analysis.video_counts import VideoCounts, count_video
from people_pathing.analysis.zones_file.sections import ZonesFile
from people_pathing.cli.counting.sources import CountSource
from people_pathing.cli.errors import CommandError


def count_source(
    source: CountSource, zones_file: ZonesFile, interval_minutes: int
) -> tuple[VideoCounts, dict[str, Any]]:
    """Returns the counts of one video, and the content of its counts.json.

    Raises:
        CommandError: the observations cannot be counted, or the size of the frame is not known.
    """
    if source.aspect_ratio is None:
        raise CommandError(
            f"nothing says how large the frames of {source.video} are; "
            "give their size in pixels, for example --frame-size 1920x1080"
        )
    try:
        counts = count_video(
            read_path_points(source.observations, source.observation_count),
            zones_file,
            aspect_ratio=source.aspect_ratio,
            recording=Recording(source.duration_ms, source.recorded_at_ms),
            interval_minutes=interval_minutes,
        )
    except (ObservationsError, PointOrderError) as error:
        raise CommandError(f"{source.observations}: {error}") from error
    document = counts_document(
        counts,
        source.video,
        interval_minutes,
        recorded_at_source=source.recorded_at_source,
        provenance=source.provenance,
    )
    return counts, document

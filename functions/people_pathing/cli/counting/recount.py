"""Counts of a folder whose tracks are replaced: how to count again, and what was made from the tracks."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from people_pathing import exports
from people_pathing.analysis import count_files
from people_pathing.analysis.counts_reading import CountsFileError, StoredCounts, read_counts
from people_pathing.analysis.summaries.intervals import DEFAULT_INTERVAL_MINUTES
from people_pathing.analysis.video_counts import VideoCounts
from people_pathing.analysis.zones_file.sections import ZonesFile
from people_pathing.cli.counting.names import TOTAL
from people_pathing.cli.counting.one_source import count_source
from people_pathing.cli.counting.outputs import write_counts
from people_pathing.cli.counting.sources import open_source
from people_pathing.cli.counting.zones import load_zones
from people_pathing.results import annotated_video
from people_pathing.results.files import observations
from people_pathing.results.recording_time import RecordingSource


@dataclass(frozen=True, slots=True)
class Recount:
    """How the tracks of a folder are counted again.

    Attributes:
        zones_file: what is counted.
        interval_minutes: length of the intervals.
        recorded_at_ms: when the video starts, if the user stated that for the earlier counts; otherwise None.
    """

    zones_file: ZonesFile
    interval_minutes: int = DEFAULT_INTERVAL_MINUTES
    recorded_at_ms: int | None = None

    def count(self, folder: Path) -> tuple[VideoCounts, Mapping[str, Any]]:
        """Returns the counts of the result files in a folder. Raises CommandError if that is not possible."""
        source = open_source(folder)
        if self.recorded_at_ms is not None:
            source = replace(
                source, recorded_at_ms=self.recorded_at_ms, recorded_at_source=RecordingSource.STATED
            )
        return count_source(source, self.zones_file, self.interval_minutes)


def planned_recount(folder: Path, zones: Path | None) -> Recount | None:
    """Returns how to count again: with the zones of the counts that the folder has, unless others are given.

    Args:
        folder: may have counts.
        zones: the file of zones that the user gave.

    Returns:
        None if there are no counts, or if they do not say which zones they counted.

    Raises:
        CommandError: the given file of zones is not valid.
    """
    earlier = _stored_counts(folder)
    if zones:
        recount = Recount(load_zones(zones))
    elif earlier and earlier.zones_file:
        recount = Recount(earlier.zones_file)
    else:
        return None
    if earlier is None:
        return recount
    is_stated = earlier.recorded_at_source == RecordingSource.STATED
    return replace(
        recount,
        interval_minutes=earlier.interval_minutes,
        recorded_at_ms=earlier.recorded_at_ms if is_stated else None,
    )


def write_recount(counts: VideoCounts, document: Mapping[str, Any], folder: Path) -> None:
    """Writes counts beside the result files that they were made from."""
    write_counts(counts, document, folder, folder / observations.NAME)


def outdated_files(folder: Path, video: str) -> list[Path]:
    """Returns files about the earlier tracks that stay: exports, the annotated video, sums of several files.

    Args:
        folder: has the result files of one video.
        video: the name of the video.
    """
    names = (*sorted(exports.export_file_names()), annotated_video.NAME)
    found = [folder / name for name in names if (folder / name).is_file()]
    total = _stored_counts(folder.parent / TOTAL)
    if total and video in total.files:
        found.append(folder.parent / TOTAL / count_files.COUNTS)
    return found


def _stored_counts(folder: Path) -> StoredCounts | None:
    """Returns the counts in a folder, or None if there are none that can be read."""
    with suppress(FileNotFoundError, NotADirectoryError, UnicodeDecodeError, CountsFileError):
        return read_counts((folder / count_files.COUNTS).read_text("utf-8"))
    return None

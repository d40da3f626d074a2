"""What a report shows, read from the results of one video."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from people_pathing import __version__
from people_pathing.analysis.counting.counter import PointOrderError
from people_pathing.analysis.summaries.intervals import DEFAULT_INTERVAL_MINUTES, Recording
from people_pathing.analysis.video_counts import VideoCounts, count_video
from people_pathing.analysis.zones_file.reading import VERSION as ZONES_VERSION
from people_pathing.analysis.zones_file.reading import read_zones
from people_pathing.report.columns import ObservationColumns
from people_pathing.results.files import observations
from people_pathing.results.stored_result import MAX_VIDEO_MS, StoredResult, StoredResultError

VERSION = 1
UNKNOWN_SIZE_PX = (1600, 900)
"""The size of the frame that is assumed if the results do not say it. Only its proportions matter."""


@dataclass(frozen=True, slots=True)
class ReportContent:
    """Everything that a report shows of one video.

    Attributes:
        stored: the results.
        name: the video's name.
        counts: of the whole video.
        warnings: about the results.
        embedded: the JSON that the page reads; see page/data/report_data.js.
    """

    stored: StoredResult
    name: str
    counts: VideoCounts
    warnings: tuple[str, ...]
    embedded: Mapping[str, Any]


def read_content(
    stored: StoredResult,
    *,
    video_source: str | None = None,
    annotated_source: str | None = None,
    zones_text: str | None = None,
) -> ReportContent:
    """Reads results and counts their people.

    Args:
        stored: the results.
        video_source: the address of the video, relative to the page; None if it is not known.
        annotated_source: the same of the annotated video.
        zones_text: the content of zones.json; None for the counts of the whole picture.

    Raises:
        StoredResultError: the results are damaged.
        ZonesFileError: zones.json is not valid.
    """
    zones: dict[str, Any] = {"version": ZONES_VERSION}
    if zones_text is not None:
        zones_file = read_zones(zones_text)
        zones = json.loads(zones_text.removeprefix("\ufeff"))
    else:
        zones_file = read_zones(json.dumps(zones))
    width_px, height_px = stored.frame_width_px, stored.frame_height_px
    warnings = list((stored.provenance or {}).get("warnings", []))
    if min(width_px, height_px) <= 0:
        width_px, height_px = UNKNOWN_SIZE_PX
        warnings.append(
            f"The results do not say how large the frames are. This page assumes {width_px}:{height_px}, "
            "so distances in the picture may be wrong."
        )
    columns = ObservationColumns()
    try:
        counts = count_video(
            columns.collected(stored.observations()),
            zones_file,
            aspect_ratio=width_px / height_px,
            recording=Recording(stored.duration_ms, stored.recorded_at_ms),
            interval_minutes=DEFAULT_INTERVAL_MINUTES,
        )
    except StoredResultError:
        raise
    except (ValueError, TypeError, OverflowError, PointOrderError) as error:
        raise StoredResultError(f"{stored.folder / observations.NAME} is damaged ({error})") from error
    name = PurePosixPath(stored.key).name or stored.key
    embedded = {
        "version": VERSION,
        "programVersion": __version__,
        "video": {
            "name": name,
            "source": video_source,
            "annotatedSource": annotated_source,
            "widthPx": width_px,
            "heightPx": height_px,
            "durationMs": counts.recording.duration_ms,
            "frameRate": stored.frame_rate,
            "sampleFps": stored.sample_fps,
            "startMs": _picture_start_ms(stored),
        },
        "recordedAtMs": stored.recorded_at_ms,
        "recordedAtSource": stored.recorded_at_source,
        "provenance": None if stored.provenance is None else {**stored.provenance, "warnings": warnings},
        "zonesFile": zones,
        "intervalMinutes": DEFAULT_INTERVAL_MINUTES,
        "observations": columns.embedded(),
    }
    return ReportContent(stored, name, counts, tuple(warnings), embedded)


def _picture_start_ms(stored: StoredResult) -> float:
    """Returns when the first frame is shown; 0 if the results do not say it."""
    start_ms = (stored.provenance or {}).get("picture_start_ms")
    if isinstance(start_ms, int | float) and 0 <= start_ms <= MAX_VIDEO_MS:
        return start_ms
    return 0

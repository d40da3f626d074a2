"""Result files in a folder, as `track` and the pipeline write them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from people_pathing.analysis.floor.homography import fit_homography
from people_pathing.analysis.zones_file.sections import Calibration, CalibrationPoint, Line, Zone, ZonesFile
from people_pathing.exports import ExportSource
from people_pathing.results.chunks import ChunkWriter
from people_pathing.results.files.job_summary import JobSummary, StoredVideo, VideoFile
from people_pathing.results.observation import observations_in
from people_pathing.results.provenance import Provenance
from people_pathing.results.recording_time import RecordingTime
from people_pathing.results.stored_result import StoredResult, open_stored_result

IN_BUCKET = StoredVideo("videos", "lobby/ramp 1.mp4", "v1")
METADATA: Mapping[str, Any] = {
    "Codec": "h264",
    "DurationMillis": 4240,
    "Format": "QuickTime / MOV",
    "FrameRate": 25.0,
    "FrameHeight": 480,
    "FrameWidth": 640,
    "ColorRange": "LIMITED",
}
_POINTS = tuple(
    CalibrationPoint((x, y), (10 * x, 6 * (1 - y)))
    for x, y in ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
)
ZONES = ZonesFile(
    zones=(Zone("hall", ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))),),
    lines=(Line("door", (0.5, 1.0), (0.5, 0.0)),),
    calibration=Calibration(_POINTS, fit_homography(_POINTS)),
)
"""Seen from above: the picture is 10 m wide and 6 m high."""


def complete_source(stored: StoredResult) -> ExportSource:
    """Returns a source that has what any format needs."""
    return ExportSource(stored, zones_file=ZONES)


def seen(
    index: int, timestamp_ms: int, box: tuple[float, float, float, float] | None = None
) -> dict[str, Any]:
    """Returns one member of Persons. The box is left, top, width and height in ratios of the frame."""
    detail: dict[str, Any] = {"Index": index}
    if box is not None:
        detail["BoundingBox"] = dict(zip(("Left", "Top", "Width", "Height"), box, strict=True))
    return {"Timestamp": timestamp_ms, "Person": detail}


def store(
    folder: Path,
    persons: Iterable[dict[str, Any]],
    *,
    video: StoredVideo | VideoFile = IN_BUCKET,
    metadata: Mapping[str, Any] = METADATA,
    recording_time: RecordingTime | None = None,
    provenance: Provenance | None = None,
) -> StoredResult:
    """Writes result files, and opens them again."""
    writer = ChunkWriter(None)
    writer.add(observations_in(persons))
    summary = JobSummary(
        video, metadata, writer.counts, provenance or Provenance(), recording_time=recording_time
    )
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in {**writer.end().pieces, "job.json": summary.content()}.items():
        (folder / name).write_bytes(content)
    return open_stored_result(folder)

"""The rows of all tracks as one table, for pandas and supervision."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas
    import supervision

    from people_pathing.engine.tracks import TrackingResult

PERSON_CLASS = 0
"""The class `person` of COCO, numbered from 0 as supervision does."""


def to_dataframe(result: TrackingResult, recorded_at: datetime | None) -> pandas.DataFrame:
    """Returns the table as a pandas DataFrame; see `TrackingResult.to_dataframe`."""
    try:
        import pandas
    except ImportError as error:
        raise ImportError("to_dataframe needs pandas: pip install './people-pathing[pandas]'") from error
    if recorded_at is not None and recorded_at.utcoffset() is None:
        raise ValueError(f"recorded_at {recorded_at} has no time zone; add one, for example tzinfo=UTC")
    boxes, scores, indexes, frames, times_ms = _columns(result)
    start = pandas.NaT if recorded_at is None else pandas.Timestamp(recorded_at).tz_convert("UTC")
    at_utc = pandas.Series(start, index=range(len(frames)), dtype="datetime64[ms, UTC]")
    return pandas.DataFrame(
        {
            **dict(zip(("x_min", "y_min", "x_max", "y_max"), boxes.T, strict=True)),
            "class_id": np.full(len(frames), PERSON_CLASS),
            "confidence": scores,
            "tracker_id": indexes,
            "frame_index": frames,
            "timestamp_ms": times_ms,
            "at_utc": at_utc + pandas.to_timedelta(times_ms, unit="ms").as_unit("ms"),
        }
    )


def to_supervision(result: TrackingResult) -> supervision.Detections:
    """Returns the table as Detections; see `TrackingResult.to_supervision`."""
    from supervision import Detections

    boxes, scores, indexes, frames, times_ms = _columns(result)
    return Detections(
        xyxy=boxes,
        confidence=scores,
        class_id=np.full(len(frames), PERSON_CLASS),
        tracker_id=indexes,
        data={"frame_index": frames, "timestamp_ms": times_ms},
    )


def _columns(
    result: TrackingResult,
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Returns boxes, scores, indexes, frame numbers and times, by frame and then by person."""
    tracks = result.tracks
    boxes = np.concatenate([np.empty((0, 4), np.float32), *(track.boxes for track in tracks)])
    scores = np.concatenate([np.empty(0, np.float32), *(track.scores for track in tracks)])
    indexes = np.concatenate([np.empty(0, np.int64), *(np.full(len(one), one.index) for one in tracks)])
    frames = np.concatenate([np.empty(0, np.int64), *(track.frame_numbers for track in tracks)])
    times_ms = np.concatenate([np.empty(0, np.int64), *(track.timestamps_ms for track in tracks)])
    order = np.lexsort((indexes, frames))
    return boxes[order], scores[order], indexes[order], frames[order], times_ms[order]

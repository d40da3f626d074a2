"""Tracks as a pandas DataFrame and as supervision's Detections."""

import sys
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pandas as pd
import pytest
import supervision as sv

from people_pathing import Track, TrackingResult, VideoMetadata

VIDEO = VideoMetadata("h264", "QuickTime / MOV", 160, 25.0, 640, 480, None)


def track(index: int, frames: list[int], left: float) -> Track:
    numbers = np.array(frames)
    boxes = np.array([[left + frame, 60, left + frame + 40, 180] for frame in frames], np.float32)
    return Track(index, numbers, numbers * 40, boxes, np.full(len(frames), 0.5, np.float32))


RESULT = TrackingResult(VIDEO, 5, 5, np.array([0, 2, 4]), (track(0, [0, 2, 4], 10), track(1, [2], 300)))
NOBODY = TrackingResult(VIDEO, 5, 5, np.array([0, 2, 4]), ())


def test_a_dataframe_has_a_row_for_each_person_in_each_sampled_frame() -> None:
    frame = RESULT.to_dataframe()

    assert frame.columns.tolist() == [
        *("x_min", "y_min", "x_max", "y_max", "class_id", "confidence", "tracker_id"),
        *("frame_index", "timestamp_ms", "at_utc"),
    ]
    assert frame[["frame_index", "tracker_id", "x_min", "timestamp_ms"]].to_numpy().tolist() == [
        [0, 0, 10, 0],
        [2, 0, 12, 80],
        [2, 1, 302, 80],
        [4, 0, 14, 160],
    ]
    assert frame["at_utc"].isna().all()


def test_a_time_of_recording_gives_times_in_utc() -> None:
    recorded_at = datetime(2026, 3, 2, 9, tzinfo=timezone(timedelta(hours=1)))

    times = RESULT.to_dataframe(recorded_at)["at_utc"]

    assert times.dtype == "datetime64[ms, UTC]"
    assert times[1] == pd.Timestamp(datetime(2026, 3, 2, 8, 0, 0, 80_000, tzinfo=UTC))


def test_a_time_of_recording_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="has no time zone; add one"):
        RESULT.to_dataframe(datetime(2026, 3, 2, 9))


def test_a_result_without_people_has_the_same_columns_and_types() -> None:
    empty, full = NOBODY.to_dataframe(), RESULT.to_dataframe()

    assert len(empty) == 0
    assert empty.dtypes.to_dict() == full.dtypes.to_dict()
    assert len(NOBODY.to_supervision()) == 0


def test_supervision_gets_boxes_scores_and_numbers_of_tracks() -> None:
    detections = RESULT.to_supervision()

    assert isinstance(detections, sv.Detections)
    assert detections.tracker_id is not None
    assert detections.tracker_id.tolist() == [0, 0, 1, 0]
    assert detections.confidence is not None
    assert detections.confidence.tolist() == [0.5] * 4


def test_supervision_counts_in_one_frame_after_the_other() -> None:
    detections = RESULT.to_supervision()
    zone = sv.PolygonZone(np.array([[0, 0], [200, 0], [200, 400], [0, 400]]))

    counts = []
    for number in RESULT.sampled_frames:
        found = detections[detections["frame_index"] == number]
        assert isinstance(found, sv.Detections)
        zone.trigger(found)
        counts.append(zone.current_count)

    assert counts == [1, 1, 1]


def test_a_missing_pandas_is_named_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)

    with pytest.raises(ImportError, match=r"pip install './people-pathing\[pandas]'"):
        RESULT.to_dataframe()

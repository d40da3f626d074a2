from itertools import pairwise

import numpy as np
import pytest

from people_pathing.engine.motchallenge.reading import read_detections
from people_pathing.engine.tracking import association
from people_pathing.engine.tracking.association import associate_window, plan_windows
from people_pathing.engine.video import Segment, VideoMetadata


def test_only_a_long_video_has_several_windows_and_they_cover_it() -> None:
    assert [len(plan_windows(metadata_of(minutes))) for minutes in (0, 1, 22, 23, 60, 360)] == [
        1,
        1,
        1,
        2,
        4,
        24,
    ]
    windows = plan_windows(metadata_of(60))
    assert (windows[0].start_us, windows[-1].end_us) == (0, None)
    assert all(before.end_us == after.start_us for before, after in pairwise(windows))


def test_leaving_out_frames_without_people_changes_no_successor(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = np.random.default_rng(1)
    rows = [
        [
            frame,
            -1,
            10 + 4 * (frame % 100) + 150 * person,
            100 + chance.normal(),
            40,
            100,
            chance.uniform(0.3, 1),
        ]
        for frame in range(1, 600)
        for person in range(3)
        if not 40 < frame % 120 < 50 + 30 * person and chance.random() > 0.1 and not 250 < frame < 420
    ]
    detections = read_detections(rows, frame_rate=25)
    found = associate_window(detections, Segment(0, 0, None))
    assert (found > 0).mean() > 0.5

    def all_frames(times_s: np.ndarray, *_: object, backward: bool) -> np.ndarray:
        return np.ones(len(times_s), np.bool_)

    monkeypatch.setattr(association, "_with_people", all_frames)
    np.testing.assert_array_equal(associate_window(detections, Segment(0, 0, None)), found)


def metadata_of(minutes: int) -> VideoMetadata:
    return VideoMetadata("h264", "QuickTime / MOV", minutes * 60_000, 25.0, 640, 480, None)

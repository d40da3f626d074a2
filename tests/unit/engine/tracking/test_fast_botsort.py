from typing import Any

import numpy as np
import pytest
import supervision
from numpy.typing import NDArray
from trackers import BoTSORTTracker

from people_pathing.engine.tracking.fast_botsort import BoxOverlap, FastBoTSORT


def original_identities(
    tracker: BoTSORTTracker, boxes: NDArray[np.float32], scores: NDArray[np.float32], timestamp_s: float
) -> NDArray[np.int64]:
    found = tracker.update(
        supervision.Detections(xyxy=boxes, confidence=scores, data={"position": np.arange(len(boxes))}),
        timestamp=timestamp_s,
    )
    identities = np.full(len(boxes), -1)
    if len(found):
        identities[found.data["position"]] = found.tracker_id
    return identities


def test_people_are_tracked_as_by_the_original() -> None:
    original, fast = BoTSORTTracker(frame_rate=10, enable_cmc=False), FastBoTSORT(frame_rate=10)
    random = np.random.default_rng(3)
    places, speeds = random.uniform(0, 400, (12, 2)), random.normal(0, 4, (12, 2))
    for step, timestamp_s in enumerate(np.cumsum(random.choice([0.1, 0.12, 0.5], 150)).tolist()):
        corners = places + step * speeds + random.normal(0, 2, (12, 2))
        boxes = np.hstack([corners, corners + random.normal([40, 100], 3, (12, 2))]).astype(np.float32)
        scores = random.uniform(0.1, 1, 12).astype(np.float32)
        seen = random.random(12) < (0 if step % 40 > 36 else 0.9)

        expected = original_identities(original, boxes[seen], scores[seen], timestamp_s)
        assert fast.identities(boxes[seen], scores[seen], timestamp_s).tolist() == expected.tolist()

        fast.filters.correct()
        tracks: list[Any] = list(fast.tracks)
        for one, other in zip(original.tracks, tracks, strict=True):
            filter_ = one.state_estimator.kf
            place, speed, *covariance = fast.filters.state[:, other.row]
            np.testing.assert_allclose(np.concatenate([place, speed]), filter_.state.ravel(), rtol=1e-9)
            blocks = [filter_.state_covariance[:4, :4], filter_.state_covariance[:4, 4:]]
            blocks.append(filter_.state_covariance[4:, 4:])
            np.testing.assert_allclose(covariance, [block.diagonal() for block in blocks], rtol=1e-9)
    assert len({track.tracker_id for track in original.tracks}) > 3


def test_a_person_who_shrinks_to_nothing_is_tracked_as_by_the_original() -> None:
    original, fast = BoTSORTTracker(frame_rate=10, enable_cmc=False), FastBoTSORT(frame_rate=10)
    scores = np.array([0.9], np.float32)
    for step in range(12):
        width = 40 * 0.7**step
        boxes = np.array([[100, 100, 100 + width, 100 + 2 * width]], np.float32)
        expected = original_identities(original, boxes, scores, step * 0.1)
        assert fast.identities(boxes, scores, step * 0.1).tolist() == expected.tolist()


@pytest.mark.filterwarnings("ignore:.*duplicate timestamp")
def test_frames_at_the_same_time_are_tracked_as_by_the_original() -> None:
    original, fast = BoTSORTTracker(frame_rate=10, enable_cmc=False), FastBoTSORT(frame_rate=10)
    for timestamp_s, count in ((0.0, 2), (0.1, 3), (0.1, 3), (0.2, 3), (0.2, 1), (0.3, 3)):
        left = 100 * np.arange(count) + 20 * timestamp_s
        boxes = np.stack([left, 0 * left, left + 40, 0 * left + 90], axis=1).astype(np.float32)
        scores = np.full(count, 0.9, np.float32)
        expected = original_identities(original, boxes, scores, timestamp_s)
        assert fast.identities(boxes, scores, timestamp_s).tolist() == expected.tolist()


def test_the_library_does_not_list_the_fast_tracker() -> None:
    assert BoTSORTTracker._registry["botsort"].tracker_class is BoTSORTTracker


def test_boxes_without_an_area_overlap_nothing() -> None:
    point, box = np.full((1, 4), 5.0), np.array([[0.0, 0, 10, 10]])
    assert BoxOverlap().compute(point, np.concatenate([point, box])).tolist() == [[0, 0]]

import numpy as np
import supervision
from trackers import BoTSORTTracker

from people_pathing.engine.tracking.fast_botsort import BoxFilter, BoxOverlap


def test_people_are_tracked_as_by_the_original_parts() -> None:
    original = BoTSORTTracker(frame_rate=10, enable_cmc=False)
    fast = BoTSORTTracker(frame_rate=10, enable_cmc=False, state_estimator_class=BoxFilter, iou=BoxOverlap())
    random = np.random.default_rng(3)
    places, speeds = random.uniform(0, 400, (12, 2)), random.normal(0, 4, (12, 2))
    seconds = np.cumsum(random.choice([0.1, 0.12, 0.5], 150))
    for step, timestamp in enumerate(seconds):
        corners = places + step * speeds + random.normal(0, 2, (12, 2))
        boxes = np.hstack([corners, corners + random.normal([40, 100], 3, (12, 2))]).astype(np.float32)
        scores = random.uniform(0.1, 1, 12).astype(np.float32)
        found = [
            tracker.update(supervision.Detections(xyxy=boxes, confidence=scores), timestamp=float(timestamp))
            for tracker in (original, fast)
        ]
        assert found[0].tracker_id is not None
        assert found[1].tracker_id is not None
        assert found[0].tracker_id.tolist() == found[1].tracker_id.tolist()
        for one, other in zip(original.tracks, fast.tracks, strict=True):
            expected = one.get_state_bbox()
            np.testing.assert_allclose(other.get_state_bbox(), expected, rtol=1e-9, atol=1e-9)
    assert len({track.tracker_id for track in original.tracks}) > 3


def test_boxes_without_an_area_overlap_nothing() -> None:
    point, box = np.full((1, 4), 5.0), np.array([[0.0, 0, 10, 10]])
    assert BoxOverlap().compute(point, np.concatenate([point, box])).tolist() == [[0, 0]]

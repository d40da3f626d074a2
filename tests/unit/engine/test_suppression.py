import numpy as np

from people_pathing.engine.suppression import MAX_DETECTIONS, non_maximum_suppression


def overlap(one: list[float], other: list[float]) -> float:
    width = max(0, min(one[2], other[2]) - max(one[0], other[0]))
    height = max(0, min(one[3], other[3]) - max(one[1], other[1]))
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return width * height / (sum(areas) - width * height)


def test_a_box_is_kept_unless_it_overlaps_a_better_one_that_is_kept() -> None:
    random = np.random.default_rng(1)
    corners = random.uniform(0, 200, (150, 2))
    boxes = np.hstack([corners, corners + random.uniform(20, 80, (150, 2))]).astype(np.float32)
    scores = random.uniform(0.1, 1, 150).astype(np.float32)
    expected: list[list[float]] = []
    for box in boxes[np.argsort(-scores)].tolist():
        if all(overlap(box, better) <= 0.4 for better in expected):
            expected.append(box)
    assert 20 < len(expected) < 130
    assert non_maximum_suppression(boxes, scores, max_iou=0.4).boxes.tolist() == expected


def test_only_the_best_boxes_of_a_noisy_frame_are_kept() -> None:
    corners = np.indices((60, 60)).reshape(2, -1).T.astype(np.float32) * 10
    boxes, scores = np.hstack([corners, corners + 9]), np.linspace(0.1, 1, 3600, dtype=np.float32)
    found = non_maximum_suppression(boxes, scores, max_iou=0.5)
    assert found.scores.tolist() == scores[::-1][:MAX_DETECTIONS].tolist()


def test_no_box_is_kept_if_there_is_none() -> None:
    found = non_maximum_suppression(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), max_iou=0.5)
    assert [column.shape for column in found] == [(0, 4), (0,)]


def test_the_best_of_overlapping_boxes_is_kept() -> None:
    boxes = np.array([[0, 0, 10, 10], [1, 0, 11, 10], [6, 0, 16, 10], [50, 50, 60, 60]], np.float32)
    scores = np.array([0.5, 0.9, 0.6, 0.3], np.float32)
    kept, kept_scores = non_maximum_suppression(boxes, scores, max_iou=0.5)
    assert kept.tolist() == boxes[[1, 2, 3]].tolist()
    assert kept_scores.tolist() == scores[[1, 2, 3]].tolist()


def test_the_order_of_equal_boxes_does_not_matter() -> None:
    random = np.random.default_rng(5)
    boxes = random.integers(0, 30, (40, 2)).astype(np.float32)
    boxes = np.concatenate([boxes, boxes + 12], axis=1)
    scores = random.choice(np.array([0.25, 0.5], np.float32), 40)
    first = non_maximum_suppression(boxes, scores, max_iou=0.6)
    for _ in range(5):
        order = random.permutation(40)
        again = non_maximum_suppression(boxes[order], scores[order], max_iou=0.6)
        assert [column.tobytes() for column in again] == [column.tobytes() for column in first]

import numpy as np

from people_pathing.engine.suppression import non_maximum_suppression


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

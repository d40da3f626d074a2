"""Non-maximum suppression: of boxes that show the same person, the one with the best score stays."""

from __future__ import annotations

import numpy as np

from people_pathing.engine.interfaces import Boxes, FrameDetections, Scores

MAX_DETECTIONS = 300
"""Bounds the cost of a noisy frame."""


def non_maximum_suppression(boxes: Boxes, scores: Scores, max_iou: float) -> FrameDetections:
    """Keeps the best of boxes that overlap, and at most MAX_DETECTIONS of them.

    Equal scores are ordered by box, so the result does not depend on the order in which a detector lists
    its boxes.

    Args:
        boxes: (N, 4) float32, xyxy pixels.
        scores: (N,) float32.
        max_iou: intersection over union, 0..1, above which two boxes show the same person.

    Returns:
        The boxes that stay, best first.
    """
    order = np.lexsort((*boxes.T, -scores))
    boxes, scores = boxes[order], scores[order]
    areas = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    kept: list[int] = []
    remaining = np.arange(len(boxes))
    while len(remaining) and len(kept) < MAX_DETECTIONS:
        best, others = remaining[0], remaining[1:]
        kept.append(int(best))
        top_left = np.maximum(boxes[best, :2], boxes[others, :2])
        bottom_right = np.minimum(boxes[best, 2:], boxes[others, 2:])
        shared = np.maximum(bottom_right - top_left, 0).prod(axis=1)
        remaining = others[shared <= max_iou * (areas[best] + areas[others] - shared)]
    return FrameDetections(boxes[kept], scores[kept])

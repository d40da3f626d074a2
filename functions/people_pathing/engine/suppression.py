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
    left, top, right, bottom = np.ascontiguousarray(boxes.T)
    areas = (right - left) * (bottom - top)
    stays = np.ones(len(boxes), np.bool_)
    kept: list[int] = []
    best = 0
    while best < len(boxes) and len(kept) < MAX_DETECTIONS:
        kept.append(best)
        width = np.minimum(right[best:], right[best]) - np.maximum(left[best:], left[best])
        height = np.minimum(bottom[best:], bottom[best]) - np.maximum(top[best:], top[best])
        shared = np.maximum(width, 0) * np.maximum(height, 0)
        stays[best:] &= shared <= max_iou * (areas[best] + areas[best:] - shared)
        stays[best] = False
        next_best = int(stays[best:].argmax())
        best = best + next_best if next_best else len(boxes)
    return FrameDetections(boxes[kept], scores[kept])

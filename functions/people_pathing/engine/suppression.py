"""Non-maximum suppression: of boxes that show the same person, the one with the best score stays."""

from __future__ import annotations

import numpy as np

from people_pathing.engine.interfaces import Boxes, FrameDetections, Scores
from people_pathing.engine.opencv import cv2_module

MAX_CANDIDATES = 3000
MAX_DETECTIONS = 300
"""Both bound the cost of a noisy frame."""


def non_maximum_suppression(boxes: Boxes, scores: Scores, max_iou: float) -> FrameDetections:
    """Keeps the best of boxes that overlap: at most MAX_DETECTIONS of the best MAX_CANDIDATES.

    Equal scores are ordered by box, so the result does not depend on the order in which a detector lists
    its boxes.

    Args:
        boxes: (N, 4) float32, xyxy pixels.
        scores: (N,) float32, above 0.
        max_iou: intersection over union, 0..1, above which two boxes show the same person.

    Returns:
        The boxes that stay, best first.
    """
    order = np.lexsort((*boxes.T, -scores))[:MAX_CANDIDATES]
    boxes, scores = boxes[order], scores[order]
    sides = boxes.astype(np.float64)
    sides[:, 2:] -= sides[:, :2]
    kept = cv2_module().dnn.NMSBoxes(sides, scores, 0.0, max_iou)[:MAX_DETECTIONS]
    return FrameDetections(boxes[kept], scores[kept])

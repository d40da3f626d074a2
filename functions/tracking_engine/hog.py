"""OpenCV's own people detector: needs no model, finds people who stand upright and are seen whole."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tracking_engine.detector import Found, non_maximum_suppression

INPUT_PX = 1152
STRIDE_PX = 8
PYRAMID_STEP = 1.1


class HogDetector:
    """Histograms of oriented gradients with the SVM that comes with OpenCV (Dalal, Triggs, CVPR 2005)."""

    name = "hog (OpenCV)"

    def __init__(self) -> None:
        import cv2

        self._hog = cv2.HOGDescriptor()
        self._hog.setSVMDetector(np.asarray(cv2.HOGDescriptor.getDefaultPeopleDetector(), np.float32))

    def input_size(self, width_px: int, height_px: int) -> tuple[int, int]:
        scale = INPUT_PX / max(width_px, height_px)
        return max(64, round(width_px * scale)), max(128, round(height_px * scale))

    def detect(self, image: NDArray[np.uint8]) -> Found:
        found, weights = self._hog.detectMultiScale(
            image,
            hitThreshold=0.0,
            winStride=(STRIDE_PX, STRIDE_PX),
            padding=(16, 16),
            scale=PYRAMID_STEP,
            groupThreshold=0,
        )
        left, top, width, height = np.asarray(found, np.float32).reshape(-1, 4).T
        # The window it was trained on leaves a margin of 16 of 64 by 128 pixels around the person.
        boxes = np.stack(
            [left + width / 8, top + height / 16, left + width * 7 / 8, top + height * 15 / 16], axis=1
        )
        scores = np.tanh(np.asarray(weights, np.float32).reshape(-1))
        return non_maximum_suppression(boxes.astype(np.float32), scores)

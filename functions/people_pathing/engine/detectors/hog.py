"""OpenCV's own people detector: needs no model, finds people who stand upright and are seen whole."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from people_pathing.engine.detector import MIN_SCORE, Found, non_maximum_suppression

# The smallest people it knows are 96 pixels high: in a picture this wide, a twelfth of its width.
INPUT_PX = 1152
STRIDE_PX = 8
PYRAMID_STEP = 1.1
MAX_IOU = 0.4
# Training windows of 64 x 128 pixels had 16 pixels of margin; people who walk reach into it at the sides.
MARGIN = (0.2, 0.125)
# Of finds with this weight about half are people, of those a quarter above it three in four.
EVEN_WEIGHT = 1.2
STEEPNESS = 4.0


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
        beside, above = width * MARGIN[0], height * MARGIN[1]
        boxes = np.stack([left + beside, top + above, left + width - beside, top + height - above], axis=1)
        scores = likelihood(np.asarray(weights, np.float32).reshape(-1))
        likely = scores >= MIN_SCORE
        return non_maximum_suppression(boxes[likely], scores[likely], MAX_IOU)


def likelihood(weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """Turn the SVM's distances into scores 0..1 (Platt, "Probabilistic outputs for SVMs", 1999)."""
    odds: NDArray[np.float32] = np.exp(STEEPNESS * (weights - np.float32(EVEN_WEIGHT)))
    return odds / (1 + odds)

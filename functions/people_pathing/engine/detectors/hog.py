"""OpenCV's HOG detector: needs no model; finds people who stand upright and are fully visible."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from people_pathing.engine.errors import DetectorError
from people_pathing.engine.interfaces import MIN_PERSON_SCORE, FrameDetections, Image
from people_pathing.engine.models import KnownModel
from people_pathing.engine.onnx_session import CPU
from people_pathing.engine.opencv import cv2_module
from people_pathing.engine.suppression import non_maximum_suppression

SUMMARY = "OpenCV's HOG detector: needs no model, finds far fewer people"
MODELS: tuple[KnownModel, ...] = ()
ACCEPTS_INPUT_PX = False

INPUT_PX = 1152
"""Longer side of the image. HOG finds people from 96 pixels on, which is a twelfth of this width."""
STRIDE_PX = 8
PYRAMID_STEP = 1.1
MAX_IOU = 0.4
MARGIN = (0.2, 0.125)
"""Shares of width and height that are cut off each side of a found window. The training windows of 64 x 128
pixels had a margin of 16 pixels, but the arms and legs of a person who walks reach into it at the sides."""
EVEN_WEIGHT = 1.2
"""SVM distance at which half of the found windows are people."""
STEEPNESS = 4.0
"""Slope of the likelihood: at a distance 0.25 above EVEN_WEIGHT, three in four windows are people."""


def load(model: Path | None, *, input_px: int | None, providers: Sequence[str] = CPU) -> HogDetector:
    """Creates the detector. Raises DetectorError if an option is given."""
    if model is not None or input_px is not None or tuple(providers) != CPU:
        raise DetectorError("the hog detector takes no model, no input size and no execution providers")
    return HogDetector()


class HogDetector:
    """Histograms of oriented gradients with the SVM that OpenCV provides (Dalal and Triggs, CVPR 2005)."""

    name = "hog (OpenCV)"
    model_sha256 = None
    pixel_s = 360e-9
    """Measured: 165 to 179 ns, doubled as in `engine.planning.work`."""

    def __init__(self) -> None:
        """Loads the SVM that OpenCV provides. Raises DetectorError if OpenCV cannot be loaded."""
        cv2 = cv2_module()
        self._hog = cv2.HOGDescriptor()
        self._hog.setSVMDetector(np.asarray(cv2.HOGDescriptor.getDefaultPeopleDetector(), np.float32))

    def input_size(self, width_px: int, height_px: int) -> tuple[int, int]:
        """Returns the frame's shape with INPUT_PX as its longer side, but at least one training window."""
        scale = INPUT_PX / max(width_px, height_px)
        return max(64, round(width_px * scale)), max(128, round(height_px * scale))

    def detect(self, image: Image) -> FrameDetections:
        """Finds the people in one image; see `interfaces.Detector`."""
        windows, weights = self._hog.detectMultiScale(
            image,
            hitThreshold=0.0,
            winStride=(STRIDE_PX, STRIDE_PX),
            padding=(16, 16),
            scale=PYRAMID_STEP,
            groupThreshold=0,
        )
        left, top, width, height = np.asarray(windows, np.float32).reshape(-1, 4).T
        side, above = width * MARGIN[0], height * MARGIN[1]
        boxes = np.stack([left + side, top + above, left + width - side, top + height - above], axis=1)
        scores = likelihood(np.asarray(weights, np.float32).reshape(-1))
        likely = scores >= MIN_PERSON_SCORE
        return non_maximum_suppression(boxes[likely], scores[likely], MAX_IOU)


def likelihood(weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """Turns the SVM's distances (N,) into scores 0..1 (Platt, "Probabilistic outputs for SVMs", 1999)."""
    odds: NDArray[np.float32] = np.exp(STEEPNESS * (weights - np.float32(EVEN_WEIGHT)))
    return odds / (1 + odds)

"""Turns the output of a YOLOX network into boxes and scores."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from people_pathing.engine.detectors.yolox.network import STRIDES, Maps, load_network
from people_pathing.engine.interfaces import MIN_PERSON_SCORE, FrameDetections, Image
from people_pathing.engine.onnx_session import CPU
from people_pathing.engine.suppression import non_maximum_suppression

WEIGHT_S = 47e-15
"""Seconds for each pixel of the input and each byte of the model's file. All YOLOX networks, from nano to x,
use each weight about as often: 3.4 to 3.7 times for 1,000 pixels. Measured with nano, whose layers are the
least efficient: 59 to 85 ns per pixel, growing with the input. As in `planning.work`, it is doubled."""
MAX_IOU = 0.6
"""Overlap above which two boxes are taken for the same person."""


class YoloxDetector:
    """A YOLOX model in an ONNX file.

    Attributes:
        name: "yolox" and the name of the file.
        pixel_s: estimated seconds per pixel of the input.
        model_sha256: hexadecimal SHA-256 of the file.
    """

    def __init__(self, model_path: Path, input_px: int | None = None, providers: Sequence[str] = CPU) -> None:
        """Loads the model.

        Args:
            model_path: an export made by YOLOX's own script, without --decode_in_inference.
            input_px: longer side of the image that the network receives; None to choose it by the frame.
                A larger image shows smaller people, and its cost grows with the square. A graph whose input
                size is fixed keeps that size.
            providers: see `onnx_session.inference_session`.

        Raises:
            DetectorError: The file is not such a model, or a provider is not available.
        """
        self.name = f"yolox ({model_path.name})"
        self._network = load_network(model_path, input_px, providers)
        self.pixel_s = WEIGHT_S * model_path.stat().st_size
        self.model_sha256 = hashlib.sha256(model_path.read_bytes()).hexdigest()

    def input_size(self, width_px: int, height_px: int) -> tuple[int, int]:
        """Returns the size of the scaled frame; see `interfaces.Detector`."""
        return self._network.image_size(width_px, height_px)

    def maps(self, image: Image) -> Maps:
        """Returns the network's output before boxes are decoded, so that it can be timed alone."""
        return self._network.maps(image)

    def detect(self, image: Image) -> FrameDetections:
        """Finds the people in one image; see `interfaces.Detector`."""
        found = [
            _decoded(boxes, scores, stride)
            for stride, (boxes, scores) in zip(STRIDES, self.maps(image), strict=True)
        ]
        return non_maximum_suppression(
            np.concatenate([people.boxes for people in found]),
            np.concatenate([people.scores for people in found]),
            MAX_IOU,
        )


def _decoded(boxes: NDArray[np.float32], scores: NDArray[np.float32], stride: int) -> FrameDetections:
    """Decodes the boxes of the cells that score enough.

    Args:
        boxes: (4, H, W): the centre's offset from the cell's corner and the logarithms of width and height,
            all in strides.
        scores: (H, W).
        stride: pixels per cell.
    """
    y, x = np.nonzero(scores >= MIN_PERSON_SCORE)
    offset_x, offset_y, width, height = boxes[:, y, x]
    centre = np.stack([offset_x + x, offset_y + y], axis=1) * stride
    half = np.exp(np.stack([width, height], axis=1)) * (stride / 2)
    corners = np.concatenate([centre - half, centre + half], axis=1).astype(np.float32)
    return FrameDetections(corners, scores[y, x])

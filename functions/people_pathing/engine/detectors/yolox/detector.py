"""Turns the output of a YOLOX network into boxes and scores."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
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
        return non_maximum_suppression(*_decoded(self.maps(image)), MAX_IOU)


def _decoded(maps: Maps) -> FrameDetections:
    """Decodes the boxes of the cells that score enough.

    A box is the centre's offset from the cell's corner, and the logarithms of width and height, in strides.
    """
    levels = [(boxes.reshape(4, -1), scores.ravel()) for boxes, scores in maps]
    cells, strides = _cells(tuple(scores.shape for _, scores in maps))
    scores = np.concatenate([scores for _, scores in levels])
    found = np.flatnonzero(scores >= MIN_PERSON_SCORE)
    boxes = np.concatenate([boxes for boxes, _ in levels], axis=1)[:, found]
    stride = strides[found]
    centre = (boxes[:2] + cells[:, found]) * stride
    half = np.exp(boxes[2:]) * (stride / 2)
    return FrameDetections(np.concatenate([centre - half, centre + half]).T, scores[found])


@lru_cache(maxsize=4)
def _cells(shapes: tuple[tuple[int, ...], ...]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Returns column and row (2, N) and stride (N,) of the cells of all maps, whose shapes are given."""
    places = [np.indices(shape)[::-1].reshape(2, -1) for shape in shapes]
    strides = np.repeat(STRIDES, [place.shape[1] for place in places])
    return np.concatenate(places, axis=1).astype(np.float32), strides.astype(np.float32)

"""Runs a YOLOX graph: with any input size if the graph can be edited for that, else with its own size."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from people_pathing.engine.errors import DetectorError
from people_pathing.engine.interfaces import Image
from people_pathing.engine.networks import as_input
from people_pathing.engine.onnx_session import inference_session

if TYPE_CHECKING:
    from onnx import ModelProto

    from people_pathing.engine.onnx_session import InferenceSession

logger = logging.getLogger(__name__)

STRIDES = (8, 16, 32)
"""Pixels per cell of the three feature maps, fine to coarse."""
AUTOMATIC_INPUT_PX = (640, 960)
"""Bounds of the automatic input size, which is half the frame's longer side. Below the first, people become
too small to detect. Above the second, few more people are found, and the cost grows with the square."""
PADDING_GREY = 114
"""YOLOX was trained with this grey in the unused part of its input."""

EXPECTED_SHAPES = "YOLOX has one input (1, 3, height, width) and one output (1, cells, 5 + classes), float32"

Maps = list[tuple[NDArray[np.float32], NDArray[np.float32]]]
"""For each of STRIDES: boxes (4, H, W) in strides, and person scores (H, W) 0..1."""


class Network(Protocol):
    """A loaded YOLOX graph."""

    def image_size(self, width_px: int, height_px: int) -> tuple[int, int]:
        """Returns the size of the scaled image for a frame of the given size."""

    def maps(self, image: Image) -> Maps:
        """Returns the network's output for an image of that size."""


class AnySizeNetwork:
    """A graph whose input may have any size that is a multiple of the coarsest stride."""

    def __init__(self, session: InferenceSession, input_px: int | None) -> None:
        """Wraps a session of an edited graph; see `graph.people_only_any_size`."""
        self._session = session
        self._input_px = input_px
        self._input_name = session.get_inputs()[0].name

    def image_size(self, width_px: int, height_px: int) -> tuple[int, int]:
        """Returns the frame's shape, rounded to multiples of the coarsest stride."""
        longer_px = max(width_px, height_px)
        smallest_px, largest_px = AUTOMATIC_INPUT_PX
        input_px = self._input_px or min(max(longer_px / 2, smallest_px), largest_px)
        scale = input_px / longer_px / STRIDES[-1]
        width, height = (max(1, round(side_px * scale)) for side_px in (width_px, height_px))
        return width * STRIDES[-1], height * STRIDES[-1]

    def maps(self, image: Image) -> Maps:
        """Returns the network's output for an image of that size."""
        out = self._session.run(None, {self._input_name: as_input(image)})
        return [
            (boxes[0], objectness[0, 0] * person[0, 0])
            for boxes, objectness, person in zip(out[::3], out[1::3], out[2::3], strict=True)
        ]


class FixedSizeNetwork:
    """A graph that accepts one size only. Images are fitted into it; the rest is grey."""

    def __init__(self, session: InferenceSession) -> None:
        """Wraps a session of an unchanged export."""
        self._session = session
        self._input_name = session.get_inputs()[0].name
        self._height_px, self._width_px = session.get_inputs()[0].shape[2:]

    def image_size(self, width_px: int, height_px: int) -> tuple[int, int]:
        """Returns the largest size with the frame's shape that fits into the input."""
        scale = min(self._width_px / width_px, self._height_px / height_px)
        return max(1, round(width_px * scale)), max(1, round(height_px * scale))

    def maps(self, image: Image) -> Maps:
        """Returns the network's output for an image that fits into the input."""
        canvas = np.full((self._height_px, self._width_px, 3), PADDING_GREY, np.uint8)
        canvas[: image.shape[0], : image.shape[1]] = image
        (rows,) = self._session.run(None, {self._input_name: as_input(canvas)})
        maps: Maps = []
        start = 0
        for stride in STRIDES:
            height, width = self._height_px // stride, self._width_px // stride
            level = rows[0, start : start + height * width].T.reshape(-1, height, width)
            maps.append((level[:4], level[4] * level[5]))
            start += height * width
        return maps


def load_network(path: Path, input_px: int | None, providers: Sequence[str]) -> Network:
    """Loads a YOLOX graph, and removes its fixed input size if its last layers are recognised.

    Args:
        path: ONNX file.
        input_px: longer side of the input; None to choose it by the frame.
        providers: see `onnx_session.inference_session`.

    Raises:
        DetectorError: The file is not a YOLOX model, it decodes boxes itself, or a provider is not available.
    """
    import onnx

    from people_pathing.engine.detectors.yolox.graph import people_only_any_size

    try:
        model = onnx.load(path)
        onnx.checker.check_model(model)
    except Exception as error:
        reason = str(error).partition("\n")[0]
        raise DetectorError(f"{path}: not an ONNX model ({reason})") from error
    if any(node.op_type == "Exp" for node in model.graph.node):
        raise DetectorError(f"{path}: decodes boxes by itself; export it without --decode_in_inference")
    try:
        network = AnySizeNetwork(inference_session(people_only_any_size(model), providers), input_px)
        if _follows_input_size(network):
            return network
        reason = "its outputs do not follow the size of the input"
    except DetectorError:
        raise
    except Exception as error:  # ONNX Runtime has no common class for what it finds wrong with a graph
        reason = str(error)
    return _fixed_size_network(path, model, reason, providers)


def _follows_input_size(network: AnySizeNetwork) -> bool:
    width_px, height_px = 3 * STRIDES[-1], 2 * STRIDES[-1]
    trial = network.maps(np.zeros((height_px, width_px, 3), np.uint8))
    sizes = [(height_px // stride, width_px // stride) for stride in STRIDES]
    return [(boxes.shape, scores.shape) for boxes, scores in trial] == [((4, *size), size) for size in sizes]


def _fixed_size_network(
    path: Path, model: ModelProto, reason: str, providers: Sequence[str]
) -> FixedSizeNetwork:
    try:
        session = inference_session(model, providers)
        (image,), (rows,) = session.get_inputs(), session.get_outputs()
        batch, channels, height, width = image.shape
        _, cells, columns = rows.shape
        fits = (batch, channels) == (1, 3) and columns > 5 and image.type == rows.type == "tensor(float)"
        fits = fits and cells == sum((height // stride) * (width // stride) for stride in STRIDES)
    except Exception as error:
        raise DetectorError(f"{path}: not a YOLOX model; {EXPECTED_SHAPES}") from error
    if not fits:
        raise DetectorError(f"{path}: not a YOLOX model: {image.shape} -> {rows.shape}; {EXPECTED_SHAPES}")
    logger.warning("%s: its input stays %d x %d pixels (%s)", path, width, height, reason)
    return FixedSizeNetwork(session)

"""Person detectors: YOLOX under ONNX Runtime, and OpenCV's HOG where no model can be had."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from onnx import ModelProto
    from onnxruntime import InferenceSession as InferenceSession  # type: ignore[import-untyped]

logger = logging.getLogger(__name__)

Boxes = NDArray[np.float32]
Scores = NDArray[np.float32]
Found = tuple[Boxes, Scores]

# Half of a large frame is enough to see people in; below the smaller bound they become too small, and above
# the larger one what is found grows slowly and what it costs grows with the square.
AUTOMATIC_INPUT_PX = (640, 960)
# Weak detections are worth keeping: linking finds out which of them continue a path.
MIN_SCORE = 0.1
MAX_IOU = 0.6
MAX_DETECTIONS = 300
STRIDES = (8, 16, 32)
PADDING_GREY = 114


class DetectorError(Exception):
    """A detector cannot be made; the message names the file or setting and what would be right."""


class Detector(Protocol):
    """Finds the people in a frame. Must give the same answer to the same frame, in whatever thread."""

    @property
    def name(self) -> str:
        """What logs and results call it."""

    def input_size(self, width_px: int, height_px: int) -> tuple[int, int]:
        """Width and height to which frames of that displayed size are to be scaled for `detect`."""

    def detect(self, image: NDArray[np.uint8]) -> Found:
        """Find people in an (H, W, 3) uint8 BGR image of the size asked for.

        Returns boxes (N, 4) float32, xyxy pixels of that image, and scores (N,) float32 in 0..1, best first.
        """


def load_detector(
    name: Literal["yolox", "hog"] | None = None,
    model: str | os.PathLike[str] | None = None,
    *,
    input_px: int | None = None,
    cache_dir: Path | None = None,
) -> Detector:
    """Make the detector asked for; None is YOLOX, or with a warning HOG where no YOLOX model can be had.

    model       a YOLOX ONNX file, or the name of one in `models.REGISTRY`, fetched where it is not in
                cache_dir yet; by default the smallest
    input_px    the longer side of what YOLOX sees, in steps of 32; by default half the frame's longer side,
                but 640 at least and 960 at most. 960 or 1280 find people too small for 640

    Raises DetectorError where the file is no such model, where "yolox" or what only it has is asked for and
    cannot be had, and where the HOG detector is told what it cannot be told.
    """
    from people_pathing.engine import models
    from people_pathing.engine.detectors.hog import HogDetector

    if name not in ("yolox", "hog", None):
        raise DetectorError(f"no detector is called {name!r}; there are 'yolox' and 'hog'")
    if name == "hog":
        if model is not None:
            raise DetectorError(
                f"the HOG detector takes no model; leave out {os.fspath(model)} or use 'yolox'"
            )
        if input_px is not None:
            raise DetectorError(
                f"the HOG detector's input has a size of its own; leave out {input_px} pixels or use 'yolox'"
            )
        return HogDetector()
    wanted = os.fspath(model) if model is not None else models.DEFAULT_MODEL
    if wanted not in models.REGISTRY:
        return YoloxDetector(Path(wanted), input_px)
    try:
        path = models.fetch(wanted, cache_dir or models.default_cache_dir())
    except models.ModelError as error:
        if name == "yolox" or model is not None or input_px is not None:
            raise DetectorError(str(error)) from error
        logger.warning(
            "%s. People are looked for with OpenCV's HOG detector instead, which finds far fewer of them; "
            "give a YOLOX ONNX file to do better",
            error,
        )
        return HogDetector()
    return YoloxDetector(path, input_px)


def non_maximum_suppression(boxes: Boxes, scores: Scores, max_iou: float = MAX_IOU) -> Found:
    """Keep the best of boxes that overlap by more than max_iou; the best MAX_DETECTIONS, best first.

    boxes (N, 4) float32 xyxy, scores (N,) float32. Equal scores are ordered by box, so that the order in
    which a detector happens to list its finds does not matter.
    """
    order = np.lexsort((*boxes.T, -scores))
    boxes, scores = boxes[order], scores[order]
    areas = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    kept: list[int] = []
    remaining = np.arange(len(boxes))
    while len(remaining) and len(kept) < MAX_DETECTIONS:
        best, others = remaining[0], remaining[1:]
        kept.append(int(best))
        near = np.maximum(boxes[best, :2], boxes[others, :2])
        far = np.minimum(boxes[best, 2:], boxes[others, 2:])
        shared = np.maximum(far - near, 0).prod(axis=1)
        remaining = others[shared <= max_iou * (areas[best] + areas[others] - shared)]
    return boxes[kept], scores[kept]


class YoloxDetector:
    """A YOLOX model (Ge et al., "YOLOX: Exceeding YOLO Series in 2021") in an ONNX file.

    model_path   an export made by YOLOX's own script, which leaves the decoding of boxes to the caller
    input_px     the longer side of the image that the network sees, None to go by the frame; larger finds
                 smaller people, at a cost that grows with its square. A graph that cannot be freed of its
                 own size keeps that

    Raises DetectorError where the file is no such model.
    """

    def __init__(self, model_path: Path, input_px: int | None = None) -> None:
        self.name = f"yolox ({model_path.name})"
        self._network = _load_network(model_path, input_px)

    def input_size(self, width_px: int, height_px: int) -> tuple[int, int]:
        return self._network.image_size(width_px, height_px)

    def maps(self, image: NDArray[np.uint8]) -> Maps:
        """What the network says, before boxes are made of it."""
        return self._network.maps(image)

    def detect(self, image: NDArray[np.uint8]) -> Found:
        found = [
            _decoded(boxes, scores, stride)
            for stride, (boxes, scores) in zip(STRIDES, self.maps(image), strict=True)
        ]
        return non_maximum_suppression(
            np.concatenate([boxes for boxes, _ in found]), np.concatenate([scores for _, scores in found])
        )


# Box offsets (4, H, W) and person scores (H, W) of each of STRIDES.
Maps = list[tuple[NDArray[np.float32], NDArray[np.float32]]]


class _Network(Protocol):
    def image_size(self, width_px: int, height_px: int) -> tuple[int, int]: ...

    def maps(self, image: NDArray[np.uint8]) -> Maps: ...


class _AnySizeNetwork:
    """A graph freed of its own input size: takes any multiple of the coarsest stride."""

    def __init__(self, session: InferenceSession, input_px: int | None) -> None:
        self._session = session
        self._input_px = input_px
        self._input_name = session.get_inputs()[0].name

    def image_size(self, width_px: int, height_px: int) -> tuple[int, int]:
        longer_px = max(width_px, height_px)
        smallest_px, largest_px = AUTOMATIC_INPUT_PX
        input_px = self._input_px or min(max(longer_px / 2, smallest_px), largest_px)
        scale = input_px / longer_px / STRIDES[-1]
        width, height = (max(1, round(side_px * scale)) for side_px in (width_px, height_px))
        return width * STRIDES[-1], height * STRIDES[-1]

    def maps(self, image: NDArray[np.uint8]) -> Maps:
        out = self._session.run(None, {self._input_name: _as_input(image)})
        return [
            (boxes[0], objectness[0, 0] * person[0, 0])
            for boxes, objectness, person in zip(out[::3], out[1::3], out[2::3], strict=True)
        ]


class _FixedSizeNetwork:
    """A graph that takes one size only; the image is fitted into it, the rest is grey."""

    def __init__(self, session: InferenceSession) -> None:
        self._session = session
        self._input_name = session.get_inputs()[0].name
        self._height_px, self._width_px = session.get_inputs()[0].shape[2:]

    def image_size(self, width_px: int, height_px: int) -> tuple[int, int]:
        scale = min(self._width_px / width_px, self._height_px / height_px)
        return max(1, round(width_px * scale)), max(1, round(height_px * scale))

    def maps(self, image: NDArray[np.uint8]) -> Maps:
        canvas = np.full((self._height_px, self._width_px, 3), PADDING_GREY, np.uint8)
        canvas[: image.shape[0], : image.shape[1]] = image
        (rows,) = self._session.run(None, {self._input_name: _as_input(canvas)})
        maps: Maps = []
        start = 0
        for stride in STRIDES:
            height, width = self._height_px // stride, self._width_px // stride
            level = rows[0, start : start + height * width].T.reshape(-1, height, width)
            maps.append((level[:4], level[4] * level[5]))
            start += height * width
        return maps


def _load_network(path: Path, input_px: int | None) -> _Network:
    import onnx

    from people_pathing.engine.detectors.yolox import graph as yolox_graph

    if not path.is_file():
        raise DetectorError(f"{path}: there is no such file; a YOLOX model exported to ONNX would be right")
    try:
        model = onnx.load(path)
        onnx.checker.check_model(model)
    except Exception as error:
        raise DetectorError(f"{path}: not an ONNX model ({str(error).splitlines()[0]})") from error
    if any(node.op_type == "Exp" for node in model.graph.node):
        raise DetectorError(f"{path}: decodes boxes by itself; export it without --decode_in_inference")
    try:
        network = _AnySizeNetwork(inference_session(yolox_graph.people_only_any_size(model)), input_px)
        trial = network.maps(np.zeros((2 * STRIDES[-1], 3 * STRIDES[-1], 3), np.uint8))
        if [(boxes.shape, scores.shape) for boxes, scores in trial] == [
            ((4, 64 // stride, 96 // stride), (64 // stride, 96 // stride)) for stride in STRIDES
        ]:
            return network
        reason = "its outputs do not follow the size of the input"
    except Exception as error:  # ONNX Runtime has no common class for what it finds wrong with a graph
        reason = str(error)
    return _fixed_size_network(path, model, reason)


def _fixed_size_network(path: Path, model: ModelProto, reason: str) -> _Network:
    wanted = "YOLOX has one input (1, 3, height, width) and one output (1, cells, 5 + classes), float32"
    try:
        session = inference_session(model)
        (image,), (rows,) = session.get_inputs(), session.get_outputs()
        batch, channels, height, width = image.shape
        _, cells, columns = rows.shape
        fits = (batch, channels) == (1, 3) and columns > 5 and image.type == rows.type == "tensor(float)"
        fits = fits and cells == sum((height // stride) * (width // stride) for stride in STRIDES)
    except Exception as error:
        raise DetectorError(f"{path}: not a YOLOX model; {wanted}") from error
    if not fits:
        raise DetectorError(f"{path}: not a YOLOX model: {image.shape} -> {rows.shape}; {wanted}")
    logger.warning("%s: its input stays %d x %d pixels (%s)", path, width, height, reason)
    return _FixedSizeNetwork(session)


def inference_session(model: ModelProto) -> InferenceSession:
    """One thread a call: callers run frames side by side, and the sums come out the same on any machine."""
    # It reports its use to Microsoft unless it is told not to before it is loaded (its Privacy.md).
    os.putenv("ORT_DISABLE_TELEMETRY", "1")
    from onnxruntime import InferenceSession, SessionOptions

    options = SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    return InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def _as_input(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    return np.ascontiguousarray(image.transpose(2, 0, 1)[None], np.float32)


def _decoded(boxes: NDArray[np.float32], scores: NDArray[np.float32], stride: int) -> Found:
    """Boxes that score enough: offsets are from the cell's corner, sizes are logarithms, both in strides."""
    y, x = np.nonzero(scores >= MIN_SCORE)
    offset_x, offset_y, width, height = boxes[:, y, x]
    centre = np.stack([offset_x + x, offset_y + y], axis=1) * stride
    half = np.exp(np.stack([width, height], axis=1)) * (stride / 2)
    return np.concatenate([centre - half, centre + half], axis=1).astype(np.float32), scores[y, x]

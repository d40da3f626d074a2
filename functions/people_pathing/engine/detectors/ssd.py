"""Intel's person-detection-0200: a single-shot detector (Liu et al., "SSD", ECCV 2016) on MobileNetV2."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from people_pathing.engine.errors import DetectorError
from people_pathing.engine.interfaces import FrameDetections, Image
from people_pathing.engine.networks import as_input, model_errors
from people_pathing.engine.onnx_session import CPU, inference_session
from people_pathing.engine.openvino_ir.model import OpenVinoModel, PinnedFile
from people_pathing.engine.suppression import non_maximum_suppression

if TYPE_CHECKING:
    from people_pathing.engine.onnx_session import InferenceSession

SUMMARY = "person-detection-0200 of Intel's Open Model Zoo: faster than YOLOX on wide frames"
ACCEPTS_INPUT_PX = True
MODELS = (
    OpenVinoModel(
        name="person-detection-0200",
        url="https://storage.openvinotoolkit.org/repositories/open_model_zoo/2021.4/models_bin/2/"
        "person-detection-0200/FP16/person-detection-0200",
        xml=PinnedFile(192_768, "a23f88164c2ae6e1d5ba8e367eaf6ea985d3d90c55e1e484ff66c854838311b2"),
        weights=PinnedFile(3_634_626, "4d02a1f26826350395c7271034925d9f4c75adb109de12d0c03f77276ae810cf"),
        # Scores and boxes of the two strides. After them, the network fixes the size of its input.
        outputs=("Conv_152", "Conv_156", "Conv_160", "Conv_164"),
        any_input_size=True,
        size_bytes=7_295_503,
        sha256="9377f52de78866ace42abbebf8f83cb8653bdca5ed21c092dc251d3defe17b27",
        licence="Apache-2.0",
    ),
)

INPUT_PX = 512
"""Default of the longer side. The model was trained with 256, where people in wide scenes are too small."""
STEP_PX = 32
MIN_PROBABILITY = 0.05
"""Below it, the network sees people everywhere: of the boxes from 0.02 to 0.05 on vtest and tud-stadtmitte,
one in a thousand was a person. Keeping these would gain 0.3 IDF1 and give tracking five times the boxes."""
SCORE_EXPONENT = 0.7
"""Brings probabilities to the scale of YOLOX's scores. An earlier comparison on eight sequences chose it,
from 1, 0.7, 0.5 and a fitted logistic map. On vtest and tud-stadtmitte alone, it is also the best of these,
0.85 and 0.6, by the mean accuracy of tracks over random changes of all settings."""
MAX_IOU = 0.5
"""Overlap above which two boxes are taken for the same person."""
BOX_VARIANCES = (0.1, 0.2)
"""Factors of a box's offsets and of the logarithms of its sides, from the IR."""


class Anchors(NamedTuple):
    """The usual boxes in each cell of a feature map, from the IR. The network predicts how a person differs.

    Attributes:
        stride: pixels per cell.
        width_px: widths of the boxes.
        height_px: heights of the boxes.
    """

    stride: int
    width_px: tuple[float, ...]
    height_px: tuple[float, ...]


ANCHORS = (
    Anchors(16, (3.9454165, 8.452667, 11.435921, 15.633864), (12.883536, 25.781248, 40.46382, 57.19911)),
    Anchors(
        32,
        (20.213758, 25.8918, 32.78128, 41.467697, 55.38943),
        (77.02564, 100.654564, 127.96947, 163.48251, 214.10435),
    ),
)


def load(model: Path | None, *, input_px: int | None, providers: Sequence[str] = CPU) -> SsdDetector:
    """Creates the detector. Raises DetectorError if the file is not the converted model."""
    if model is None:
        raise DetectorError("the ssd detector needs a model: person-detection-0200, converted to ONNX")
    return SsdDetector(model, input_px, providers)


class SsdDetector:
    """The model person-detection-0200 in an ONNX file, for images of any size.

    Attributes:
        name: "ssd" and the name of the file.
        pixel_s: estimated seconds per pixel of the input.
        model_sha256: hexadecimal SHA-256 of the file.
    """

    pixel_s = 340e-9
    """Measured: 138 to 170 ns, growing with the input, doubled as in `engine.planning.work`."""

    def __init__(self, model_path: Path, input_px: int | None = None, providers: Sequence[str] = CPU) -> None:
        """Loads the model.

        Args:
            model_path: the ONNX file.
            input_px: longer side of the image that the network receives; None for INPUT_PX.
            providers: see `onnx_session.inference_session`.

        Raises:
            DetectorError: The file is not the converted model, or a provider is not available.
        """
        self.name = f"ssd ({model_path.name})"
        self._input_px = input_px or INPUT_PX
        self._session = _load_session(model_path, providers)
        self.model_sha256 = hashlib.sha256(model_path.read_bytes()).hexdigest()
        self._input_name = self._session.get_inputs()[0].name
        self._channels = [output.shape[1] for output in self._session.get_outputs()]

    def input_size(self, width_px: int, height_px: int) -> tuple[int, int]:
        """Returns the frame's shape in whole steps; see `interfaces.Detector`."""
        scale = self._input_px / max(width_px, height_px) / STEP_PX
        return max(1, round(width_px * scale)) * STEP_PX, max(1, round(height_px * scale)) * STEP_PX

    def detect(self, image: Image) -> FrameDetections:
        """Finds the people in one image; see `interfaces.Detector`."""
        outputs = self._session.run(None, {self._input_name: as_input(image)})
        maps = {channels: output[0] for channels, output in zip(self._channels, outputs, strict=True)}
        found = [
            _decoded(maps[2 * len(anchors.width_px)], maps[4 * len(anchors.width_px)], anchors)
            for anchors in ANCHORS
        ]
        return non_maximum_suppression(
            np.concatenate([people.boxes for people in found]),
            np.concatenate([people.scores for people in found]),
            MAX_IOU,
        )


def _decoded(classes: NDArray[np.float32], offsets: NDArray[np.float32], anchors: Anchors) -> FrameDetections:
    """Decodes the boxes that score enough.

    Args:
        classes: (2 A, H, W): for each of A anchors, evidence for a person and for background.
        offsets: (4 A, H, W): for each anchor, how far the box's centre is from that of the anchor, in
            anchors; then the logarithms of its width and height in anchors; all divided by BOX_VARIANCES.
        anchors: the anchors.
    """
    height, width = classes.shape[1:]
    person, background = classes.reshape(-1, 2, height, width).swapaxes(0, 1)
    probabilities = _logistic(person - background)
    anchor, y, x = np.nonzero(probabilities >= MIN_PROBABILITY)
    offset = offsets.reshape(-1, 4, height, width)[anchor, :, y, x]
    sides = np.stack([np.array(anchors.width_px)[anchor], np.array(anchors.height_px)[anchor]], axis=1)
    centre_variance, side_variance = BOX_VARIANCES
    cell = np.stack([x + 0.5, y + 0.5], axis=1) * anchors.stride
    centre = cell + offset[:, :2] * centre_variance * sides
    half = np.exp(offset[:, 2:] * side_variance) * sides / 2
    corners = np.concatenate([centre - half, centre + half], axis=1).astype(np.float32)
    return FrameDetections(corners, calibrated(probabilities[anchor, y, x]))


def _logistic(evidence: NDArray[np.float32]) -> NDArray[np.float32]:
    """Turns the logarithms of odds into probabilities. With `exp`, large ones would overflow."""
    probabilities: NDArray[np.float32] = np.tanh(evidence / np.float32(2)) / np.float32(2) + np.float32(0.5)
    return probabilities


def calibrated(probabilities: NDArray[np.float32]) -> NDArray[np.float32]:
    """Brings the network's probabilities to the scale of YOLOX's scores, on which tracking relies."""
    return np.power(probabilities, np.float32(SCORE_EXPONENT))


def _load_session(path: Path, providers: Sequence[str]) -> InferenceSession:
    import onnx

    expected = sorted(per_anchor * len(anchors.width_px) for anchors in ANCHORS for per_anchor in (2, 4))
    advice = "`people-pathing models person-detection-0200` fetches and converts it"
    with model_errors(path, "the model person-detection-0200", advice):
        session = inference_session(onnx.load(path), providers)
        (image,) = session.get_inputs()
        trial = session.run(None, {image.name: np.zeros((1, 3, 3 * STEP_PX, 2 * STEP_PX), np.float32)})
        if sorted(output.shape[1] for output in trial) != expected:
            raise ValueError(f"its outputs are {[output.shape for output in trial]}")
    return session

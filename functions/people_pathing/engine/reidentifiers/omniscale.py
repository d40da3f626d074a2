"""OmniScaleNet (Zhou et al., "Omni-scale feature learning for person re-identification", ICCV 2019)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from people_pathing.engine.interfaces import EMBEDDING_SCALE, Boxes, Embeddings, Image
from people_pathing.engine.networks import as_input, model_errors
from people_pathing.engine.onnx_session import CPU, inference_session
from people_pathing.engine.opencv import cv2_module
from people_pathing.engine.openvino_ir.model import OpenVinoModel, PinnedFile

if TYPE_CHECKING:
    from people_pathing.engine.onnx_session import InferenceSession

SUMMARY = "a person-reidentification model of Intel's Open Model Zoo in an ONNX file"
MODELS = (
    OpenVinoModel(
        name="person-reidentification-retail-0286",
        url="https://storage.openvinotoolkit.org/repositories/open_model_zoo/2023.0/models_bin/1/"
        "person-reidentification-retail-0286/FP16/person-reidentification-retail-0286",
        xml=PinnedFile(611_793, "cc547e622d8aeabf97938213f68171bf59ac7d01c910ceadfea984aa96e5d1b5"),
        weights=PinnedFile(2_453_724, "d06beb9e2b2661d42b233f64ef623f3518fc46dc11f6b7dd53cda8962d9d1bd9"),
        outputs=("reid_embedding",),
        any_input_size=False,
        size_bytes=4_983_758,
        sha256="6e100ef6d593b37bc053164cebeda5345d3ae6ab6e4345a9975466aef4ac1589",
        licence="Apache-2.0",
    ),
)

CROP_PX = (128, 256)
"""Width and height of the network's input."""
EMBEDDING_SIZE = 256
MIN_BOX_PX = (8, 16)
"""Width and height below which the visible part of a box shows too little of a person."""


def load(model: Path, *, providers: Sequence[str] = CPU) -> OmniScale:
    """Creates the reidentifier. Raises DetectorError if the file is not such a model."""
    return OmniScale(model, providers)


class OmniScale:
    """An OmniScaleNet of Intel's Open Model Zoo in an ONNX file.

    The network normalises brightness and contrast of each image by itself.

    Attributes:
        name: "omniscale" and the name of the file.
        model_sha256: hexadecimal SHA-256 of the file.
        crop_s: estimated seconds for one person.
    """

    crop_s = 22e-3
    """Measured: 11 ms, doubled as in `engine.planning.work`."""

    def __init__(self, model_path: Path, providers: Sequence[str] = CPU) -> None:
        """Loads the model.

        Args:
            model_path: the ONNX file.
            providers: see `onnx_session.inference_session`.

        Raises:
            DetectorError: The file is not such a model, or a provider is not available.
        """
        self.name = f"omniscale ({model_path.name})"
        self._session = _load_session(model_path, providers)
        self.model_sha256 = hashlib.sha256(model_path.read_bytes()).hexdigest()
        self._input_name = self._session.get_inputs()[0].name

    def embed(self, image: Image, boxes: Boxes) -> Embeddings:
        """Describes the people in one image; see `interfaces.Reidentifier`."""
        cv2 = cv2_module()
        embeddings = np.zeros((len(boxes), EMBEDDING_SIZE), np.int8)
        height_px, width_px = image.shape[:2]
        visible = np.clip(boxes, 0, [width_px, height_px, width_px, height_px]).astype(np.int64)
        for embedding, (left, top, right, bottom) in zip(embeddings, visible, strict=True):
            if right - left < MIN_BOX_PX[0] or bottom - top < MIN_BOX_PX[1]:
                continue
            crop = cv2.resize(image[top:bottom, left:right], CROP_PX)
            (output,) = self._session.run(None, {self._input_name: as_input(crop)})
            embedding[:] = _quantised(output[0])
        return embeddings.view(np.uint8)


def _quantised(vector: NDArray[np.float32]) -> NDArray[np.int8]:
    """Scales a vector (W,) to length EMBEDDING_SCALE and rounds it."""
    length = np.linalg.norm(vector)
    if not length > 0:
        return np.zeros(vector.shape, np.int8)
    return np.rint(vector * (EMBEDDING_SCALE / length)).astype(np.int8)


def _load_session(path: Path, providers: Sequence[str]) -> InferenceSession:
    import onnx

    advice = (
        f"it has one input (1, 3, {CROP_PX[1]}, {CROP_PX[0]}) and one output (1, {EMBEDDING_SIZE}), float32"
    )
    with model_errors(path, "a person-reidentification model", advice):
        session = inference_session(onnx.load(path), providers)
        (image,) = session.get_inputs()
        (trial,) = session.run(None, {image.name: np.zeros((1, 3, *CROP_PX[::-1]), np.float32)})
        if trial.shape != (1, EMBEDDING_SIZE):
            raise ValueError(f"its output is {trial.shape}")
    return session

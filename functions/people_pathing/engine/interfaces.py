"""What the engine expects of a person detector, a face detector and a reidentifier."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
"""(H, W, 3) uint8, BGR."""

Boxes = NDArray[np.float32]
"""(N, 4) float32, xyxy pixels."""

Scores = NDArray[np.float32]
"""(N,) float32, 0..1."""

Embeddings = NDArray[np.uint8]
"""(N, W) uint8: the bytes of int8 unit vectors times EMBEDDING_SCALE; all zeros where there is none."""

EMBEDDING_SCALE = 127
"""The cosine of two embeddings is the product of their int8 values divided by the square of this."""

MIN_PERSON_SCORE = 0.1
"""Person detectors return boxes from this score on. Linking decides which weak ones continue a path."""

FACE_IMAGE_PX = 128
"""Side of the square image that a face detector receives. A head fills about a third of it, and a larger
image would not show more of the face."""


class FrameDetections(NamedTuple):
    """The people that a detector found in one image, best first.

    Attributes:
        boxes: (N, 4) float32, xyxy pixels of the image.
        scores: (N,) float32, 0..1.
    """

    boxes: Boxes
    scores: Scores


class FrameFaces(NamedTuple):
    """The faces that a detector found in one image.

    Attributes:
        boxes: (K, 4) float32, xyxy pixels of the image.
        scores: (K,) float32, 0..1.
        landmarks: (K, 5, 2) float32, x and y pixels, in the order of `detections.FACE`.
    """

    boxes: Boxes
    scores: Scores
    landmarks: NDArray[np.float32]


class Detector(Protocol):
    """Finds the people in an image.

    Frames are searched in several threads at once, and a job must be repeatable: an implementation returns
    the same answer for the same image in every thread. It may have an attribute `pixel_s`, the seconds per
    pixel of its input, which `planning.work.frame_work` uses to plan segments. It may have an attribute
    `model_sha256`, the hexadecimal SHA-256 of its model's file, which is recorded with the results.
    """

    @property
    def name(self) -> str:
        """The name in logs and reports, for example "yolox (yolox_nano.onnx)"."""

    def input_size(self, width_px: int, height_px: int) -> tuple[int, int]:
        """Returns the width and height of the scaled image for frames of the given displayed size."""

    def detect(self, image: Image) -> tuple[Boxes, Scores]:
        """Finds the people in one image.

        Args:
            image: (H, W, 3) uint8, BGR, of the size that `input_size` returned.

        Returns:
            Boxes (N, 4) float32, xyxy pixels of the image, and scores (N,) float32, best first, for example
            as `FrameDetections`.
        """


class FaceDetector(Protocol):
    """Finds faces in an image. Like `Detector`, it is repeatable and may have `model_sha256`."""

    @property
    def name(self) -> str:
        """The name in logs and reports."""

    def detect(self, image: Image) -> FrameFaces:
        """Finds the faces in a (FACE_IMAGE_PX, FACE_IMAGE_PX, 3) uint8 BGR image."""


class Reidentifier(Protocol):
    """Describes how people look, so that pictures of the same person can be told from those of others.

    Like `Detector`, it is repeatable and may have `model_sha256`. It may also have an
    attribute `crop_s`, the seconds for one person, which `planning.work.frame_work` uses to plan segments.
    """

    @property
    def name(self) -> str:
        """The name in logs and reports."""

    def embed(self, image: Image, boxes: Boxes) -> Embeddings:
        """Describes the people in one image.

        Args:
            image: (H, W, 3) uint8, BGR: the frame at full resolution.
            boxes: (N, 4) float32, xyxy pixels of the image; they may reach beyond it.

        Returns:
            (N, W) uint8, where W is constant; see `Embeddings`. A box with too few pixels gets zeros.
        """

"""YOLOX (Ge et al., "YOLOX: Exceeding YOLO Series in 2021") under ONNX Runtime."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from people_pathing.engine.errors import DetectorError
from people_pathing.engine.models import DownloadableModel
from people_pathing.engine.onnx_session import CPU

if TYPE_CHECKING:
    from people_pathing.engine.detectors.yolox.detector import YoloxDetector

SUMMARY = "a YOLOX model in an ONNX file"
ACCEPTS_INPUT_PX = True

RELEASE_URL = "https://github.com/Megvii-BaseDetection/YOLOX/releases/download/0.1.1rc0/"
MODELS = (
    DownloadableModel(
        name="nano",
        url=RELEASE_URL + "yolox_nano.onnx",
        size_bytes=3_659_407,
        sha256="c789161ed43c8269fcd4e67c67eeeb4e80c622da2eb296a20bc6007bd18a0b7d",
        licence="Apache-2.0",
    ),
    DownloadableModel(
        name="tiny",
        url=RELEASE_URL + "yolox_tiny.onnx",
        size_bytes=20_219_662,
        sha256="427cc366d34e27ff7a03e2899b5e3671425c262ea2291f88bb942bc1cc70b0f7",
        licence="Apache-2.0",
    ),
    DownloadableModel(
        name="s",
        url=RELEASE_URL + "yolox_s.onnx",
        size_bytes=35_858_002,
        sha256="c5c2d13e59ae883e6af3b45daea64af4833a4951c92d116ec270d9ddbe998063",
        licence="Apache-2.0",
    ),
)
"""The models of the official release, from the smallest to the largest."""


def load(model: Path | None, *, input_px: int | None, providers: Sequence[str] = CPU) -> YoloxDetector:
    """Creates the detector. Raises DetectorError if the file is not a YOLOX model."""
    from people_pathing.engine.detectors.yolox.detector import YoloxDetector

    if model is None:
        raise DetectorError("the yolox detector needs a model: a YOLOX ONNX file")
    return YoloxDetector(model, input_px, providers)

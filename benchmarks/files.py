"""The files that benchmarks need, and that are not part of this repository."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from benchmarks.engine.ground_truth import DEFAULT_DATA

DATA = Path(os.environ.get("TRACKING_DATA") or DEFAULT_DATA)
"""Folder of labelled videos."""
SAMPLE = DATA / "vtest.avi"

_MODELS = DEFAULT_DATA.with_name("models")
DETECTOR = Path(os.environ.get("TRACKING_MODEL") or _MODELS / "yolox_nano.onnx")
REIDENTIFIER = Path(
    os.environ.get("REIDENTIFICATION_MODEL") or _MODELS / "person-reidentification-retail-0286.onnx"
)

VARIABLES = {
    DATA: "TRACKING_DATA",
    SAMPLE: "TRACKING_DATA",
    DETECTOR: "TRACKING_MODEL",
    REIDENTIFIER: "REIDENTIFICATION_MODEL",
}


def skip_reason(files: Iterable[Path]) -> str | None:
    """Returns why a benchmark that needs these files cannot run, or None if all exist."""
    missing = [
        f"{file} is missing" + (f" (set {VARIABLES[file]})" if file in VARIABLES else "")
        for file in files
        if not file.exists()
    ]
    return f"skipped, because {', and '.join(missing)}" if missing else None

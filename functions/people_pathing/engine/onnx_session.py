"""Loads networks into ONNX Runtime: repeatable results, and no telemetry."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from onnx import ModelProto
    from onnxruntime import InferenceSession as InferenceSession  # type: ignore[import-untyped]

NO_TELEMETRY = "ORT_DISABLE_TELEMETRY"


def inference_session(model: ModelProto) -> InferenceSession:
    """Creates a session that uses one thread per call.

    The engine runs several frames at a time, so more threads per call would only compete. With one thread,
    sums are also added in the same order on every machine.
    """
    with _telemetry_disabled():
        from onnxruntime import InferenceSession, SessionOptions

    options = SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    return InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


@contextmanager
def _telemetry_disabled() -> Iterator[None]:
    """Sets ORT_DISABLE_TELEMETRY while ONNX Runtime is imported.

    ONNX Runtime reads the variable once, when its module is loaded. Without it, the import already writes a
    device id to the cache folder and starts an upload thread. `onnxruntime.disable_telemetry_events()` can
    only be called after that (see Privacy.md in the onnxruntime package). A value that the user has set
    stays in force, and the environment is the same afterwards.
    """
    if NO_TELEMETRY in os.environ:
        yield
        return
    os.environ[NO_TELEMETRY] = "1"
    try:
        yield
    finally:
        os.environ.pop(NO_TELEMETRY, None)

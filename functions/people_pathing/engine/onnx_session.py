"""Loads networks into ONNX Runtime: repeatable results, and no telemetry."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from people_pathing.engine.errors import DetectorError

if TYPE_CHECKING:
    from onnx import ModelProto
    from onnxruntime import InferenceSession as InferenceSession  # type: ignore[import-untyped]

NO_TELEMETRY = "ORT_DISABLE_TELEMETRY"
CPU = ("CPUExecutionProvider",)
"""The execution provider that every installation of ONNX Runtime has."""


def provider_names(providers: Sequence[str]) -> tuple[str, ...]:
    """Returns the execution providers that a user chose. Raises DetectorError if they are not a list."""
    if isinstance(providers, str) or not providers:
        raise DetectorError(f"providers must be a list of names, for example {list(CPU)}, not {providers!r}")
    return tuple(providers)


def inference_session(model: ModelProto, providers: Sequence[str] = CPU) -> InferenceSession:
    """Creates a session that uses one thread per call.

    The engine runs several frames at a time, so more threads per call would only compete. With one thread,
    sums are also added in the same order on every machine.

    Args:
        model: the network.
        providers: ONNX Runtime's execution providers, the preferred one first. The processor runs what they
            cannot.

    Raises:
        DetectorError: A provider is not available, or the first one does not start.
    """
    with _telemetry_disabled():
        from onnxruntime import InferenceSession, SessionOptions, get_available_providers

    available: list[str] = get_available_providers()
    if unknown := [name for name in providers if name not in available]:
        raise DetectorError(
            f"the installed ONNX Runtime has no execution provider {', '.join(map(repr, unknown))}; "
            f"choose from {', '.join(available)}"
        )
    options = SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    session = InferenceSession(model.SerializeToString(), options, providers=list(providers))
    # ONNX Runtime falls back to the processor without an error.
    if session.get_providers()[0] != providers[0]:
        raise DetectorError(
            f"the execution provider {providers[0]} does not start, usually because its driver or libraries "
            "are missing or have another version"
        )
    return session


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

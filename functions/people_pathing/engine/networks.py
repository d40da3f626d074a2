"""What detectors and reidentifiers share: the input of a network, and errors about its model file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from people_pathing.engine.errors import DetectorError
from people_pathing.engine.interfaces import Image


def as_input(image: Image) -> NDArray[np.float32]:
    """Returns an image (H, W, 3) as (1, 3, H, W) float32, with the channels in the same order."""
    return np.ascontiguousarray(image.transpose(2, 0, 1)[None], np.float32)


@contextmanager
def model_errors(path: Path, kind: str, advice: str) -> Iterator[None]:
    """Reports every error in the block as a DetectorError about a model file.

    ONNX and ONNX Runtime have no common class for what is wrong with a file.

    Args:
        path: the file.
        kind: what the file should be, for example "a CenterFace model".
        advice: what such a file has, or how to get one.

    Raises:
        DetectorError: Any error occurred in the block. One that is a DetectorError already stays as it is.
    """
    try:
        yield
    except DetectorError:
        raise
    except Exception as error:
        reason = str(error).partition("\n")[0]
        raise DetectorError(f"{path}: not {kind} ({reason}); {advice}") from error

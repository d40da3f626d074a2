"""Checks what a person detector returns, so that a mistake in it is reported where it is made."""

from __future__ import annotations

from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray

from people_pathing.engine.interfaces import Detector, FrameDetections

EXPECTED = "expected are boxes (N, 4) and scores (N,), see engine/interfaces.py"
FAR_SHARE = 0.5
"""A box whose centre is further outside than this share of the image's side is not in the image's pixels.
Boxes of people who are partly visible reach out of the image, but not that far."""
FAR_SIDES = 10
"""A box that reaches further out of the image than so many of its sides has wrong numbers."""
MAX_INPUT_PIXELS = 8192 * 4320
"""Most pixels of a detector's image: those of the largest frame that is accepted. It needs 100 MB."""
SMALLEST_PX = 2
"""In an image that is not larger, boxes in pixels are as small as ratios."""


def check_object(argument: str, value: object, method: str, example: str) -> None:
    """Checks that an argument is None or has a method. Names of models and classes are common mistakes.

    Args:
        argument: name of the argument.
        value: what the caller gave.
        method: the method that a detector or reidentifier has.
        example: an expression that would be right.

    Raises:
        TypeError: It is something else.
    """
    if isinstance(value, type) and hasattr(value, method):
        raise TypeError(f"{argument} must be an object, not the class: {value.__name__}()")
    if value is not None and not callable(getattr(value, method, None)):
        kind = argument.replace("_", " ")
        raise TypeError(f"{argument} must be a {kind}, for example {example}, not {value!r}")


def input_size(detector: Detector, width_px: int, height_px: int) -> tuple[int, int]:
    """Returns the width and height of the image that a detector wants for frames of the given size.

    Raises:
        TypeError: The detector does not say it, or not as two whole numbers.
        ValueError: The numbers are not above 0, or the image would be too large.
    """
    if not hasattr(detector, "input_size"):
        raise TypeError(
            f"{_name(detector)} has no method input_size(width_px, height_px); return the same two numbers "
            "to get images of the frame's size"
        )
    size: Any = detector.input_size(width_px, height_px)
    problem = f"{_name(detector)}: input_size must return a width and a height in whole pixels, not {size!r}"
    if not isinstance(size, tuple | list) or len(size) != 2:
        raise TypeError(problem)
    if not all(isinstance(side_px, Integral) for side_px in size):
        raise TypeError(problem)
    if min(size) < 1:
        raise ValueError(problem)
    if size[0] * size[1] > MAX_INPUT_PIXELS:
        raise ValueError(f"{problem}; at most {MAX_INPUT_PIXELS:,} pixels are possible")
    return int(size[0]), int(size[1])


def checked_detections(detector: Detector, found: object, width_px: int, height_px: int) -> FrameDetections:
    """Returns what a detector found in an image, as float32.

    Args:
        detector: for its name in errors.
        found: what its `detect` returned.
        width_px: width of the image.
        height_px: height of the image.

    Raises:
        TypeError: It is not a pair of arrays of numbers.
        ValueError: The shapes or numbers are not possible. The message names the first wrong box.
    """
    name = _name(detector)
    if not isinstance(found, tuple | list) or len(found) != 2:
        kind = type(found).__name__
        count = f" of {len(found)}" if isinstance(found, tuple | list) else ""
        raise TypeError(f"{name}: detect must return two arrays, not {kind}{count}; {EXPECTED}")
    boxes, scores = _numbers(name, "boxes", found[0]), _numbers(name, "scores", found[1])
    if not boxes.size and not scores.size:
        return FrameDetections(boxes.reshape(0, 4), scores.reshape(0))
    if boxes.ndim != 2 or boxes.shape[1] != 4 or scores.shape != boxes.shape[:1]:
        raise ValueError(f"{name}: boxes have the shape {boxes.shape}, scores {scores.shape}; {EXPECTED}")
    _check_numbers(name, boxes, scores, width_px, height_px)
    return FrameDetections(boxes, scores)


def _name(detector: object) -> str:
    return f"detector {getattr(detector, 'name', type(detector).__name__)}"


def _numbers(name: str, what: str, values: object) -> NDArray[np.float32]:
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise TypeError(f"{name}: {what} are not an array ({error}); {EXPECTED}") from error
    if array.dtype.kind not in "fiu" and array.size:
        raise TypeError(f"{name}: {what} are of type {array.dtype}, not numbers; {EXPECTED}")
    return np.asarray(array, np.float32)


def _check_numbers(
    name: str,
    boxes: NDArray[np.float32],
    scores: NDArray[np.float32],
    width_px: int,
    height_px: int,
) -> None:
    size = np.array([width_px, height_px], np.float32)
    with np.errstate(over="ignore", invalid="ignore"):
        centres = (boxes[:, :2] + boxes[:, 2:]) / 2
        checks = (
            (~np.isfinite(boxes).all(axis=1), "all numbers must be finite"),
            (~((scores >= 0) & (scores <= 1)), "scores must be from 0 to 1"),
            ((boxes[:, 2:] <= boxes[:, :2]).any(axis=1), "boxes must be left, top, right, bottom (xyxy)"),
            (
                (
                    (centres < -FAR_SHARE * size)
                    | (centres > (1 + FAR_SHARE) * size)
                    | (boxes[:, :2] < -FAR_SIDES * size)
                    | (boxes[:, 2:] > (1 + FAR_SIDES) * size)
                ).any(axis=1),
                f"boxes must be in pixels of the image that detect gets, which is {width_px}x{height_px}",
            ),
            (np.diff(scores, prepend=scores[:1]) > 0, "the best score must come first"),
        )
    for is_wrong, problem in checks:
        if is_wrong.any():
            row = int(np.argmax(is_wrong))
            raise ValueError(
                f"{name}: {problem}, but box {row} is {boxes[row].tolist()} with score {scores[row]:.6g}"
            )
    if boxes.max() <= 1 and max(width_px, height_px) > SMALLEST_PX:
        raise ValueError(f"{name}: boxes must be in pixels, but all are within 0..1, as ratios are")

"""Reads people that any detector found, as MOTChallenge rows, into the engine's detections."""

from __future__ import annotations

import os
from array import array
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from people_pathing.engine.detect_step.people import MAX_PEOPLE
from people_pathing.engine.detections import FIXED_CAMERA, Detections

COLUMNS = ("frame", "id", "left", "top", "width", "height", "score")
LEAST_COLUMNS = 6
"""Without the score, which is then 1."""
MAX_FRAME = 6 * 3600 * 240
"""Six hours at 240 frames per second."""
MAX_PX = 1_000_000
"""Farthest place and largest size of a box, in pixels: many times the largest frame."""
SHOWN_CHARACTERS = 40

Rows = NDArray[np.float64]
"""(N, 7) float64: the numbers of COLUMNS."""


def read_detections(
    source: ArrayLike | str | os.PathLike[str], *, frame_rate: float, frame_count: int = 0
) -> Detections:
    """Reads and checks detections.

    The file may be a detection file of the MOTChallenge (`det.txt`), or another one of that format. Ids and
    columns after the score are ignored, rows may be in any order, and of each frame the best MAX_PEOPLE
    count.

    A detector may have searched every Nth frame only. N is the largest step that leads from the first frame
    with people to all others that have some. All frames on this grid count as searched.

    Args:
        source: (N, 6 or more) numbers: frame from 1, id, left, top, width, height and, if there is a seventh
            column, the score 0..1; or the path of a file with such lines, separated by commas.
        frame_rate: frames per second. Frames are taken to be evenly spaced.
        frame_count: number of frames in the video, if it is known.

    Raises:
        ValueError: A number is not possible. The message names the row or the line.
        TypeError: The source is neither numbers nor a path.
        OSError: The file cannot be read.
    """
    if isinstance(source, str | os.PathLike):
        rows, name_row = _read(Path(source))
    else:
        rows, name_row = _from_array(source), "detections[{}]".format
    _check(rows, name_row)
    return _detections(rows, frame_rate, frame_count)


def _read(path: Path) -> tuple[Rows, Callable[[int], str]]:
    numbers, lines = array("d"), array("q")
    # A byte order mark is part of files that some spreadsheets write.
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        for line, text in enumerate(file, 1):
            if text.strip():
                numbers.extend(_parsed(text, f"{path}, line {line}"))
                lines.append(line)
    return np.array(numbers).reshape(-1, len(COLUMNS)), lambda row: f"{path}, line {lines[row]}"


def _parsed(text: str, place: str) -> list[float]:
    words = text.split(",")[: len(COLUMNS)]
    if len(words) < LEAST_COLUMNS:
        raise ValueError(f"{place}: {_shown(text)} has too few numbers; {_expected()}, separated by commas")
    try:
        numbers = [float(word) for word in words]
    except ValueError as error:
        raise ValueError(f"{place}: {_shown(text)} is not a row of numbers; {_expected()}") from error
    return numbers if len(numbers) == len(COLUMNS) else [*numbers, 1.0]


def _from_array(source: ArrayLike) -> Rows:
    if source is None:
        raise TypeError("detections must be an array of numbers or the path of a file, not None")
    try:
        rows = np.asarray(source, np.float64)
    except (TypeError, ValueError) as error:
        raise TypeError(f"detections must be an array of numbers or the path of a file; {error}") from error
    if not rows.size:
        return np.empty((0, len(COLUMNS)))
    if rows.ndim != 2 or rows.shape[1] < LEAST_COLUMNS:
        raise ValueError(f"detections must have the shape (N, 6 or more), not {rows.shape}; {_expected()}")
    if rows.shape[1] == LEAST_COLUMNS:
        rows = np.concatenate([rows, np.ones((len(rows), 1))], axis=1)
    return rows[:, : len(COLUMNS)]


def _check(rows: Rows, name_row: Callable[[int], str]) -> None:
    """Raises ValueError for the first row that is not a detection."""
    frames, places, sizes, scores = rows[:, 0], rows[:, 2:6], rows[:, 4:6], rows[:, 6]
    # Boxes are stored as float32; a number that is too large for it is infinite there.
    with np.errstate(over="ignore", invalid="ignore"):
        is_finite = np.isfinite(rows.astype(np.float32)).all(axis=1)
        for is_wrong, problem in (
            (~is_finite, "all numbers must be finite"),
            ((frames != np.floor(frames)) | (frames < 1), "the frame must be a whole number from 1"),
            (frames > MAX_FRAME, f"the frame must be at most {MAX_FRAME}"),
            ((sizes <= 0).any(axis=1), "width and height must be above 0"),
            (
                (np.abs(places) > MAX_PX).any(axis=1),
                f"left, top, width and height must be in pixels, at most {MAX_PX:,}",
            ),
            ((scores < 0) | (scores > 1), "the score must be from 0 to 1; scale it first"),
        ):
            if is_wrong.any():
                row = int(np.argmax(is_wrong))
                numbers = ", ".join(f"{number:g}" for number in rows[row])
                raise ValueError(f"{name_row(row)}: {problem}, but the row is {numbers}")


def _detections(rows: Rows, frame_rate: float, frame_count: int) -> Detections:
    rows = rows[np.lexsort((-rows[:, 6], rows[:, 0]))]
    frames = rows[:, 0].astype(np.int64) - 1
    is_among_best = np.arange(len(frames)) - np.searchsorted(frames, frames) < MAX_PEOPLE
    rows, frames = rows[is_among_best], frames[is_among_best]
    frame_count = max(frame_count, int(frames.max(initial=-1)) + 1)
    first = int(frames[0]) if len(frames) else 0
    step = int(np.gcd.reduce(frames - first)) or 1
    searched = np.arange(first % step, frame_count, step)
    corners = np.concatenate([rows[:, 2:4], rows[:, 2:4] + rows[:, 4:6]], axis=1)
    return Detections(
        frame_numbers=searched,
        timestamps_us=(searched * 1_000_000 / frame_rate).astype(np.int64),
        searched=np.ones(len(searched), np.bool_),
        cuts=np.zeros(len(searched), np.bool_),
        camera_steps=np.tile(np.array(FIXED_CAMERA, np.float32), (len(searched), 1)),
        frame_count=frame_count,
        expected_frame_count=frame_count,
        rows=np.searchsorted(searched, frames).astype(np.int32),
        boxes=corners.astype(np.float32),
        scores=rows[:, 6].astype(np.float32),
        # Without pixels, nothing is known about anybody's appearance.
        descriptors=np.zeros((len(rows), 1), np.uint8),
    )


def _expected() -> str:
    return f"expected are {', '.join(COLUMNS[:-1])} and perhaps {COLUMNS[-1]}"


def _shown(text: str) -> str:
    text = text.strip()
    return repr(text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}…")

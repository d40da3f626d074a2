"""The points of people's paths, read from observations.jsonl.gz."""

from __future__ import annotations

import gzip
import json
import math
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from people_pathing.results.files import observations
from people_pathing.results.stored_result import MAX_VIDEO_MS, StoredResult

_GZIP_START = b"\x1f\x8b"


class ObservationsError(ValueError):
    """A file of observations cannot be read. The message names the line and what is wrong."""


@dataclass(frozen=True, slots=True)
class PathPoint:
    """The place of a person at one time.

    Attributes:
        person: the person's index.
        at_ms: milliseconds from the start of the video.
        x: of the foot point, as a ratio of the frame's width from 0 to 1.
        y: of the foot point, as a ratio of the frame's height from 0 to 1.
        box_height: height of the person's box as a ratio of the frame's height.
    """

    person: int
    at_ms: int
    x: float
    y: float
    box_height: float


def foot_point(person: int, at_ms: int, left: float, top: float, width: float, height: float) -> PathPoint:
    """Returns the middle of a box's lower edge, limited to the frame.

    The arguments from `left` on are ratios of the frame.
    """
    return PathPoint(person, at_ms, _limited(left + width / 2), _limited(top + height), height)


def stored_path_points(stored: StoredResult) -> Iterator[PathPoint]:
    """Reads the observations of stored results. Raises what `read_path_points` raises."""
    return read_path_points(stored.folder / observations.NAME, stored.observation_count)


def read_path_points(path: Path, expected_count: int | None = None) -> Iterator[PathPoint]:
    """Reads a file of observations, compressed or not, one line at a time.

    Observations without a box are left out.

    Args:
        path: the file.
        expected_count: how many observations it must have; None if nothing says so.

    Raises:
        ObservationsError: a line is no observation, or the file is damaged or incomplete.
        OSError: the file cannot be opened.
    """
    with path.open("rb") as file:
        is_compressed = file.read(len(_GZIP_START)) == _GZIP_START
        file.seek(0)
        try:
            if is_compressed:
                with gzip.open(file) as lines:
                    yield from parse_path_points(lines, expected_count)
            else:
                yield from parse_path_points(file, expected_count)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise ObservationsError(f"the file is damaged or incomplete ({error})") from error


def parse_path_points(lines: Iterable[bytes], expected_count: int | None = None) -> Iterator[PathPoint]:
    """Reads the lines of a file of observations. Arguments and errors are those of `read_path_points`."""
    count = 0
    for number, line in enumerate(lines, 1):
        if line.isspace():
            continue
        try:
            point = _point(json.loads(line))
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise ObservationsError(
                f"line {number} is not an observation ({error}): {line[:80]!r}"
            ) from error
        count += 1
        if point:
            yield point
    if expected_count not in {None, count}:
        raise ObservationsError(
            f"the file has {count} observations, but job.json says {expected_count}; "
            "track the video again, or fetch its results again"
        )


def _point(observation: Any) -> PathPoint | None:
    person = observation["Person"]
    at_ms, index = observation["Timestamp"], person["Index"]
    if type(at_ms) is not int or type(index) is not int or not 0 <= at_ms <= MAX_VIDEO_MS:
        raise ValueError("a time and an index are whole numbers, and a time is within 31 days")
    box = person.get("BoundingBox")
    if box is None:
        return None
    point = foot_point(index, at_ms, box["Left"], box["Top"], box["Width"], box["Height"])
    if not math.isfinite(point.x + point.y + point.box_height):
        raise ValueError("a box has finite numbers")
    return point


def _limited(ratio: float) -> float:
    return min(max(ratio, 0.0), 1.0)

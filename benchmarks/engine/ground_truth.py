"""Labelled videos: a folder with videos and, beside each, its ground truth `NAME.gt.txt`.

The ground truth is in MOTChallenge's format. There are two layouts:

- since MOT16, nine columns: frame, id, left, top, width, height, confidence, class, visibility. Only class 1
  (pedestrian) is scored. A box on a person-like thing (classes 2, 7, 8 and 12) counts neither way.
- MOT15 and results: the first seven columns, then up to three coordinates in the world.

Rows with confidence 0 are ignored in both, as the format requires.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

DEFAULT_DATA = Path(__file__).parents[3] / "shared/data"
PEDESTRIAN = 1
CLASSES = range(1, 14)
"""The classes since MOT16, from pedestrian to crowd."""

Rows = NDArray[np.float64]
"""(N, 7) columns of a MOTChallenge file: frame, id, left, top, width, height, confidence."""

ClassRows = NDArray[np.float64]
"""(N, 8): the columns of `Rows`, then the class."""


def no_class_rows() -> ClassRows:
    """Returns an empty array of rows with classes."""
    return np.empty((0, 8))


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """A video and its ground truth.

    Attributes:
        name: name of the sequence.
        video: the file.
        truth: the people who count, with confidence above 0.
        others: all other rows, with their classes. They decide which boxes count neither way.
    """

    name: str
    video: Path
    truth: Rows
    others: ClassRows = field(default_factory=no_class_rows)


def sequences(data: Path) -> Iterator[Labelled]:
    """Yields the videos in a folder that have ground truth."""
    for truth in sorted(data.glob("*.gt.txt")):
        name = truth.name.removesuffix(".gt.txt")
        videos = [path for path in sorted(data.glob(f"{name}.*")) if path.suffix != ".txt"]
        if videos:
            yield Labelled(name, videos[0], *read_ground_truth(truth))


def read_ground_truth(path: Path) -> tuple[Rows, ClassRows]:
    """Reads a ground truth file.

    Returns:
        The rows that count, and those that do not but have a class.
    """
    rows = np.loadtxt(path, delimiter=",", ndmin=2)
    counts = rows[:, 6] > 0
    if not _has_classes(rows):
        # A row without a class that does not count is no more than a gap in the labels.
        return rows[counts, :7], no_class_rows()
    counts &= rows[:, 7] == PEDESTRIAN
    return rows[counts, :7], rows[~counts, :8]


def _has_classes(rows: NDArray[np.float64]) -> bool:
    """Whether the eighth column is a class, and not a coordinate in the world."""
    return rows.shape[1] in {8, 9} and bool(np.isin(rows[:, 7], CLASSES).all())

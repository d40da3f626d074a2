"""The tracklets that may be joined, as arrays: a long video may have millions of lone detections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from people_pathing.engine.detections import Detections, RowsOnDisk
from people_pathing.engine.tracking import appearance
from people_pathing.engine.tracking.tracklets import Tracklet, Tracklets

APPEARANCE_DETECTIONS = 64
"""How many of a tracklet's clearest detections its appearance is averaged over."""

Keys = NDArray[np.int64]
"""(C,) int64: where `Appearances` finds vectors: a lone detection's position, or else a negative number."""


@dataclass(frozen=True, slots=True, eq=False)
class Ends:
    """The first, or the last, moments of C tracklets.

    Attributes:
        time_s: (C,) float64: seconds after the video's first frame.
        position: (C, 2) float64: centre of the box, pixels.
        velocity: (C, 2) float64: pixels per second, as likely as it is known: zero for a single detection.
        speed_spread: (C,) float64: standard deviation of the velocity soon after, in heights per second and
            direction.
        height: (C,) float64: pixels.
        is_at_border: (C,) bool: whether the person is about to leave the picture, or has just entered it.
    """

    time_s: NDArray[np.float64]
    position: NDArray[np.float64]
    velocity: NDArray[np.float64]
    speed_spread: NDArray[np.float64]
    height: NDArray[np.float64]
    is_at_border: NDArray[np.bool_]

    @classmethod
    def unknown(cls, count: int) -> Ends:
        """Returns moments that are still to be set."""
        return cls(
            np.empty(count),
            np.empty((count, 2)),
            np.empty((count, 2)),
            np.empty(count),
            np.empty(count),
            np.empty(count, np.bool_),
        )

    def set(self, which: NDArray[np.int64] | slice, to: Ends) -> None:
        """Sets some of the moments."""
        for column in fields(self):
            getattr(self, column.name)[which] = getattr(to, column.name)

    def of(self, which: NDArray[np.int64]) -> Ends:
        """Returns a copy of some of the moments."""
        return Ends(*(getattr(self, column.name)[which] for column in fields(self)))


class Appearances:
    """How people look: sums of unit vectors, on disk. Those of lone detections are made when they are needed.

    Vectors are zeros where the appearance is unknown.
    """

    def __init__(self, detections: Detections) -> None:
        """Starts with lone detections only."""
        self._detections = detections
        self._colours = detections.descriptors.shape[1]
        width = detections.embeddings.shape[1] if len(detections.embedding_rows) else 1
        self._sums = RowsOnDisk(4 * (self._colours + width))
        self._width = width

    def of(self, keys: Keys) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Returns sums of descriptors, (K, D) float32, and of embeddings, (K, W) float32."""
        appearances = np.empty((len(keys), self._colours), np.float32)
        embeddings = np.zeros((len(keys), self._width), np.float32)
        lone = keys >= 0
        if lone.any():
            positions = keys[lone]
            appearances[lone] = appearance.decode(self._detections.descriptors[positions])
            known, vectors = _embeddings(self._detections, positions)
            embeddings[np.flatnonzero(lone)[known]] = vectors
        if not lone.all():
            sums = self._sums[-1 - keys[~lone]].view(np.float32)
            appearances[~lone], embeddings[~lone] = sums[:, : self._colours], sums[:, self._colours :]
        return appearances, embeddings

    def add_tracklets(self, tracklets: Sequence[Tracklet]) -> Keys:
        """Adds the appearances of tracklets."""
        return self._add(
            np.stack([self._appearance(tracklet) for tracklet in tracklets]),
            np.stack([embedding_of(self._detections, tracklet) for tracklet in tracklets]),
        )

    def add_joined(self, keys: Keys, sizes: NDArray[np.int64]) -> Keys:
        """Adds the appearances of joined tracklets: the sums of those of their parts.

        Args:
            keys: of all parts; those of one joined tracklet follow each other.
            sizes: (J,) how many parts each has.
        """
        ends = np.cumsum(sizes)
        parts = list(zip(ends - sizes, ends, strict=True))
        appearances, embeddings = self.of(keys)
        return self._add(
            np.stack([appearances[first:end].sum(axis=0) for first, end in parts]),
            np.stack([embeddings[first:end].sum(axis=0) for first, end in parts]),
        )

    def _add(self, appearances: NDArray[np.float32], embeddings: NDArray[np.float32]) -> Keys:
        before = len(self._sums)
        self._sums.append(np.concatenate([appearances, embeddings], axis=1).tobytes())
        return -1 - np.arange(before, len(self._sums))

    def _appearance(self, tracklet: Tracklet) -> NDArray[np.float32]:
        by_score = np.argsort(-self._detections.scores[tracklet], kind="stable")
        clearest = np.sort(tracklet[by_score[:APPEARANCE_DETECTIONS]])
        total: NDArray[np.float32] = appearance.decode(self._detections.descriptors[clearest]).sum(axis=0)
        return total


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """C tracklets that may be joined, and what linking needs to know about them.

    Attributes:
        tracklets: the detections.
        starts: the first moments.
        ends: the last moments.
        scenes: (C,) int64: numbers of their scenes.
        appearances: how people look.
        keys: (C,) where it finds how these do.
    """

    tracklets: Tracklets
    starts: Ends
    ends: Ends
    scenes: NDArray[np.int64]
    appearances: Appearances
    keys: Keys

    def __len__(self) -> int:
        """Returns how many they are."""
        return len(self.tracklets)


def embedding_of(detections: Detections, tracklet: Tracklet) -> NDArray[np.float32]:
    """Returns the sum of the unit embeddings of a tracklet's detections, zeros if there are none."""
    if not len(detections.embedding_rows):
        return np.zeros(1, np.float32)
    total: NDArray[np.float32] = _embeddings(detections, tracklet)[1].sum(axis=0)
    return total


def _embeddings(
    detections: Detections, positions: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Returns which detections have an embedding, (K,), and the unit vectors of these, (K, W)."""
    if not len(detections.embedding_rows):
        return np.empty(0, np.int64), np.empty((0, 1), np.float32)
    at = np.searchsorted(detections.embedding_rows, positions)
    at = np.minimum(at, len(detections.embedding_rows) - 1)
    known = np.flatnonzero(detections.embedding_rows[at] == positions)
    vectors = detections.embeddings[at[known]].view(np.int8).astype(np.float32)
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return known, vectors / np.maximum(norms, 1)

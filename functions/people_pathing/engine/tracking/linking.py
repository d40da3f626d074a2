"""Joins tracklets across gaps: chooses the joins that are best supported by the evidence.

The chosen joins have the greatest sum of evidence such that each end and each start is used at most once,
which is an assignment problem (Huang, Wu, Nevatia, "Robust object tracking by hierarchical association of
detection responses", ECCV 2008).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from people_pathing.engine.detections import Detections
from people_pathing.engine.tracking import appearance
from people_pathing.engine.tracking.camera import CameraMotion
from people_pathing.engine.tracking.evidence import Candidate, End, weigh
from people_pathing.engine.tracking.settings import LinkSettings
from people_pathing.engine.tracking.tracklets import Tracklet, centres_and_sizes, times_s

APPEARANCE_DETECTIONS = 64
"""How many of a tracklet's clearest detections its appearance is averaged over."""

CAMERA_TURN_US = 1_000_000
"""See `LinkedVideo.is_at_border`."""


@dataclass(frozen=True, slots=True)
class LinkedVideo:
    """The video whose tracklets are linked.

    Attributes:
        detections: all detections, with boxes in stable coordinates.
        motion: maps stable coordinates to the picture.
        frame_size: width and height of the picture in pixels.
        scenes: (F,) the scene of each sampled frame.
        settings: how people move and look.
    """

    detections: Detections
    motion: CameraMotion
    frame_size: tuple[int, int]
    scenes: NDArray[np.int64]
    settings: LinkSettings

    def is_at_border(self, row: int, centre: NDArray[np.float64], height: float) -> bool:
        """Returns whether a place is at the border of the picture, and not because the camera moves there.

        A person whom the camera leaves behind has not walked away. So the place has to be at the border a
        second before and after, too.

        Args:
            row: position of the sampled frame.
            centre: (2,) stable coordinates.
            height: of the person there, in the same.
        """
        times_us = self.detections.timestamps_us
        near_us = times_us[row] + np.array([-CAMERA_TURN_US, 0, CAMERA_TURN_US])
        rows = np.minimum(np.searchsorted(times_us, near_us), len(times_us) - 1)
        rows = rows[self.scenes[rows] == self.scenes[row]]
        half = np.full(2, height / 2)
        box = np.concatenate([centre - half, centre + half])
        left, top, right, bottom = self.motion.to_picture(np.tile(box, (len(rows), 1)), rows).T
        margin, (width_px, height_px) = self.settings.border * (bottom - top), self.frame_size
        x, y = (left + right) / 2, (top + bottom) / 2
        inside = (margin <= x) & (x <= width_px - margin) & (margin <= y) & (y <= height_px - margin)
        return not inside.any()


def link(video: LinkedVideo, tracklets: Sequence[Tracklet]) -> list[Tracklet]:
    """Joins tracklets until no join is likely any more.

    Each round makes only the more certain half of the possible joins. Joined tracklets tell more about a
    person's heading and appearance, which helps to decide the rest.

    Args:
        video: the video.
        tracklets: what association found, and single detections.

    Returns:
        Joined tracklets.
    """
    candidates = [_candidate(video, tracklet) for tracklet in tracklets]
    while len(candidates) > 1:
        ends, starts, evidence = weigh(candidates, video.settings)
        joins = choose(ends, starts, evidence)
        if not len(joins):
            break
        certain = joins[evidence[joins] >= np.median(evidence[joins])]
        following = dict(zip(ends[certain].tolist(), starts[certain].tolist(), strict=True))
        candidates = _join(video, candidates, following)
    return [candidate.tracklet for candidate in candidates]


def choose(
    ends: NDArray[np.int64], starts: NDArray[np.int64], evidence: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Chooses the joins with the greatest sum of evidence that use no end and no start twice.

    Args:
        ends: (J,) int64, as `weigh` returns them.
        starts: (J,) int64, as `weigh` returns them.
        evidence: (J,) float64, as `weigh` returns it.

    Returns:
        (K,) int64 positions in these arrays.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import min_weight_full_bipartite_matching

    if not len(ends):
        return np.empty(0, np.int64)
    rows, row = np.unique(ends, return_inverse=True)
    columns, column = np.unique(starts, return_inverse=True)
    # Every end may also stay alone. That is a column of its own, which costs more than any join.
    alone = evidence.max() + 1
    cost = coo_array(
        (
            np.concatenate([alone - evidence, np.full(len(rows), alone)]),
            (
                np.concatenate([row, np.arange(len(rows))]),
                np.concatenate([column, len(columns) + np.arange(len(rows))]),
            ),
        ),
        shape=(len(rows), len(columns) + len(rows)),
    )
    chosen = dict(
        zip(*(side.tolist() for side in min_weight_full_bipartite_matching(cost.tocsr())), strict=True)
    )
    return np.flatnonzero(
        np.array([chosen[r] == c for r, c in zip(row.tolist(), column.tolist(), strict=True)])
    )


def sequences(count: int, following: Mapping[int, int]) -> Iterator[list[int]]:
    """Yields the sequences that joins form out of the numbers below `count`, by their first number.

    Args:
        count: how many numbers there are.
        following: for some of them, the one that comes next. None comes next twice, or before itself.
    """
    continued = set(following.values())
    for head in range(count):
        if head in continued:
            continue
        sequence = [head]
        while sequence[-1] in following:
            sequence.append(following[sequence[-1]])
        yield sequence


def _candidate(video: LinkedVideo, tracklet: Tracklet) -> Candidate:
    detections = video.detections
    by_score = np.argsort(-detections.scores[tracklet], kind="stable")
    clearest = np.sort(tracklet[by_score[:APPEARANCE_DETECTIONS]])
    return Candidate(
        tracklet,
        *_ends(video, tracklet),
        scene=int(video.scenes[detections.rows[tracklet[0]]]),
        appearance=appearance.decode(detections.descriptors[clearest]).sum(axis=0),
        embedding=embedding_of(detections, tracklet),
    )


def embedding_of(detections: Detections, tracklet: Tracklet) -> NDArray[np.float32]:
    """Returns the sum of the unit embeddings of a tracklet's detections, zeros if there are none."""
    if not len(detections.embedding_rows):
        return np.zeros(1, np.float32)
    at = np.searchsorted(detections.embedding_rows, tracklet)
    at = np.minimum(at, len(detections.embedding_rows) - 1)
    known = at[detections.embedding_rows[at] == tracklet]
    vectors = detections.embeddings[known].view(np.int8).astype(np.float32)
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    total: NDArray[np.float32] = (vectors / np.maximum(norms, 1)).sum(axis=0)
    return total


def _ends(video: LinkedVideo, tracklet: Tracklet) -> tuple[End, End]:
    """Returns the first and the last moment of a tracklet."""
    times = times_s(video.detections, tracklet)
    shapes = centres_and_sizes(video.detections.boxes[tracklet])
    rows = video.detections.rows[tracklet]
    # The end of a path is the start of the same path in reversed time.
    return _start(video, int(rows[0]), times, shapes), _start(video, int(rows[-1]), times[::-1], shapes[::-1])


def _start(video: LinkedVideo, row: int, times: NDArray[np.float64], shapes: NDArray[np.float64]) -> End:
    """Describes the first of some moments, which may be in reversed time.

    The velocity is the slope of a straight line through the detections near that moment. The fewer they are,
    and the shorter the time between them, the more it is drawn towards zero, the mean of all velocities.

    Args:
        video: the video.
        row: position of the sampled frame of the first moment.
        times: (T,) seconds.
        shapes: (T, 4) centre x, centre y, width, height.
    """
    settings = video.settings
    away = abs(times - times[0])
    third = away[min(2, len(away) - 1)]
    near = away <= max(settings.heading_s, min(third, settings.longest_heading_s))
    middle, height = times[near].mean(), float(np.median(shapes[near, 3]))
    since = times[near] - middle
    square_s = float((since**2).sum())
    slope = since @ shapes[near, :2] / square_s if square_s > 0 else np.zeros(2)
    position = (
        shapes[near, :2].mean(axis=0) + slope * (times[0] - middle) if near.sum() > 2 else shapes[0, :2]
    )
    usual = settings.usual_speed**2
    error = settings.position_spread**2 / square_s if square_s > 0 else math.inf
    known = usual / (usual + error)
    ahead_s = math.copysign(settings.leaving_s, times[0] - times[-1])
    return End(
        time_s=float(times[0]),
        position=position,
        velocity=known * slope,
        speed_spread=math.sqrt(settings.speed_spread**2 + usual * (1 - known)),
        height=height,
        is_at_border=video.is_at_border(row, position + ahead_s * known * slope, height),
    )


def _join(video: LinkedVideo, candidates: Sequence[Candidate], following: dict[int, int]) -> list[Candidate]:
    return [
        candidates[places[0]] if len(places) == 1 else _joined(video, [candidates[place] for place in places])
        for places in sequences(len(candidates), following)
    ]


def _joined(video: LinkedVideo, parts: Sequence[Candidate]) -> Candidate:
    tracklet = np.concatenate([part.tracklet for part in parts])
    return Candidate(
        tracklet,
        *_ends(video, tracklet),
        scene=parts[0].scene,
        appearance=np.sum([part.appearance for part in parts], axis=0),
        embedding=np.sum([part.embedding for part in parts], axis=0),
    )

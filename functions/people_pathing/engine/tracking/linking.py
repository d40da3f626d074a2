"""Joins tracklets across gaps: chooses the joins that are best supported by the evidence.

The chosen joins have the greatest sum of evidence such that each end and each start is used at most once,
which is an assignment problem (Huang, Wu, Nevatia, "Robust object tracking by hierarchical association of
detection responses", ECCV 2008).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from people_pathing.engine.detections import Detections
from people_pathing.engine.tracking.assignment import choose_in_blocks
from people_pathing.engine.tracking.camera import CameraMotion
from people_pathing.engine.tracking.candidates import Appearances, Candidates, Ends
from people_pathing.engine.tracking.evidence import Joins, weigh, weigh_new
from people_pathing.engine.tracking.settings import LinkSettings
from people_pathing.engine.tracking.tracklets import Tracklet, Tracklets, centres_and_sizes, times_s

CAMERA_TURN_US = 1_000_000
"""See `LinkedVideo.are_at_border`."""
PART = 1_000
"""Candidates that are described at once."""


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

    def are_at_border(
        self, rows: NDArray[np.int32], centres: NDArray[np.float64], heights: NDArray[np.float64]
    ) -> NDArray[np.bool_]:
        """Returns which places are at the border, (K,), and not because the camera moves there.

        A person whom the camera leaves behind has not walked away. So the place has to be at the border a
        second before and after, too.

        Args:
            rows: (K,) positions of the sampled frames.
            centres: (K, 2) stable coordinates.
            heights: (K,) of the people there, in the same.
        """
        times_us = self.detections.timestamps_us
        half = heights[:, None] / 2
        boxes = np.concatenate([centres - half, centres + half], axis=1)
        inside = np.zeros(len(rows), np.bool_)
        for turn_us in (-CAMERA_TURN_US, 0, CAMERA_TURN_US):
            near = np.minimum(np.searchsorted(times_us, times_us[rows] + turn_us), len(times_us) - 1)
            left, top, right, bottom = self.motion.to_picture(boxes, near).T
            margin, (width_px, height_px) = self.settings.border * (bottom - top), self.frame_size
            x, y = (left + right) / 2, (top + bottom) / 2
            is_inside = (margin <= x) & (x <= width_px - margin) & (margin <= y) & (y <= height_px - margin)
            inside |= is_inside & (self.scenes[near] == self.scenes[rows])
        return ~inside


def link(video: LinkedVideo, tracklets: Tracklets) -> Tracklets:
    """Joins tracklets until no join is likely any more.

    Each round makes only the more certain half of the possible joins. Joined tracklets tell more about a
    person's heading and appearance, which helps to decide the rest.

    Args:
        video: the video.
        tracklets: what association found, and single detections.

    Returns:
        Joined tracklets.
    """
    if len(tracklets) < 2:
        return tracklets
    candidates = candidates_of(video, tracklets)
    joins = weigh(candidates, video.settings)
    while len(joins.ends):
        chosen = choose_in_blocks(
            *joins, candidates.ends.time_s[joins.ends], block_s=2 * video.settings.longest_gap_s
        )
        if not len(chosen):
            break
        certain = chosen[joins.evidence[chosen] >= np.median(joins.evidence[chosen])]
        candidates, joins = _joined(video, candidates, joins, certain)
    return candidates.tracklets


def sequences(
    count: int, ends: NDArray[np.int64], starts: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Returns the sequences that joins form out of the numbers below `count`, by their first number.

    Args:
        count: how many numbers there are.
        ends: (J,) the earlier number of each join, each at most once.
        starts: (J,) the later ones, likewise.

    Returns:
        (count,) all numbers, those of one sequence after each other, and the lengths of the sequences.
    """
    previous = np.full(count, -1)
    previous[starts] = ends
    first, nth = np.arange(count), np.zeros(count, np.int64)
    later = starts
    while len(later):
        first[later] = previous[first[later]]
        nth[later] += 1
        later = later[previous[first[later]] >= 0]
    return np.lexsort((nth, first)), np.unique(first, return_counts=True)[1]


def candidates_of(video: LinkedVideo, tracklets: Tracklets) -> Candidates:
    """Describes tracklets that may be joined."""
    detections, appearances = video.detections, Appearances(video.detections)
    starts, ends = Ends.unknown(len(tracklets)), Ends.unknown(len(tracklets))
    keys = tracklets.firsts
    is_lone = tracklets.lengths == 1
    lone = np.flatnonzero(is_lone)
    for part in _parts(lone):
        moments = _lone_moments(video, keys[part])
        starts.set(part, moments)
        ends.set(part, moments)
    for part in _parts(np.flatnonzero(~is_lone)):
        members = [tracklets[number] for number in part]
        _set_ends(video, starts, ends, part, members)
        keys[part] = appearances.add_tracklets(members)
    scenes = video.scenes[detections.rows[tracklets.firsts]]
    return Candidates(tracklets, starts, ends, scenes, appearances, keys)


def _joined(
    video: LinkedVideo, before: Candidates, joins: Joins, certain: NDArray[np.int64]
) -> tuple[Candidates, Joins]:
    """Makes joins. Returns the candidates after it, and their possible joins."""
    order, sizes = sequences(len(before), joins.ends[certain], joins.starts[certain])
    firsts = np.cumsum(sizes) - sizes
    tracklets = before.tracklets.grouped(order, sizes)
    heads, is_new = order[firsts], sizes > 1
    starts, ends, keys = before.starts.of(heads), before.ends.of(heads), before.keys[heads]
    for part in _parts(np.flatnonzero(is_new)):
        _set_ends(video, starts, ends, part, [tracklets[number] for number in part])
        members = np.concatenate([order[firsts[number] : firsts[number] + sizes[number]] for number in part])
        keys[part] = before.appearances.add_joined(before.keys[members], sizes[part])
    after = Candidates(tracklets, starts, ends, before.scenes[heads], before.appearances, keys)
    numbers = np.empty(len(before), np.int64)
    numbers[order] = np.repeat(np.arange(len(after)), sizes)
    a, b = numbers[joins.ends], numbers[joins.starts]
    is_known = ~(is_new[a] | is_new[b])
    known = Joins(a[is_known], b[is_known], joins.evidence[is_known])
    return after, weigh_new(after, video.settings, known, is_new)


def _parts(numbers: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """Yields the numbers in parts, so that the vectors of one part fit into memory."""
    for start in range(0, len(numbers), PART):
        yield numbers[start : start + PART]


def _lone_moments(video: LinkedVideo, positions: NDArray[np.int64]) -> Ends:
    """Returns the moments of lone detections, whose velocity is unknown."""
    settings = video.settings
    rows = video.detections.rows[positions]
    shapes = centres_and_sizes(video.detections.boxes[positions])
    return Ends(
        time_s=times_s(video.detections, positions),
        position=shapes[:, :2],
        velocity=np.zeros((len(positions), 2)),
        speed_spread=np.full(len(positions), math.sqrt(settings.speed_spread**2 + settings.usual_speed**2)),
        height=shapes[:, 3],
        is_at_border=video.are_at_border(rows, shapes[:, :2], shapes[:, 3]),
    )


def _set_ends(
    video: LinkedVideo, starts: Ends, ends: Ends, part: NDArray[np.int64], tracklets: Sequence[Tracklet]
) -> None:
    """Sets the first and the last moments of these tracklets."""
    starts.set(part, _starts(video, tracklets))
    # The end of a path is the start of the same path in reversed time.
    ends.set(part, _starts(video, [tracklet[::-1] for tracklet in tracklets]))


class _Start(NamedTuple):
    """The first of some moments, which may be in reversed time.

    Attributes:
        time_s: seconds.
        position: (2,) pixels.
        velocity: (2,) pixels per second.
        speed_spread: heights per second.
        height: pixels.
        leaving: (2,) where the person is soon after the end of a path, or was soon before its start.
    """

    time_s: float
    position: NDArray[np.float64]
    velocity: NDArray[np.float64]
    speed_spread: float
    height: float
    leaving: NDArray[np.float64]


def _starts(video: LinkedVideo, tracklets: Sequence[Tracklet]) -> Ends:
    """Describes the first moment of each of these tracklets, whose time may be reversed."""
    columns = zip(*(_start(video, tracklet) for tracklet in tracklets), strict=True)
    time_s, position, velocity, speed_spread, height, leaving = map(np.array, columns)
    rows = video.detections.rows[[tracklet[0] for tracklet in tracklets]]
    is_at_border = video.are_at_border(rows, leaving, height)
    return Ends(time_s, position, velocity, speed_spread, height, is_at_border)


def _start(video: LinkedVideo, tracklet: Tracklet) -> _Start:
    """Describes the first moment of a tracklet.

    The velocity is the slope of a straight line through the detections near that moment. The fewer they are,
    and the shorter the time between them, the more it is drawn towards zero, the mean of all velocities.
    """
    settings = video.settings
    times = times_s(video.detections, tracklet)
    away = abs(times - times[0])
    third = away[min(2, len(away) - 1)]
    count = int(
        np.searchsorted(away, max(settings.heading_s, min(third, settings.longest_heading_s)), "right")
    )
    near, shapes = times[:count], centres_and_sizes(video.detections.boxes[tracklet[:count]])
    places = shapes[:, :2]
    middle, height = near.mean(), float(np.median(shapes[:, 3]))
    since = near - middle
    square_s = float((since**2).sum())
    slope = since @ places / square_s if square_s > 0 else np.zeros(2)
    position = places.mean(axis=0) + slope * (times[0] - middle) if count > 2 else places[0]
    usual = settings.usual_speed**2
    error = settings.position_spread**2 / square_s if square_s > 0 else math.inf
    known = usual / (usual + error)
    ahead_s = math.copysign(settings.leaving_s, times[0] - times[-1])
    return _Start(
        times[0],
        position,
        known * slope,
        math.sqrt(settings.speed_spread**2 + usual * (1 - known)),
        height,
        position + ahead_s * known * slope,
    )

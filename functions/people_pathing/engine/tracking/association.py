"""From detections to people's paths, using the whole video in both directions of time.

The tracker itself comes from the `trackers` library; what is done here is what a live tracker cannot do. The
tracker takes its time, so a long video is tracked in windows, each by itself; only joining the tracklets needs
the whole.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from people_pathing.engine.detections import Detections, Faces
from people_pathing.engine.tracking.linking import LinkSettings, link
from people_pathing.engine.tracking.tracklets import (
    Tracklet,
    centres_and_sizes,
    drop_covered_at_gaps,
    drop_doubtful,
    fill_gaps,
    smooth,
)
from people_pathing.engine.tracks import Track
from people_pathing.engine.video import Segment, VideoMetadata, cut

WINDOW_MS = 15 * 60 * 1000
"""How long a window is, more or less. With thirty people in the picture it takes two minutes to track."""
WARM_UP_US = 10_000_000
"""How much around a window is tracked, too, so that its borders are tracked like the rest of it."""

Successors = NDArray[np.int32]
"""How many detections further on the same person's next one is, for each detection; 0 where there is none."""


@dataclass(frozen=True, slots=True)
class TrackerSettings:
    """Times in seconds; scores 0..1.

    weakest_score       detections below this are not looked at
    high_score, new_track_score, lost_s     BoT-SORT's: what may go on with a track by itself, what may start
                        one, and how long one waits. It waits shortly, for linking bridges gaps better
    shortest_s, best_score, still_heights, still_score     see `drop_doubtful`
    smooth_place_s      half a stride: swinging arms and legs move a box, not the person
    smooth_size_s       sizes change more slowly than places
    gap_s, covered_share       see `drop_covered_at_gaps`
    """

    weakest_score: float = 0.1
    high_score: float = 0.4
    new_track_score: float = 0.5
    lost_s: float = 0.5
    shortest_s: float = 0.6
    best_score: float = 0.7
    still_heights: float = 0.5
    still_score: float = 0.6
    smooth_place_s: float = 0.35
    smooth_size_s: float = 0.7
    gap_s: float = 0.5
    covered_share: float = 0.5
    link: LinkSettings = field(default_factory=LinkSettings)


def plan_windows(metadata: VideoMetadata) -> tuple[Segment, ...]:
    """The windows of a video in which people are tracked: one, unless it is long."""
    return cut(metadata.duration_ms, max(1, round(metadata.duration_ms / WINDOW_MS)))


def around(window: Segment) -> tuple[float, float]:
    """From when to when, in microseconds, detections are needed to track a window."""
    return window.start_us - WARM_UP_US, np.inf if window.end_us is None else window.end_us + WARM_UP_US


def associate_window(
    detections: Detections, window: Segment, settings: TrackerSettings | None = None
) -> Successors:
    """Find for each detection of one window the next one of the same person.

    A tracker errs where people meet, and it errs differently coming from the other side: a step from one
    detection to the next is kept only if both directions made it. This also leaves out the first sighting of
    each direction, which a tracker names only with the second; it is often of half a person.

    Args:
        detections: at least those `around` the window.
        settings: None for the defaults.

    Returns:
        Successors of the detections that are shown within the window; the last of them may lead out of it.
    """
    settings = settings or TrackerSettings()
    start_us, end_us = around(window)
    near = _between(detections, start_us, end_us)
    forward, backward = (_successors(_track_ids(near, settings, backward=way)) for way in (False, True))
    shown_us = near.timestamps_us[near.rows]
    inside = (shown_us >= window.start_us) & (shown_us < (np.inf if window.end_us is None else window.end_us))
    return np.where(forward == backward, forward, 0)[inside].astype(np.int32)


def link_detections(
    detections: Detections,
    metadata: VideoMetadata,
    settings: TrackerSettings | None = None,
    *,
    successors: Successors | None = None,
) -> tuple[Track, ...]:
    """Find the people's paths in all detections of one video.

    Args:
        detections: of the whole video, segments concatenated.
        metadata: of the same video.
        settings: None for the defaults.
        successors: of all its windows, concatenated; None to track them here and now.

    Returns:
        Tracks in order of first appearance; equal input gives equal output.
    """
    settings = settings or TrackerSettings()
    if successors is None:
        successors = np.concatenate(
            [associate_window(detections, window, settings) for window in plan_windows(metadata)]
        )
    tracklets = link(
        detections, chains(successors), (metadata.frame_width, metadata.frame_height), settings.link
    )
    tracklets = drop_doubtful(
        detections,
        tracklets,
        shortest_s=min(settings.shortest_s, metadata.duration_ms / 2000),
        best_score=settings.best_score,
        still_heights=settings.still_heights,
        still_score=settings.still_score,
    )
    tracklets.sort(key=lambda tracklet: int(tracklet[0]))
    timestamps_ms = detections.timestamps_us // 1000
    return tuple(
        _track(index, detections, timestamps_ms, tracklet, settings)
        for index, tracklet in enumerate(tracklets)
    )


def _between(detections: Detections, start_us: float, end_us: float) -> Detections:
    """The detections shown at start_us <= t < end_us, without what tracking does not need."""
    first, last = np.searchsorted(detections.timestamps_us, [start_us, end_us])
    found = slice(*np.searchsorted(detections.rows, [first, last]))
    rows = detections.rows[found] - np.int32(first)
    return Detections(
        frame_numbers=detections.frame_numbers[first:last],
        timestamps_us=detections.timestamps_us[first:last],
        frame_count=detections.frame_count,
        rows=rows,
        boxes=detections.boxes[found],
        scores=detections.scores[found],
        descriptors=np.empty((len(rows), 0), np.uint8),
    )


def _track_ids(detections: Detections, settings: TrackerSettings, *, backward: bool) -> NDArray[np.int32]:
    """BoT-SORT's identity of each detection, -1 for none.

    Its compensation of camera motion is off: that needs pixels.
    """
    from supervision import Detections as FrameDetections
    from trackers import BoTSORTTracker

    times = detections.timestamps_us / 1e6
    frame_rate = _frame_rate(times)
    # Where a second has but a frame or two, everybody is lost from one to the next.
    lost_s = max(settings.lost_s, 2 / frame_rate)
    tracker = BoTSORTTracker(
        frame_rate=frame_rate,
        lost_track_buffer=round(30 * lost_s),
        high_conf_det_threshold=settings.high_score,
        track_activation_threshold=settings.new_track_score,
        enable_cmc=False,
    )
    ids = np.full(len(detections), -1, np.int32)
    frame_starts = np.searchsorted(detections.rows, np.arange(len(times) + 1))
    for frame in reversed(range(len(times))) if backward else range(len(times)):
        here = np.arange(frame_starts[frame], frame_starts[frame + 1])
        here = here[detections.scores[here] >= settings.weakest_score]
        found = tracker.update(
            FrameDetections(xyxy=detections.boxes[here], confidence=detections.scores[here], class_id=here),
            timestamp=float(times[-1] - times[frame] if backward else times[frame]),
        )
        if found.class_id is not None and found.tracker_id is not None:
            ids[found.class_id] = found.tracker_id
    return ids


def _frame_rate(times: NDArray[np.float64]) -> float:
    intervals = np.diff(times)
    intervals = intervals[intervals > 0]
    return 1 / float(np.median(intervals)) if len(intervals) else 1.0


def _successors(ids: NDArray[np.int32]) -> NDArray[np.int64]:
    """How many detections further on each identity's next one is, 0 for none."""
    successors = np.zeros(len(ids), np.int64)
    order = np.argsort(ids, kind="stable")
    order = order[ids[order] >= 0]
    same = ids[order[1:]] == ids[order[:-1]]
    successors[order[:-1][same]] = np.diff(order)[same]
    return successors


def chains(successors: Successors) -> list[Tracklet]:
    """The chains of at least two detections that the successors make up.

    Where two windows meet they may disagree and both lead to the same detection; the shorter step counts.
    """
    sources = np.flatnonzero(successors)
    targets = sources + successors[sources]
    previous = np.full(len(successors), -1)
    previous[targets] = sources  # of two sources the later one stays
    following = np.full(len(successors), -1)
    taken = previous[targets] == sources
    following[sources[taken]] = targets[taken]
    tracklets = []
    for head in np.flatnonzero((following >= 0) & (previous < 0)).tolist():
        chain = [head]
        while (head := int(following[head])) >= 0:
            chain.append(head)
        tracklets.append(np.array(chain, np.int64))
    return tracklets


def _track(
    index: int,
    detections: Detections,
    timestamps_ms: NDArray[np.int64],
    tracklet: Tracklet,
    settings: TrackerSettings,
) -> Track:
    tracklet = drop_covered_at_gaps(
        detections, tracklet, gap_s=settings.gap_s, covered_share=settings.covered_share
    )
    rows, shapes, scores = fill_gaps(
        detections.rows[tracklet].astype(np.int64),
        centres_and_sizes(detections.boxes[tracklet]),
        detections.scores[tracklet].astype(np.float64),
        detections.timestamps_us,
        heading_s=settings.link.heading_s,
    )
    times, weights = detections.timestamps_us[rows] / 1e6, np.maximum(scores, 0.1)
    centres = smooth(times, shapes[:, :2], weights, sigma_s=settings.smooth_place_s)
    sizes = smooth(times, shapes[:, 2:], weights, sigma_s=settings.smooth_size_s)
    boxes = np.concatenate([centres - sizes / 2, centres + sizes / 2], axis=1)
    seen = slice(int(rows[0]), int(rows[-1]) + 1)
    return Track(
        index=index,
        # views: a long video has many tracks of many rows, and one sequence of frames
        frame_numbers=detections.frame_numbers[seen],
        timestamps_ms=timestamps_ms[seen],
        boxes=boxes.astype(np.float32),
        scores=scores.astype(np.float32),
        faces=_faces(detections, tracklet, first_row=int(rows[0])),
    )


def _faces(detections: Detections, tracklet: Tracklet, first_row: int) -> Faces:
    """The faces of a tracklet's detections, their rows counted from the track's first."""
    start, end = np.searchsorted(detections.faces["row"], [tracklet[0], tracklet[-1] + 1])
    near = detections.faces[start:end]
    faces = near[np.isin(near["row"], tracklet, assume_unique=True)]
    faces["row"] = detections.rows[faces["row"]] - first_row
    return faces

"""From detections to people's paths, using the whole video in both directions of time.

The tracker itself comes from the `trackers` library; what is done here is what a live tracker cannot do.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tracking_engine.detection import Detections
from tracking_engine.linking import LinkSettings, link
from tracking_engine.track import Track
from tracking_engine.tracklets import Tracklet, centres_and_sizes, drop_doubtful, fill_gaps, smooth
from tracking_engine.video import VideoMetadata


@dataclass(frozen=True, slots=True)
class TrackerSettings:
    """Times in seconds; scores 0..1."""

    weakest_score: float = 0.2
    high_score: float = 0.4
    new_track_score: float = 0.66
    lost_s: float = 1.0
    shortest_s: float = 0.6
    best_score: float = 0.7
    fill_s: float = 2.0
    smooth_s: float = 0.15
    link: LinkSettings = field(default_factory=LinkSettings)


def link_detections(
    detections: Detections, metadata: VideoMetadata, settings: TrackerSettings | None = None
) -> tuple[Track, ...]:
    """Find the people's paths in all detections of one video.

    Args:
        detections: of the whole video, segments concatenated.
        metadata: of the same video.
        settings: None for the defaults.

    Returns:
        Tracks in order of first appearance; equal input gives equal output.
    """
    settings = settings or TrackerSettings()
    tracklets = short_tracks(detections, settings)
    tracklets = link(detections, tracklets, settings.link)
    tracklets = drop_doubtful(
        detections, tracklets, shortest_s=settings.shortest_s, best_score=settings.best_score
    )
    tracklets.sort(key=lambda tracklet: int(tracklet[0]))
    return tuple(
        _track(index, detections, tracklet, metadata, settings) for index, tracklet in enumerate(tracklets)
    )


def short_tracks(detections: Detections, settings: TrackerSettings) -> list[Tracklet]:
    """Tracklets as BoT-SORT finds them, forward in time and without its camera motion compensation."""
    from supervision import Detections as FrameDetections
    from trackers import BoTSORTTracker

    times = detections.timestamps_us / 1e6
    steps = np.diff(times)
    tracker = BoTSORTTracker(
        frame_rate=1 / float(np.median(steps)) if len(steps) else 1.0,
        lost_track_buffer=round(30 * settings.lost_s),
        high_conf_det_threshold=settings.high_score,
        track_activation_threshold=settings.new_track_score,
        enable_cmc=False,
    )
    ids = np.full(len(detections), -1, np.int64)
    frame_starts = np.searchsorted(detections.rows, np.arange(len(times) + 1))
    strong = detections.scores >= settings.weakest_score
    for frame, time in enumerate(times):
        here = np.arange(frame_starts[frame], frame_starts[frame + 1])
        here = here[strong[here]]
        found = tracker.update(
            FrameDetections(
                xyxy=detections.boxes[here], confidence=detections.scores[here], class_id=here
            ),
            timestamp=float(time),
        )
        if len(found):
            ids[found.class_id] = found.tracker_id
    return group_by_id(ids)


def group_by_id(ids: NDArray[np.int64]) -> list[Tracklet]:
    """Positions of each id >= 0, ordered by id."""
    used = np.flatnonzero(ids >= 0)
    used = used[np.argsort(ids[used], kind="stable")]
    if not len(used):
        return []
    return np.split(used, np.flatnonzero(np.diff(ids[used])) + 1)


def _track(
    index: int, detections: Detections, tracklet: Tracklet, metadata: VideoMetadata, settings: TrackerSettings
) -> Track:
    rows, shapes, scores = fill_gaps(
        detections.rows[tracklet].astype(np.int64),
        centres_and_sizes(detections.boxes[tracklet]),
        detections.scores[tracklet].astype(np.float64),
        detections.timestamps_us,
        longest_s=settings.fill_s,
    )
    shapes = smooth(
        detections.timestamps_us[rows] / 1e6, shapes, np.maximum(scores, 0.1), sigma_s=settings.smooth_s
    )
    half = shapes[:, 2:] / 2
    boxes = np.concatenate([shapes[:, :2] - half, shapes[:, :2] + half], axis=1)
    return Track(
        index=index,
        frame_numbers=detections.frame_numbers[rows],
        timestamps_ms=detections.timestamps_us[rows] // 1000,
        boxes=boxes.astype(np.float32),
        scores=scores.astype(np.float32),
    )

"""Turns the detections of a whole video into the paths of its people."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from people_pathing.engine.detections import Detections, Faces
from people_pathing.engine.tracking.association import Successors, associate_window, plan_windows
from people_pathing.engine.tracking.linking import link
from people_pathing.engine.tracking.settings import TrackerSettings
from people_pathing.engine.tracking.smoothing import fill_gaps, smooth
from people_pathing.engine.tracking.tracklets import (
    Tracklet,
    centres_and_sizes,
    drop_covered_at_gaps,
    drop_doubtful,
    tracklets_from,
)
from people_pathing.engine.tracks import Track
from people_pathing.engine.video import VideoMetadata

MIN_WEIGHT = 0.1
"""Smallest weight of a detection in smoothing, so that weak ones still count."""


def link_detections(
    detections: Detections,
    metadata: VideoMetadata,
    settings: TrackerSettings | None = None,
    *,
    successors: Successors | None = None,
) -> tuple[Track, ...]:
    """Finds the paths of the people in all detections of one video.

    Args:
        detections: of the whole video, segments concatenated.
        metadata: of the same video.
        settings: None for the defaults.
        successors: of all windows, concatenated; None to associate the windows now.

    Returns:
        Tracks in order of first appearance. Equal input gives equal output.
    """
    settings = settings or TrackerSettings()
    if successors is None:
        successors = np.concatenate(
            [associate_window(detections, window, settings) for window in plan_windows(metadata)]
        )
    frame_size = (metadata.frame_width, metadata.frame_height)
    tracklets = drop_doubtful(
        detections,
        link(detections, tracklets_from(successors), frame_size, settings.link),
        # In a video that is hardly longer than that, half of its duration is enough.
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
    times_s, weights = detections.timestamps_us[rows] / 1e6, np.maximum(scores, MIN_WEIGHT)
    centres = smooth(times_s, shapes[:, :2], weights, sigma_s=settings.smooth_place_s)
    sizes = smooth(times_s, shapes[:, 2:], weights, sigma_s=settings.smooth_size_s)
    boxes = np.concatenate([centres - sizes / 2, centres + sizes / 2], axis=1)
    visible = slice(int(rows[0]), int(rows[-1]) + 1)
    return Track(
        index=index,
        # Views, not copies: a long video has many tracks and only one sequence of frames.
        frame_numbers=detections.frame_numbers[visible],
        timestamps_ms=timestamps_ms[visible],
        boxes=boxes.astype(np.float32),
        scores=scores.astype(np.float32),
        faces=_faces(detections, tracklet, first_row=int(rows[0])),
    )


def _faces(detections: Detections, tracklet: Tracklet, first_row: int) -> Faces:
    """Returns the faces of a tracklet's detections, with rows relative to the track's first row."""
    start, end = np.searchsorted(detections.faces["row"], [tracklet[0], tracklet[-1] + 1])
    near = detections.faces[start:end]
    faces = near[np.isin(near["row"], tracklet, assume_unique=True)]
    faces["row"] = detections.rows[faces["row"]] - first_row
    return faces

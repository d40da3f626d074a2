"""Turns the detections of a whole video into the paths of its people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from people_pathing.engine.detections import Detections, Faces
from people_pathing.engine.models import Progress
from people_pathing.engine.tracking.association import Successors, associate_window, plan_windows
from people_pathing.engine.tracking.camera import find_camera_motion
from people_pathing.engine.tracking.frames import scene_numbers, search_interval_s
from people_pathing.engine.tracking.linking import LinkedVideo, link
from people_pathing.engine.tracking.returns import join_returns
from people_pathing.engine.tracking.settings import TrackerSettings
from people_pathing.engine.tracking.smoothing import fill_gaps, smooth
from people_pathing.engine.tracking.tracklets import (
    Tracklet,
    Tracklets,
    centres_and_sizes,
    drop_covered_at_gaps,
    drop_doubtful,
    lone_detections,
    tracklets_from,
)
from people_pathing.engine.tracks import Track
from people_pathing.engine.video import VideoMetadata

MIN_WEIGHT = 0.1
"""Smallest weight of a detection in smoothing, so that weak ones still count."""
SMOOTHED_ROWS = 2_000
"""Rows that are smoothed at once."""


def link_detections(
    detections: Detections,
    metadata: VideoMetadata,
    settings: TrackerSettings | None = None,
    *,
    successors: Successors | None = None,
    on_progress: Progress | None = None,
) -> tuple[Track, ...]:
    """Finds the paths of the people in all detections of one video.

    Args:
        detections: of the whole video, segments concatenated.
        metadata: of the same video.
        settings: None for the defaults.
        successors: of all windows, concatenated; None to associate the windows now.
        on_progress: receives the share of the windows that are associated, 0..1.

    Returns:
        Tracks in order of first appearance. Equal input gives equal output.
    """
    settings = settings or TrackerSettings()
    if successors is None:
        found, windows = [], plan_windows(metadata)
        for window in windows:
            found.append(associate_window(detections, window, settings))
            if on_progress:
                on_progress(len(found) / len(windows))
        successors = np.concatenate(found)
    motion = find_camera_motion(detections, settings.camera)
    video = LinkedVideo(
        motion.stabilised(detections),
        motion,
        frame_size=(metadata.frame_width, metadata.frame_height),
        scenes=scene_numbers(detections),
        settings=settings.link,
    )
    linked = link(video, _unlinked(detections, successors, settings))
    tracklets = drop_doubtful(video.detections, linked, settings)
    if settings.recognises_returns:
        tracklets = join_returns(video, tracklets, settings.returning_distance)
    tracklets.sort(key=lambda tracklet: int(tracklet[0]))
    timestamps_ms, interval_s = detections.timestamps_us // 1000, search_interval_s(detections)
    filled = (_filled(video, tracklet, interval_s, settings) for tracklet in tracklets)
    smoothed = (path for batch in _batches(filled) for path in _smoothed(batch, video, settings))
    return tuple(
        _track(index, video, timestamps_ms, interval_s, path, settings) for index, path in enumerate(smoothed)
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Path:
    """A person's path in stable coordinates.

    Attributes:
        tracklet: (D,) the person's detections.
        rows: (T,) int64 positions of the sampled frames, without gaps.
        shapes: (T, 4) centre x, centre y, width, height.
        scores: (T,) 0..1.
    """

    tracklet: Tracklet
    rows: NDArray[np.int64]
    shapes: NDArray[np.float64]
    scores: NDArray[np.float64]


def _unlinked(detections: Detections, successors: Successors, settings: TrackerSettings) -> Tracklets:
    """Returns what association found, and the detections that it left alone."""
    found = tracklets_from(successors)
    return Tracklets.of(found, lone_detections(detections, found, settings))


def _filled(video: LinkedVideo, tracklet: Tracklet, interval_s: float, settings: TrackerSettings) -> _Path:
    """Returns the path of a tracklet, with its gaps filled."""
    detections = video.detections
    tracklet = drop_covered_at_gaps(
        detections,
        tracklet,
        # Where people are searched rarely, the time between two searches is no gap.
        gap_s=max(settings.gap_s, 1.5 * interval_s),
        covered_share=settings.covered_share,
    )
    rows, shapes, scores = fill_gaps(
        detections.rows[tracklet].astype(np.int64),
        centres_and_sizes(detections.boxes[tracklet]),
        detections.scores[tracklet].astype(np.float64),
        detections.timestamps_us,
        heading_s=settings.link.heading_s,
        bent_s=settings.gap_s,
    )
    return _Path(tracklet, rows, shapes, scores)


def _batches(paths: Iterable[_Path]) -> Iterator[list[_Path]]:
    """Yields the paths in batches with at least SMOOTHED_ROWS rows, except the last one."""
    batch, row_count = [], 0
    for path in paths:
        batch.append(path)
        row_count += len(path.rows)
        if row_count >= SMOOTHED_ROWS:
            yield batch
            batch, row_count = [], 0
    if batch:
        yield batch


def _smoothed(batch: Sequence[_Path], video: LinkedVideo, settings: TrackerSettings) -> Iterator[_Path]:
    """Yields the same paths, smoothed."""
    lengths = [len(path.rows) for path in batch]
    numbers = np.repeat(np.arange(len(batch)), lengths)
    times_s = video.detections.timestamps_us[np.concatenate([path.rows for path in batch])] / 1e6
    weights = np.maximum(np.concatenate([path.scores for path in batch]), MIN_WEIGHT)
    shapes = np.concatenate([path.shapes for path in batch])
    places = smooth(times_s, shapes[:, :2], weights, numbers, sigma_s=settings.smooth_place_s)
    sizes = smooth(times_s, shapes[:, 2:], weights, numbers, sigma_s=settings.smooth_size_s)
    parts = np.split(np.concatenate([places, sizes], axis=1), np.cumsum(lengths)[:-1])
    for path, part in zip(batch, parts, strict=True):
        yield replace(path, shapes=part)


def _track(
    index: int,
    video: LinkedVideo,
    timestamps_ms: NDArray[np.int64],
    interval_s: float,
    path: _Path,
    settings: TrackerSettings,
) -> Track:
    detections, tracklet, rows = video.detections, path.tracklet, path.rows
    found_rows = detections.rows[tracklet].astype(np.int64)
    centres, sizes = path.shapes[:, :2], path.shapes[:, 2:]
    boxes = video.motion.to_picture(np.concatenate([centres - sizes / 2, centres + sizes / 2], axis=1), rows)
    kept = _known_rows(found_rows, rows, detections.timestamps_us, max(settings.filled_s, 1.5 * interval_s))
    if not video.motion.is_fixed:
        kept &= _in_picture(boxes, video.frame_size)
    # Usually all rows are kept. Views then save memory: a long video has many tracks and only one sequence of
    # frames.
    used = slice(int(rows[0]), int(rows[-1]) + 1) if kept.all() else rows[kept]
    return Track(
        index=index,
        frame_numbers=detections.frame_numbers[used],
        timestamps_ms=timestamps_ms[used],
        boxes=boxes[kept].astype(np.float32),
        scores=path.scores[kept].astype(np.float32),
        faces=_faces(detections, tracklet, rows[kept]),
    )


def _known_rows(
    found_rows: NDArray[np.int64],
    rows: NDArray[np.int64],
    timestamps_us: NDArray[np.int64],
    filled_s: float,
) -> NDArray[np.bool_]:
    """Returns which rows are outside of gaps longer than filled_s, in which the place is unknown."""
    kept = np.ones(len(rows), bool)
    long = np.flatnonzero(np.diff(timestamps_us[found_rows]) > filled_s * 1e6)
    for before, after in zip(found_rows[long].tolist(), found_rows[long + 1].tolist(), strict=True):
        kept[before + 1 - rows[0] : after - rows[0]] = False
    return kept


def _in_picture(boxes: NDArray[np.float32], frame_size: tuple[int, int]) -> NDArray[np.bool_]:
    """Returns which boxes have their centre in the picture. A moving camera may lose a person in a gap."""
    x, y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    return np.asarray((x >= 0) & (y >= 0) & (x <= frame_size[0]) & (y <= frame_size[1]))


def _faces(detections: Detections, tracklet: Tracklet, rows: NDArray[np.int64]) -> Faces:
    """Returns the faces of a tracklet's detections. Their rows are positions in the rows of the track."""
    start, end = np.searchsorted(detections.faces["row"], [tracklet[0], tracklet[-1] + 1])
    near = detections.faces[start:end]
    faces = near[np.isin(near["row"], tracklet, assume_unique=True)]
    frames = detections.rows[faces["row"]]
    faces["row"] = np.searchsorted(rows, frames)
    return faces[np.isin(frames, rows)]

"""Finds the next detection of the same person for each detection, window by window.

The tracker comes from the `trackers` library. A stored video allows what a live tracker cannot do: it runs in
both directions of time, and only the steps on which both runs agree are kept. Tracking time grows with the
length of the video, so a long video is tracked in windows that can be processed independently.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from people_pathing.engine.detections import Detections
from people_pathing.engine.opencv import cv2_module
from people_pathing.engine.tracking.camera import find_camera_motion
from people_pathing.engine.tracking.frames import scene_numbers, search_interval_s
from people_pathing.engine.tracking.settings import TrackerSettings
from people_pathing.engine.video import Segment, VideoMetadata, cut

WINDOW_MS = 15 * 60 * 1000
"""Approximate length of a window. With thirty people in the picture, one takes two minutes to track."""
WINDOW_FRAMES = 27_000
"""Most frames of a window, approximately: 15 minutes at 30 frames per second. If all of them are sampled and
show 150 people, one takes six minutes to track."""
HIGHEST_WINDOW_RATE = 60.0
"""At a higher frame rate, in frames per second, windows do not become shorter. Six hours have at most 48
windows, so the history of an execution has room for them."""
WARM_UP_US = 10_000_000
"""How much is tracked before and after a window, so that its borders are as reliable as its middle."""

Successors = NDArray[np.int32]
"""(N,) int32: how many detections later the same person's next detection is; 0 if there is none."""


def plan_windows(metadata: VideoMetadata) -> tuple[Segment, ...]:
    """Returns the windows in which a video is tracked: one, unless it is long or has very many frames."""
    frames = metadata.duration_ms / 1000 * min(metadata.frame_rate, HIGHEST_WINDOW_RATE)
    return cut(
        metadata.duration_ms, max(1, round(metadata.duration_ms / WINDOW_MS), round(frames / WINDOW_FRAMES))
    )


def needed_interval_us(window: Segment) -> tuple[float, float]:
    """Returns start and end of the detections that are needed to track a window."""
    return window.start_us - WARM_UP_US, np.inf if window.end_us is None else window.end_us + WARM_UP_US


def associate_window(
    detections: Detections, window: Segment, settings: TrackerSettings | None = None
) -> Successors:
    """Finds the next detection of the same person for each detection of one window.

    A tracker makes mistakes where people meet, and it makes different ones in reversed time. A step from one
    detection to the next is kept only if both directions made it. This also drops each direction's first
    detection of a person, which often shows only part of the person: a tracker reports an identity from the
    second detection on.

    Args:
        detections: at least those in the time that `needed_interval_us` returns.
        window: the window to track.
        settings: None for the defaults.

    Returns:
        Successors of the detections within the window. The last ones may lead out of it.
    """
    settings = settings or TrackerSettings()
    start_us, end_us = needed_interval_us(window)
    near = _between(detections, start_us, end_us)
    near = find_camera_motion(near, settings.camera).stabilised(near)
    forward, backward = (_successors(_track_ids(near, settings, backward=way)) for way in (False, True))
    shown_us = near.timestamps_us[near.rows]
    inside = (shown_us >= window.start_us) & (shown_us < (np.inf if window.end_us is None else window.end_us))
    return np.where(forward == backward, forward, 0)[inside].astype(np.int32)


def _between(detections: Detections, start_us: float, end_us: float) -> Detections:
    """Returns the detections shown at start_us <= t < end_us, without appearance and faces."""
    first, last = np.searchsorted(detections.timestamps_us, [start_us, end_us])
    shown = slice(*np.searchsorted(detections.rows, [first, last]))
    rows = detections.rows[shown] - np.int32(first)
    return Detections(
        frame_numbers=detections.frame_numbers[first:last],
        timestamps_us=detections.timestamps_us[first:last],
        searched=detections.searched[first:last],
        cuts=detections.cuts[first:last],
        camera_steps=detections.camera_steps[first:last],
        frame_count=detections.frame_count,
        expected_frame_count=detections.expected_frame_count,
        rows=rows,
        boxes=detections.boxes[shown],
        scores=detections.scores[shown],
        descriptors=np.empty((len(rows), 0), np.uint8),
    )


def _track_ids(detections: Detections, settings: TrackerSettings, *, backward: bool) -> NDArray[np.int32]:
    """Returns BoT-SORT's identity of each detection, (N,) int32, -1 for none. Each scene has its own.

    Its compensation of camera motion is off, because that needs the pixels of the frames.
    """
    cv2_module()  # `trackers` imports OpenCV, too, and does not explain a missing libGL
    from people_pathing.engine.tracking.fast_botsort import FastBoTSORT

    times_s = detections.timestamps_us / 1e6
    searched = np.flatnonzero(detections.searched)
    frame_rate = 1 / search_interval_s(detections)
    # At one or two frames per second, a shorter time would lose every person from one frame to the next.
    lost_s = max(settings.lost_s, 2 / frame_rate)
    ids = np.full(len(detections), -1, np.int32)
    frame_starts = np.searchsorted(detections.rows, np.arange(len(times_s) + 1))
    scenes = scene_numbers(detections)[searched]
    order = slice(None, None, -1 if backward else 1)
    is_tracked = _with_people(times_s, frame_starts, lost_s + 2 / frame_rate, backward=backward)[searched]
    searched, scenes = searched[is_tracked], scenes[is_tracked]
    tracker, scene, first_id = None, -1, 0
    for frame, frame_scene in zip(searched[order].tolist(), scenes[order].tolist(), strict=True):
        if tracker is None or frame_scene != scene:
            scene, first_id = frame_scene, int(ids.max(initial=-1)) + 1
            tracker = FastBoTSORT(
                frame_rate=frame_rate,
                lost_track_buffer=round(30 * lost_s),
                high_conf_det_threshold=settings.high_score,
                track_activation_threshold=settings.new_track_score,
            )
        here = np.arange(frame_starts[frame], frame_starts[frame + 1])
        here = here[detections.scores[here] >= settings.weakest_score]
        timestamp_s = float(times_s[-1] - times_s[frame] if backward else times_s[frame])
        identities = tracker.identities(detections.boxes[here], detections.scores[here], timestamp_s)
        tracked = identities >= 0
        ids[here[tracked]] = identities[tracked] + first_id
    return ids


def _with_people(
    times_s: NDArray[np.float64], frame_starts: NDArray[np.int64], lost_s: float, *, backward: bool
) -> NDArray[np.bool_]:
    """Returns which frames have detections, or follow one that has at most some seconds later, (F,) bool.

    After that, the tracker has dropped all tracks, and frames without people change nothing.
    """
    elapsed_s = -times_s[::-1] if backward else times_s
    has_people = np.diff(frame_starts)[:: -1 if backward else 1] > 0
    latest_s = np.maximum.accumulate(np.where(has_people, elapsed_s, -np.inf))
    is_near = elapsed_s - latest_s <= lost_s
    return is_near[::-1] if backward else is_near


def _successors(ids: NDArray[np.int32]) -> NDArray[np.int64]:
    """Returns how many detections later each identity occurs again, 0 for never."""
    successors = np.zeros(len(ids), np.int64)
    order = np.argsort(ids, kind="stable")
    order = order[ids[order] >= 0]
    same = ids[order[1:]] == ids[order[:-1]]
    successors[order[:-1][same]] = np.diff(order)[same]
    return successors

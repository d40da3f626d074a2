"""From detections to people's paths, using the whole video in both directions of time.

The tracker itself comes from the `trackers` library; what is done here is what a live tracker cannot do.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from tracking_engine.detection import Detections, Faces, no_faces
from tracking_engine.linking import LinkSettings, link
from tracking_engine.track import Track
from tracking_engine.tracklets import (
    Tracklet,
    centres_and_sizes,
    drop_covered_at_gaps,
    drop_doubtful,
    fill_gaps,
    smooth,
)
from tracking_engine.video import VideoMetadata

LONG_FRAMES = 10_000
"""From so many sampled frames on, a second process is worth the two seconds that it takes to start."""

BACKWARD = """
import sys
sys.path[:0] = sys.argv[2:]
from tracking_engine.tracker import track_backward
track_backward()
"""


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
    tracklets = two_way_tracklets(detections, settings)
    tracklets = link(detections, tracklets, (metadata.frame_width, metadata.frame_height), settings.link)
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


def two_way_tracklets(detections: Detections, settings: TrackerSettings) -> list[Tracklet]:
    """Tracklets on which tracking forward and tracking backward in time agree.

    A tracker errs where people meet, and it errs differently coming from the other side: a step from one
    detection to the next is kept only if both directions made it. This also leaves out the first sighting of
    each direction, which a tracker names only with the second; it is often of half a person.
    """
    forward, backward = (_steps(ids) for ids in _ids_both_ways(detections, settings))
    return _chains(np.where(forward == backward, forward, -1))


def _ids_both_ways(
    detections: Detections, settings: TrackerSettings
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """`_track_ids` forward and backward; of a long video at the same time, in a process of its own."""
    if len(detections.frame_numbers) < LONG_FRAMES:
        return (
            _track_ids(detections, settings, backward=False),
            _track_ids(detections, settings, backward=True),
        )
    without_looks = replace(
        detections, descriptors=np.empty((len(detections), 0), np.uint8), faces=no_faces()
    )
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as found:
        without_looks.save(given)
        given.seek(0)
        command = [sys.executable, "-c", BACKWARD, json.dumps(_tracking_settings(settings)), *sys.path]
        with subprocess.Popen(command, stdin=given, stdout=found) as child:  # noqa: S603 - our own code
            forward = _track_ids(detections, settings, backward=False)
        if child.returncode:
            raise RuntimeError(f"tracking backward in time ended with status {child.returncode}")
        found.seek(0)
        return forward, np.load(found, allow_pickle=False)


def _tracking_settings(settings: TrackerSettings) -> dict[str, float]:
    names = ("weakest_score", "high_score", "new_track_score", "lost_s")
    return {name: getattr(settings, name) for name in names}


def track_backward() -> None:
    """What the process for the backward direction does: detections from stdin, identities to stdout."""
    settings = TrackerSettings(**json.loads(sys.argv[1]))
    detections = Detections.load(io.BytesIO(sys.stdin.buffer.read()))
    np.save(sys.stdout.buffer, _track_ids(detections, settings, backward=True))


def _track_ids(detections: Detections, settings: TrackerSettings, *, backward: bool) -> NDArray[np.int32]:
    """BoT-SORT's identity of each detection, -1 for none.

    Its compensation of camera motion is off: that needs pixels.
    """
    from supervision import Detections as FrameDetections
    from trackers import BoTSORTTracker

    times = detections.timestamps_us / 1e6
    tracker = BoTSORTTracker(
        frame_rate=_frame_rate(times),
        lost_track_buffer=round(30 * settings.lost_s),
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
    steps = np.diff(times)
    steps = steps[steps > 0]
    return 1 / float(np.median(steps)) if len(steps) else 1.0


def _steps(ids: NDArray[np.int32]) -> NDArray[np.int32]:
    """For each detection the next one of the same identity, -1 for none."""
    following = np.full(len(ids), -1, np.int32)
    order = np.argsort(ids, kind="stable").astype(np.int32)
    order = order[ids[order] >= 0]
    same = ids[order[1:]] == ids[order[:-1]]
    following[order[:-1][same]] = order[1:][same]
    return following


def _chains(following: NDArray[np.int32]) -> list[Tracklet]:
    """The chains of at least two detections that the steps make up."""
    continued = np.zeros(len(following), bool)
    continued[following[following >= 0]] = True
    chains = []
    for head in np.flatnonzero((following >= 0) & ~continued).tolist():
        chain = [head]
        while (head := int(following[head])) >= 0:
            chain.append(head)
        chains.append(np.array(chain, np.int64))
    return chains


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

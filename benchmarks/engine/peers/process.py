"""Runs one live tracker on stored detections and stores the rows that it reports.

    python process.py NAME DETECTIONS ROWS --frame-rate 25 [--video FILE]

The script runs in the environment that has the tracker, so it imports nothing of this project. Each tracker
has the settings that its library or its own examples choose.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

YOLO_SCORE = 0.25
"""The examples of supervision leave out boxes below this score, as YOLO does unless asked otherwise."""
EXAMPLE_SCORE = 0.5
"""The same in the examples of norfair and motpy."""


class Person(NamedTuple):
    """A person whom a tracker reports.

    Attributes:
        identity: of any kind.
        box: xyxy pixels.
        score: 0..1.
    """

    identity: object
    box: Any
    score: float


Update = Callable[[Any, Any, Any], Iterable[Person]]
"""From the boxes (N, 4), the scores (N,) and perhaps the picture of a frame to the people in it."""


def of_trackers(class_name: str, **settings: Any) -> Callable[[float], Update]:
    """Returns a tracker of the library `trackers`."""

    def make(frame_rate: float) -> Update:
        detections = import_module("supervision").Detections
        tracker = getattr(import_module("trackers"), class_name)(frame_rate=frame_rate, **settings)

        def update(boxes: Any, scores: Any, picture: Any) -> Iterator[Person]:
            found = tracker.update(detections(boxes, confidence=scores), picture)
            for identity, box, score in zip(found.tracker_id, found.xyxy, found.confidence, strict=True):
                if identity >= 0:
                    yield Person(int(identity), box, float(score))

        return update

    return make


def supervision_bytetrack(frame_rate: float) -> Update:
    """Returns supervision's ByteTrack as its examples create it."""
    supervision = import_module("supervision")
    tracker = supervision.ByteTrack(frame_rate=frame_rate)

    def update(boxes: Any, scores: Any, _: Any) -> Iterator[Person]:
        kept = scores >= YOLO_SCORE
        found = tracker.update_with_detections(
            supervision.Detections(boxes[kept], confidence=scores[kept], class_id=np.zeros(kept.sum(), int))
        )
        for identity, box, score in zip(found.tracker_id, found.xyxy, found.confidence, strict=True):
            yield Person(int(identity), box, float(score))

    return update


def norfair(_: float) -> Update:
    """Returns the tracker of norfair's example for MOTChallenge (demos/motmetrics4norfair)."""
    library = import_module("norfair")
    tracker = library.Tracker(
        distance_function="iou",
        distance_threshold=0.9,
        detection_threshold=EXAMPLE_SCORE,
        pointwise_hit_counter_max=3,
        hit_counter_max=8,
        filter_factory=import_module("norfair.filter").FilterPyKalmanFilterFactory(),
    )

    def update(boxes: Any, scores: Any, _: Any) -> Iterator[Person]:
        detections = [
            library.Detection(points=box.reshape(2, 2), scores=np.full(2, score))
            for box, score in zip(boxes, scores, strict=True)
            if score >= EXAMPLE_SCORE
        ]
        for tracked in tracker.update(detections):
            yield Person(tracked.id, tracked.estimate.reshape(4), float(tracked.last_detection.scores[0]))

    return update


def motpy(frame_rate: float) -> Update:
    """Returns the tracker of motpy's example for videos (examples/detect_and_track_in_video.py)."""
    library = import_module("motpy")
    tracker = library.MultiObjectTracker(
        dt=1 / frame_rate,
        tracker_kwargs={"max_staleness": 5},
        model_spec={
            "order_pos": 1,
            "dim_pos": 2,
            "order_size": 0,
            "dim_size": 2,
            "q_var_pos": 5000.0,
            "r_var_pos": 0.1,
        },
        matching_fn_kwargs={"min_iou": 0.25, "multi_match_min_iou": 0.93},
    )

    def update(boxes: Any, scores: Any, _: Any) -> Iterator[Person]:
        tracker.step(
            [
                library.Detection(box=box, score=float(score))
                for box, score in zip(boxes, scores, strict=True)
                if score >= EXAMPLE_SCORE
            ]
        )
        for track in tracker.active_tracks(min_steps_alive=3):
            yield Person(track.id, track.box, float(track.score))

    return update


MAKERS: dict[str, Callable[[float], Update]] = {
    "botsort": of_trackers("BoTSORTTracker", enable_cmc=False),
    "botsort-camera": of_trackers("BoTSORTTracker"),
    "bytetrack": of_trackers("ByteTrackTracker"),
    "ocsort": of_trackers("OCSORTTracker"),
    "cbiou": of_trackers("CBIoUTracker"),
    "sort": of_trackers("SORTTracker"),
    "supervision": supervision_bytetrack,
    "norfair": norfair,
    "motpy": motpy,
}
"""From a frame rate to the tracker, by name."""


def track(update: Update, columns: Any, pictures: Iterator[Any] | None) -> tuple[Any, float]:
    """Runs a tracker over all frames.

    Args:
        update: the tracker.
        columns: what `Detections.save` wrote.
        pictures: all frames of the video, (H, W, 3) BGR; None for a tracker that needs none.

    Returns:
        MOTChallenge rows (N, 7), and the seconds of processor time that the tracker took.
    """
    frames, boxes, scores = columns["frame_numbers"], columns["boxes"], columns["scores"]
    starts = np.searchsorted(columns["rows"], np.arange(len(frames) + 1))
    numbers: dict[object, int] = {}
    rows, seconds, next_picture = [], 0.0, 0
    for row, frame in enumerate(frames.tolist()):
        here = slice(starts[row], starts[row + 1])
        picture = None
        while pictures and next_picture <= frame:
            picture, next_picture = next(pictures), next_picture + 1
        started = time.process_time()
        people = list(update(boxes[here], scores[here], picture))
        seconds += time.process_time() - started
        for person in people:
            x1, y1, x2, y2 = (float(value) for value in person.box)
            number = numbers.setdefault(person.identity, len(numbers) + 1)
            rows.append([frame + 1, number, x1, y1, x2 - x1, y2 - y1, person.score])
    return np.array(rows, np.float64).reshape(-1, 7), seconds


def pictures_of(video: Path) -> Iterator[Any]:
    """Yields all frames of a video."""
    with import_module("av").open(video) as file:
        for frame in file.decode(video=0):
            yield frame.to_ndarray(format="bgr24")


def main() -> None:
    """Runs the tracker that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("name", choices=MAKERS)
    parser.add_argument("detections", type=Path)
    parser.add_argument("rows", type=Path, help="the file to write (npz)")
    parser.add_argument("--frame-rate", type=float, required=True, help="of the frames in the detections")
    parser.add_argument("--video", type=Path, help="for a tracker that looks at the pictures")
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # old trackers are announced to be removed
    update = MAKERS[options.name](options.frame_rate)
    pictures = pictures_of(options.video) if options.video else None
    with np.load(options.detections) as columns:
        rows, seconds = track(update, columns, pictures)
    np.savez(options.rows, rows=rows, seconds=seconds)


if __name__ == "__main__":
    main()

"""Made-up scenes with known identities: boxes that move along given paths, in clothes of given colours."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from people_pathing.engine.detections import FIXED_CAMERA, Detections
from people_pathing.engine.tracking.appearance import DESCRIPTOR_SIZE
from people_pathing.engine.tracks import Track
from people_pathing.engine.video import VideoMetadata

WIDTH_PX, HEIGHT_PX = 800, 600
PERSON_PX = (40.0, 100.0)


@dataclass(frozen=True)
class Actor:
    """A person whose feet are at path(seconds) from start_s to end_s, except in the hidden intervals."""

    path: Callable[[float], tuple[float, float]]
    clothes: int
    start_s: float = 0.0
    end_s: float = 60.0
    hidden: Sequence[tuple[float, float]] = ()
    score: float | Callable[[float], float] = 0.85

    def seen_at(self, time_s: float) -> bool:
        return self.start_s <= time_s <= self.end_s and not any(a < time_s < b for a, b in self.hidden)

    def score_at(self, time_s: float) -> float:
        return self.score if isinstance(self.score, float) else self.score(time_s)

    def box_at(self, time_s: float) -> NDArray[np.float64]:
        x, feet = self.path(time_s)
        return np.array([x - PERSON_PX[0] / 2, feet - PERSON_PX[1], x + PERSON_PX[0] / 2, feet])


def walk(x: float, feet: float, vx: float, vy: float = 0.0) -> Callable[[float], tuple[float, float]]:
    """A straight path: pixels at second 0, pixels per second."""
    return lambda time_s: (x + vx * time_s, feet + vy * time_s)


def clothes(colour: int) -> NDArray[np.uint8]:
    """A descriptor whose non-zero bins are used by no other colour."""
    descriptor = np.zeros(DESCRIPTOR_SIZE, np.uint8)
    descriptor[colour::16] = 80
    return descriptor


def film(
    actors: Sequence[Actor],
    *,
    duration_s: float = 10.0,
    times_s: Sequence[float] | None = None,
    frame_rate: float = 15.0,
    jitter_px: float = 1.0,
) -> tuple[Detections, VideoMetadata, NDArray[np.int64]]:
    """Returns the detections in the scene, its metadata, and for each detection the position of its actor."""
    noise = np.random.default_rng(7)
    times = np.arange(0, duration_s, 1 / frame_rate) if times_s is None else np.array(times_s)
    found = [
        (
            row,
            who,
            actor.box_at(time) + noise.normal(0, jitter_px, 4),
            actor.score_at(time),
            clothes(actor.clothes),
        )
        for row, time in enumerate(times.tolist())
        for who, actor in enumerate(actors)
        if actor.seen_at(time)
    ]
    detections = Detections(
        frame_numbers=np.arange(len(times), dtype=np.int64),
        timestamps_us=np.round(times * 1e6).astype(np.int64),
        searched=np.ones(len(times), np.bool_),
        cuts=np.zeros(len(times), np.bool_),
        camera_steps=np.tile(np.array(FIXED_CAMERA, np.float32), (len(times), 1)),
        frame_count=len(times),
        expected_frame_count=len(times),
        rows=np.array([one[0] for one in found], np.int32),
        boxes=np.array([one[2] for one in found], np.float32).reshape(-1, 4),
        scores=np.array([one[3] for one in found], np.float32),
        descriptors=np.array([one[4] for one in found], np.uint8).reshape(-1, DESCRIPTOR_SIZE),
    )
    metadata = VideoMetadata(
        "h264", "QuickTime / MOV", round(duration_s * 1000), frame_rate, WIDTH_PX, HEIGHT_PX, None
    )
    return detections, metadata, np.array([one[1] for one in found], np.int64)


def actors_of(track: Track, actors: Sequence[Actor]) -> set[int]:
    """Returns the actors that a track follows: at each time, the one whose true box is nearest."""
    followed = set()
    for timestamp_ms, box in zip(track.timestamps_ms.tolist(), track.boxes, strict=True):
        distances = [float(np.abs(actor.box_at(timestamp_ms / 1000) - box).max()) for actor in actors]
        followed.add(int(np.argmin(distances)))
    return followed

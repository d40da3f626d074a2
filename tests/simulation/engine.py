"""Replaces the engine by one that finds in a "video" what its few bytes say.

A video is one line of JSON, see `Content`. The worker's steps are the real ones. They read the video, store
their artifacts and write the result object with the service's own code.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np

from people_pathing.engine.video import Segment, VideoError, VideoMetadata
from people_pathing.service.result_pages.from_tracks import FACE, PERSON, Observations

OBSERVATIONS_PER_PERSON = 3
FRAME_COUNT = 180
METADATA = VideoMetadata("h264", "QuickTime / MOV", 6000, 30.0, 640, 360, None)
DETECTOR = SimpleNamespace(name="simulated", input_size=lambda width_px, height_px: (width_px, height_px))


@dataclass(frozen=True, slots=True)
class Content:
    """What a video contains.

    Attributes:
        people: how many people walk through it.
        segments: in how many segments it is searched.
        is_broken: it is not a video at all.
        is_too_large: every function that reads it runs out of memory.
    """

    people: int = 1
    segments: int = 1
    is_broken: bool = False
    is_too_large: bool = False

    def to_bytes(self) -> bytes:
        """Returns the video."""
        return json.dumps(asdict(self)).encode()


class Detections:
    """The detections in one segment."""

    faces = ()
    frame_count = expected_frame_count = FRAME_COUNT
    timestamps_us = np.arange(FRAME_COUNT) * 33_333

    def __init__(self, people: int) -> None:
        self.people = people
        self.rows = np.arange(people)

    def __len__(self) -> int:
        return self.people

    def save(self, file: Any) -> None:
        file.write(str(self.people).encode())

    @classmethod
    def load(cls, file: Any) -> Detections:
        return cls(int(file.read()))


class Engine:
    """The functions of the engine that the worker's steps use.

    Args:
        work: is called while a segment is searched. It may wait, or end the process.
    """

    def __init__(self, work: Callable[[Content], None]) -> None:
        self._work = work

    def names(self) -> dict[str, Any]:
        """Returns what to put in the place of the engine's own functions."""
        return {
            "Detections": Detections,
            "concatenate": self._concatenate,
            "WorkMeter": lambda *_: None,
            "detect_segment": self._detect_segment,
            "frame_work": lambda *_, **__: None,
            "link_detections": lambda detections, *_, **__: [None] * detections.people,
            # The code before the job store loads its detector by this name.
            "load_detector": lambda *_, **__: DETECTOR,
            "plan_by_work": self._plan_by_work,
            # The code before the job store cut segments by time.
            "plan_segments": self._plan_segments,
            "plan_windows": lambda *_, **__: [None],
            "summarize": lambda source: SimpleNamespace(metadata=METADATA, content=_content(source)),
        }

    def _plan_segments(self, source: Any, **_: Any) -> tuple[VideoMetadata, tuple[Segment, ...]]:
        content = _content(source)
        return METADATA, _segments(content)

    def _plan_by_work(self, video: Any, *_: Any, **__: Any) -> tuple[Segment, ...]:
        return _segments(video.content)

    def _detect_segment(self, source: Any, *_: Any, **__: Any) -> Detections:
        content = _content(source)
        self._work(content)
        return Detections(content.people)

    def _concatenate(self, parts: Iterable[Detections]) -> Detections:
        return Detections(max(part.people for part in parts))


def _segments(content: Content) -> tuple[Segment, ...]:
    return tuple(Segment(index, index, None) for index in range(content.segments))


def _content(source: Any) -> Content:
    content = Content(**json.loads(source.read()))
    if content.is_broken:
        raise VideoError(f"{source.name} is not a video")
    return content


@cache
def _observations_of(people: int) -> Observations:
    persons = np.zeros(people * OBSERVATIONS_PER_PERSON, PERSON)
    for row in range(len(persons)):
        index, step = divmod(row, OBSERVATIONS_PER_PERSON)
        persons[row] = (step * 66, index, (0.1 * index, 0.05 * step, 0.125, 0.25))
    return Observations(persons, np.zeros(0, np.int64), np.zeros(0, FACE))


def models() -> Any:
    """Returns the models that a worker loads."""
    from people_pathing.service.steps.context import Models

    detector: Any = DETECTOR
    return Models(detector)


def observations(tracks: list[Any], *_: Any) -> Observations:
    """Returns what the API reports about so many people."""
    return _observations_of(len(tracks))

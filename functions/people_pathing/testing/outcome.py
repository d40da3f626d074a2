"""How a job of a test ends, and the persons that it reports: made up from a seed, or recorded.

A person at one time is a member of `Persons` in a reply of GetPersonTracking: a mapping with `Timestamp` and
`Person`.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from people_pathing.service.result_pages.person import LANDMARK_TYPES

if TYPE_CHECKING:
    from people_pathing.service.result_pages.from_tracks import Observations

Persons = Sequence[Mapping[str, Any]]

FRAME_RATE = 30
SAMPLING_STEP = 2
ENTRY_INTERVAL_MS = 500
PIXELS = 1920, 1080

MAX_TIMESTAMP_MS = 2**53
MAX_INDEX = 2**31 - 1
MAX_RATIO = 10.0
"""Boxes may reach beyond the frame, but a larger number is a mistake, for example a number of pixels."""

VIDEO_METADATA: Mapping[str, Any] = {
    "Codec": "h264",
    "DurationMillis": 4000,
    "Format": "QuickTime / MOV",
    "FrameRate": float(FRAME_RATE),
    "FrameHeight": PIXELS[1],
    "FrameWidth": PIXELS[0],
    "ColorRange": "LIMITED",
}


def walking_people(people: int = 2, *, duration_ms: int = 4000, seed: int = 0) -> list[dict[str, Any]]:
    """Returns people who cross the picture, sorted by time. The same arguments give the same people.

    They are reported 15 times a second. One person arrives every half second, walks in a straight line, and
    is visible until the end.

    Args:
        people: how many people there are.
        duration_ms: time of the last report, in milliseconds.
        seed: another seed gives people with other heights, lines and directions.

    Raises:
        ValueError: an argument is negative.
    """
    if people < 0 or duration_ms < 0:
        raise ValueError(f"people and duration_ms must not be negative: {people}, {duration_ms}")
    # The people need not be unpredictable, only the same in every run.
    numbers = random.Random(seed)  # noqa: S311
    walkers = [_walker(numbers) for _ in range(people)]
    frames = range(0, duration_ms * FRAME_RATE // 1000 + 1, SAMPLING_STEP)
    return [
        _report(index, time_ms, walker, (time_ms - index * ENTRY_INTERVAL_MS) / max(duration_ms, 1))
        for time_ms in (frame * 1000 // FRAME_RATE for frame in frames)
        for index, walker in enumerate(walkers)
        if time_ms >= index * ENTRY_INTERVAL_MS
    ]


def recorded_persons(folder: Path) -> list[dict[str, Any]]:
    """Returns the persons in the result files of a real video, as `people-pathing track` writes them.

    Raises:
        StoredResultError: the folder has no complete result files.
    """
    from people_pathing.results.stored_result import open_stored_result

    return [json.loads(observation.line) for observation in open_stored_result(folder).observations()]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a job ends, and when.

    Attributes:
        persons: what a job that succeeds reports, in any order. By default two people; see `walking_people`.
        failure: the StatusMessage of a job that fails; None for a job that succeeds.
        polls_in_progress: how many calls of GetPersonTracking find the job IN_PROGRESS before it ends. With
            0, it has ended when StartPersonTracking returns, and its completion notice is published.
        video_metadata: the VideoMetadata of a job that succeeds.
    """

    persons: Persons = field(default_factory=walking_people)
    failure: str | None = None
    polls_in_progress: int = 0
    video_metadata: Mapping[str, Any] = field(default_factory=lambda: VIDEO_METADATA)

    def __post_init__(self) -> None:
        """Raises ValueError if a value makes no sense, so that a mistake is reported where it is made."""
        if self.failure == "":
            raise ValueError("failure is empty; give the StatusMessage, or None for a job that succeeds")
        if self.polls_in_progress < 0:
            raise ValueError(f"polls_in_progress is {self.polls_in_progress}; give 0 or more")
        to_observations(self.persons)


def to_observations(persons: Persons) -> Observations:
    """Converts persons to the form in which the service stores them.

    Raises:
        ValueError: a person lacks a member. The message names the person and what is wrong.
    """
    import numpy as np

    from people_pathing.service.result_pages.from_tracks import FACE, PERSON, Observations

    rows = sorted((_row(person, number) for number, person in enumerate(persons)), key=itemgetter(1, 0))
    for (index, timestamp_ms), group in groupby(rows, itemgetter(1, 0)):
        if len(list(group)) > 1:
            raise ValueError(f"the person with Index {index} is reported twice at {timestamp_ms} ms")
    has_face = [number for number, row in enumerate(rows) if row[3] is not None]
    return Observations(
        np.array([row[:3] for row in rows], PERSON),
        np.array(has_face, np.int64),
        np.array([rows[number][3] for number in has_face], FACE),
    )


def _row(person: Mapping[str, Any], number: int) -> tuple[int, int, tuple[float, ...], Any]:
    """Returns the timestamp, the index, the box, and a row of FACE or None."""
    try:
        detail = person["Person"]
        face = detail.get("Face")
        return (
            _whole_number(person["Timestamp"], MAX_TIMESTAMP_MS),
            _whole_number(detail["Index"], MAX_INDEX),
            _box(detail["BoundingBox"]),
            None if face is None else _face(face),
        )
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError) as error:
        raise ValueError(
            f"persons[{number}] is not a PersonDetection as GetPersonTracking reports it "
            f"({type(error).__name__}: {error}); it needs Timestamp, Person.Index and Person.BoundingBox, "
            "and a Face needs all members that the service reports"
        ) from error


def _box(box: Mapping[str, Any]) -> tuple[float, ...]:
    left, top, width, height = (float(box[name]) for name in ("Left", "Top", "Width", "Height"))
    if not all(abs(edge) <= MAX_RATIO for edge in (left, top, width, height)):
        raise ValueError("the numbers of a box are ratios of the frame")
    return left, top, width, height


def _whole_number(value: Any, most: int) -> int:
    number = int(value)
    if not 0 <= number <= most:
        raise ValueError(f"{number} is not between 0 and {most}")
    return number


def _face(face: Mapping[str, Any]) -> tuple[Any, ...]:
    points = {point["Type"]: (float(point["X"]), float(point["Y"])) for point in face["Landmarks"]}
    if not face["Confidence"] > 0:
        raise ValueError("the Confidence of a face is above 0")
    return (
        _box(face["BoundingBox"]),
        float(face["Confidence"]),
        tuple(float(face["Pose"][name]) for name in ("Pitch", "Roll", "Yaw")),
        tuple(float(face["Quality"][name]) for name in ("Brightness", "Sharpness")),
        [points[name] for name in LANDMARK_TYPES],
    )


def _walker(numbers: random.Random) -> tuple[float, float, float, float]:
    """Returns the left edge at the start and at the end, the top edge and the height, all in ratios."""
    height = numbers.uniform(0.2, 0.4)
    start, end = numbers.sample([numbers.uniform(0, 0.1), numbers.uniform(0.7, 0.8)], 2)
    return start, end, numbers.uniform(0.2, 0.6), height


def _report(
    index: int, time_ms: int, walker: tuple[float, float, float, float], share: float
) -> dict[str, Any]:
    start, end, top, height = walker
    width_px, height_px = PIXELS
    box = {
        "Width": height / 2.5 * height_px / width_px,
        "Height": height,
        "Left": start + (end - start) * share,
        "Top": top,
    }
    return {"Timestamp": time_ms, "Person": {"Index": index, "BoundingBox": box}}

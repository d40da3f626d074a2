"""The observed boxes of all people of a video, as arrays."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from statistics import median_low
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from people_pathing.analysis.path_points import PathPoint, foot_point

if TYPE_CHECKING:
    from people_pathing.engine import Track, TrackingResult
    from people_pathing.results.stored_result import StoredResult

DEFAULT_INTERVAL_MS = 67
"""Time between two observations where nothing tells it: 15 in a second."""
LONGEST_INTERVAL_MS = 1000
"""A longer time between two observations of a person is an absence."""


@dataclass(frozen=True, slots=True, eq=False)
class BoxSeries:
    """Boxes at ascending times.

    Attributes:
        times_ms: (T,) int64, milliseconds from the start of the video.
        boxes: (T, 4) float32: left, top, right, bottom in ratios of the frame.
    """

    times_ms: NDArray[np.int64]
    boxes: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class PersonPath:
    """The observations of one person.

    Attributes:
        index: the person's number.
        observed: the boxes of the person. If there are none, there are faces.
        faces: the boxes of the person's face, where it was found.
    """

    index: int
    observed: BoxSeries
    faces: BoxSeries

    def first_ms(self) -> int:
        """Returns the time of the first observation of the person or the face."""
        return min(int(series.times_ms[0]) for series in (self.observed, self.faces) if len(series.times_ms))

    def last_ms(self) -> int:
        """Returns the time of the last observation of the person or the face."""
        return max(int(series.times_ms[-1]) for series in (self.observed, self.faces) if len(series.times_ms))


@dataclass(frozen=True, slots=True, eq=False)
class PeoplePaths:
    """The observations of all people of a video.

    Attributes:
        people: in the order of their numbers.
        interval_ms: usual time between two observations of a person.
        first_ms: (P,) int64: the first observation of each person.
        last_ms: (P,) int64: the last observation of each person.
    """

    people: tuple[PersonPath, ...]
    interval_ms: int
    first_ms: NDArray[np.int64]
    last_ms: NDArray[np.int64]

    @classmethod
    def of(cls, people: Sequence[PersonPath], sample_fps: float = 0) -> PeoplePaths:
        """Collects people.

        Args:
            people: in the order of their numbers.
            sample_fps: in how many frames per second they are reported; 0 to find it out.
        """
        interval_ms = round(1000 / sample_fps) if sample_fps > 0 else _usual_interval_ms(people)
        return cls(
            tuple(people),
            max(1, interval_ms),
            np.array([one.first_ms() for one in people], np.int64),
            np.array([one.last_ms() for one in people], np.int64),
        )

    def around(self, at_ms: int, before_ms: int, after_ms: int) -> list[PersonPath]:
        """Returns the people whose path has begun and has not ended, with some time before and after it.

        Args:
            at_ms: the time.
            before_ms: how long before the first observation a person is included.
            after_ms: how long after the last observation a person is included.
        """
        is_near = (self.first_ms - before_ms <= at_ms) & (at_ms <= self.last_ms + after_ms)
        return [self.people[place] for place in np.flatnonzero(is_near).tolist()]

    def path_points(self) -> Iterator[PathPoint]:
        """Yields the foot points by person and then by time, for counting."""
        for person in self.people:
            rows = zip(person.observed.times_ms.tolist(), person.observed.boxes.tolist(), strict=True)
            for at_ms, (left, top, right, bottom) in rows:
                yield foot_point(person.index, at_ms, left, top, right - left, bottom - top)


def stored_paths(stored: StoredResult, *, with_faces: bool) -> PeoplePaths:
    """Reads the observations of stored results. An observation takes 24 bytes of memory.

    Args:
        stored: the result files of a video.
        with_faces: whether to read the boxes of all faces, which takes longer. Those without a box of the
            person are always read.

    Raises:
        StoredResultError: the file of observations is damaged or incomplete.
    """
    people: list[PersonPath] = []
    open_person: _OpenPerson | None = None
    for observation in stored.observations():
        if open_person is None or open_person.index != observation.person_index:
            if open_person is not None:
                people += open_person.closed()
            open_person = _OpenPerson(observation.person_index)
        if (box := observation.box) is not None:
            open_person.observed.add(observation.timestamp_ms, box.left, box.top, box.width, box.height)
        if (with_faces or observation.box is None) and '"Face"' in observation.line:
            face = json.loads(observation.line)["Person"]["Face"]["BoundingBox"]
            sizes = (face["Left"], face["Top"], face["Width"], face["Height"])
            open_person.faces.add(observation.timestamp_ms, *sizes)
    if open_person is not None:
        people += open_person.closed()
    return PeoplePaths.of(sorted(people, key=lambda person: person.index), stored.sample_fps)


def tracked_paths(result: TrackingResult) -> PeoplePaths:
    """Takes the boxes of a result of `track_video`."""
    metadata = result.metadata
    size_px = np.array([metadata.frame_width, metadata.frame_height] * 2, np.float32)
    return PeoplePaths.of([_of_track(track, size_px) for track in result.tracks if len(track.boxes)])


def _of_track(track: Track, size_px: NDArray[np.float32]) -> PersonPath:
    faces = track.faces
    return PersonPath(
        track.index,
        BoxSeries(track.timestamps_ms, track.boxes / size_px),
        BoxSeries(track.timestamps_ms[faces["row"]], (faces["box"] / size_px).astype(np.float32)),
    )


def _usual_interval_ms(people: Sequence[PersonPath]) -> int:
    steps = chain.from_iterable(
        (later - earlier for earlier, later in pairwise(person.observed.times_ms.tolist()))
        for person in people
    )
    known = [step for step in steps if 0 < step <= LONGEST_INTERVAL_MS]
    return median_low(known) if known else DEFAULT_INTERVAL_MS


class _OpenSeries:
    """Boxes that are being read."""

    def __init__(self) -> None:
        self._times_ms = array("q")
        self._edges = array("f")

    def add(self, at_ms: int, left: float, top: float, width: float, height: float) -> None:
        self._times_ms.append(at_ms)
        self._edges.extend((left, top, left + width, top + height))

    def closed(self) -> BoxSeries:
        boxes: NDArray[np.float32] = np.array(self._edges).reshape(-1, 4).astype(np.float32, copy=False)
        return BoxSeries(np.array(self._times_ms, np.int64), boxes)


class _OpenPerson:
    """A person whose observations are being read."""

    def __init__(self, index: int) -> None:
        self.index = index
        self.observed = _OpenSeries()
        self.faces = _OpenSeries()

    def closed(self) -> list[PersonPath]:
        """Returns the person, or an empty list if the service reported no box."""
        observed, faces = self.observed.closed(), self.faces.closed()
        has_box = len(observed.times_ms) or len(faces.times_ms)
        return [PersonPath(self.index, observed, faces)] if has_box else []

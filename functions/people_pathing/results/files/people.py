"""people.json: the path of every person, one JSON object per person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from people_pathing.results.observation import Observation

NAME = "people.json"
CONTENT_TYPE = "application/json"
SUMMARY = "every person: when they were first and last seen, how long they were visible, and their path"
SCHEMA = "people.schema.json"

MAX_GAP_MS = 1000
"""A person who is not observed for longer than this was away. The gap does not count as dwell time."""

# A ratio with five decimals is exact to a tenth of a pixel in a frame of 10,000 pixels.
_DECIMALS = 5


@dataclass(frozen=True, slots=True)
class OpenPerson:
    """The person whose observations are being written. More of them may follow in the next chunk.

    Attributes:
        index: the person's number.
        last_seen_ms: time of the last observation.
        dwell_ms: dwell time up to the last observation.
        has_points: whether the path has a point yet, so that a comma must precede the next one.
    """

    index: int
    last_seen_ms: int
    dwell_ms: int
    has_points: bool


@dataclass(frozen=True, slots=True)
class State:
    """What the next chunk continues from.

    Attributes:
        people_count: how many people were begun.
        person: the last of them, whose JSON object is not closed yet, or None if there is none.
    """

    people_count: int
    person: OpenPerson | None


class Writer:
    """Writes one chunk of people.json. See `chunks.FileWriter`.

    The text is written piece by piece, because a person's path may be longer than a chunk.
    """

    def __init__(self, state: State | None) -> None:
        self._people_count = state.people_count if state else 0
        self._person = state.person if state else None
        self._text: list[str] = [] if state else ["["]

    @property
    def state(self) -> State:
        """What the next chunk continues from."""
        return State(self._people_count, self._person)

    @property
    def counts(self) -> Mapping[str, int]:
        """The number of people, from the beginning of the file."""
        return {"people": self._people_count}

    def add(self, observations: Sequence[Observation]) -> None:
        """Extends the open person's path, and begins a new person wherever the index changes."""
        for index, path in groupby(observations, key=attrgetter("person_index")):
            self._add(index, list(path))

    def cut(self) -> bytes:
        """Returns the text of this chunk. It may end in the middle of a person's path."""
        return "".join(self._text).encode()

    def end(self) -> bytes:
        """Closes the last person and the list, and returns the text of the last chunk."""
        self._close_person()
        self._text.append("\n]\n")
        return self.cut()

    def _add(self, index: int, path: Sequence[Observation]) -> None:
        """Extends a person's path. The person is the open one or a new one."""
        person = self._person
        if person is None or index != person.index:
            self._close_person()
            person = self._open_person(index, path[0].timestamp_ms)
        last_seen_ms, dwell_ms = person.last_seen_ms, person.dwell_ms
        for observation in path:
            gap_ms = observation.timestamp_ms - last_seen_ms
            last_seen_ms = observation.timestamp_ms
            dwell_ms += gap_ms if gap_ms <= MAX_GAP_MS else 0
        points = [_point(one.timestamp_ms, foot) for one in path if (foot := one.foot) is not None]
        if points:
            self._text.append("," * person.has_points + ",".join(points))
        has_points = person.has_points or bool(points)
        self._person = OpenPerson(index, last_seen_ms, dwell_ms, has_points)

    def _open_person(self, index: int, time_ms: int) -> OpenPerson:
        separator = ",\n" if self._people_count else "\n"
        self._people_count += 1
        self._text.append(f'{separator}{{"index":{index},"first_seen_ms":{time_ms},"path":[')
        return OpenPerson(index, last_seen_ms=time_ms, dwell_ms=0, has_points=False)

    def _close_person(self) -> None:
        if self._person is not None:
            self._text.append(
                f'],"last_seen_ms":{self._person.last_seen_ms},"dwell_ms":{self._person.dwell_ms}}}'
            )


def _point(time_ms: int, foot: tuple[float, float]) -> str:
    return f"[{time_ms},{round(foot[0], _DECIMALS)},{round(foot[1], _DECIMALS)}]"

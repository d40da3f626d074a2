"""How many people were at one section and later at another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from people_pathing.analysis.counting.events import Counted


@dataclass(frozen=True, slots=True)
class FlowEvent:
    """One person in a flow.

    Attributes:
        origin: a section.
        destination: a section where the person was later; the same one if the person came back.
        person: the person's index.
        at_ms: the first arrival at the destination after the first time at the origin.
        is_end_to_end: the origin was the person's first section, and the destination the last.
    """

    origin: str
    destination: str
    person: int
    at_ms: int
    is_end_to_end: bool


@dataclass(frozen=True, slots=True)
class _Arrival:
    person: int
    at_ms: int
    order: int
    section: str


def flow_events(counted: Counted, sections: tuple[str, ...]) -> tuple[FlowEvent, ...]:
    """Returns every person in every flow, by person and then in the order of arrival.

    Args:
        counted: the visits and crossings.
        sections: the names of all sections. Their order decides between arrivals at the same time.
    """
    order = {name: at for at, name in enumerate(sections)}
    arrivals = [_Arrival(one.person, one.enter.at_ms, order[one.zone], one.zone) for one in counted.visits]
    arrivals += [
        _Arrival(one.person, one.moment.at_ms, order[one.line], one.line) for one in counted.crossings
    ]
    arrivals.sort(key=attrgetter("person", "at_ms", "order"))
    return tuple(
        flow
        for _, group in groupby(arrivals, key=attrgetter("person"))
        for flow in _flows_of_person(list(group))
    )


def _flows_of_person(arrivals: list[_Arrival]) -> Iterator[FlowEvent]:
    first, last = arrivals[0].section, arrivals[-1].section
    found: set[tuple[str, str]] = set()
    origins: list[str] = []
    for arrival in arrivals:
        for origin in origins:
            pair = origin, arrival.section
            if pair not in found:
                found.add(pair)
                yield FlowEvent(*pair, arrival.person, arrival.at_ms, pair == (first, last))
        if arrival.section not in origins:
            origins.append(arrival.section)

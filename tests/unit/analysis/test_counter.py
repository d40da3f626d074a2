"""The order of points, memory, and rules that vectors do not show."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator

import pytest

from people_pathing.analysis.counting.counter import Counter, PointOrderError
from people_pathing.analysis.counting.events import Presence
from people_pathing.analysis.path_points import PathPoint
from people_pathing.analysis.zones_file.sections import Rules, Zone, ZonesFile
from tests.unit.analysis.paths import BOX_HEIGHT, SQUARE, UPWARDS, along, count, walk

ZONES = ZonesFile((Zone("zone", SQUARE),), (UPWARDS,))


def test_nobody_is_counted_without_points() -> None:
    found = count([], zones=ZONES.zones, lines=ZONES.lines)

    assert (found.visits, found.crossings, found.people, found.last_ms) == ((), (), (), -1)


@pytest.mark.parametrize(
    ("points", "message"),
    [
        ([(1, 0), (0, 0)], "person 0 comes after person 1"),
        ([(0, 40), (0, 0)], "person 0 at 0 ms comes after 40 ms"),
        ([(0, 0), (1, 0), (0, 40)], "person 0 comes after person 1"),
    ],
)
def test_points_in_the_wrong_order_are_refused(points: list[tuple[int, int]], message: str) -> None:
    counter = Counter(ZONES, 1.0)

    with pytest.raises(PointOrderError, match=message):
        counter.add_all(PathPoint(person, at_ms, 0.5, 0.5, BOX_HEIGHT) for person, at_ms in points)


def test_two_points_of_a_person_at_one_time_are_possible() -> None:
    points = [PathPoint(0, 0, x, 0.5, BOX_HEIGHT) for x in (0.75, 0.25)]

    [crossing] = count(points, lines=ZONES.lines).crossings
    assert crossing.moment.at_ms == 0


def test_a_long_gap_divides_the_presence_but_not_the_person() -> None:
    points = [PathPoint(7, at_ms, 0.5, 0.5, BOX_HEIGHT) for at_ms in (0, 3000, 6001, 7000)]

    found = count(points, zones=ZONES.zones, rules=Rules())
    assert found.presences == (Presence(7, 0, 3000), Presence(7, 6001, 7000))
    [person] = found.people
    assert (person.first_ms, person.last_ms, person.seen_ms) == (0, 7000, 3999)
    assert [visit.dwell_ms for visit in found.visits] == [3000, 999]


def test_one_observation_is_no_visit_unless_nothing_has_to_be_confirmed() -> None:
    [point] = walk([(0.5, 0.5)])

    assert count([point], zones=ZONES.zones, rules=Rules()).visits == ()
    [visit] = count([point], zones=ZONES.zones).visits
    assert visit.dwell_ms == 0


def test_a_person_who_waits_in_front_of_a_line_can_cross_it_later() -> None:
    path = along([0.75] * 3 + [0.505] * 50 + [0.25] * 4)

    [crossing] = count(walk(path), lines=ZONES.lines, rules=Rules()).crossings
    assert crossing.direction == "in"


def test_memory_does_not_grow_with_the_number_of_points() -> None:
    def standing(points: int) -> Iterator[PathPoint]:
        for number in range(points):
            yield PathPoint(0, number * 66, 0.3, 0.5, BOX_HEIGHT)

    def peak_bytes(points: int) -> int:
        tracemalloc.start()
        try:
            count(standing(points), zones=ZONES.zones, lines=ZONES.lines, rules=Rules())
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak_bytes(10)
    # A list of the points would need more than a megabyte.
    assert peak_bytes(20_000) < peak_bytes(200) + 50_000

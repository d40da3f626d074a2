"""Properties of zones and lines on random paths. Shapely and slow, simple code are the oracles."""

from __future__ import annotations

import math
from itertools import groupby, pairwise

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from shapely import LineString
from shapely import Point as ShapelyPoint
from shapely import Polygon as ShapelyPolygon

from people_pathing.analysis.counting.counter import Counter
from people_pathing.analysis.counting.geometry import rounded
from people_pathing.analysis.path_points import PathPoint
from people_pathing.analysis.summaries.figures import occupancy
from people_pathing.analysis.zones_file.polygon_checks import polygon_problem
from people_pathing.analysis.zones_file.sections import Line, Point, Polygon, Rules, Zone, ZonesFile
from tests.unit.analysis.paths import AT_ONCE, RANDOM, STEP_MS, count, star, walk

CLOSE = 1e-9
ratios = st.integers(0, 1000).map(lambda thousandths: thousandths / 1000)
places = st.tuples(ratios, ratios)
paths = st.lists(places, min_size=1, max_size=20)
lines = st.tuples(places, places).filter(lambda ends: ends[0] != ends[1])
rules = st.builds(
    Rules,
    margin=st.sampled_from([0.0, 0.05, 0.5]),
    confirm_ms=st.sampled_from([0, 100, 200, 500]),
    max_gap_ms=st.sampled_from([100, 3000]),
)
polygons = st.builds(star, places, st.lists(st.floats(0.05, 0.6), min_size=3, max_size=9)).filter(
    lambda polygon: polygon_problem(polygon) is None
)
aspect_ratios = st.sampled_from([0.5625, 1.0, 16 / 9])
crowds = st.lists(st.tuples(paths, st.integers(0, 2000)), min_size=1, max_size=4)


def points_of(crowd: list[tuple[list[Point], int]]) -> list[PathPoint]:
    return [
        point
        for person, (path, start_ms) in enumerate(crowd)
        for point in walk(path, person=person, start_ms=start_ms)
    ]


def is_generic(path: list[Point], ends: tuple[Point, Point]) -> bool:
    """Whether no point is on the straight line, and no step leads through an end of the segment."""
    (x1, y1), (x2, y2) = ends
    away = all(abs((x2 - x1) * (y - y1) - (y2 - y1) * (x - x1)) > CLOSE for x, y in path)
    steps = [LineString(step) for step in pairwise(path) if step[0] != step[1]]
    return away and all(step.distance(ShapelyPoint(end)) > CLOSE for step in steps for end in ends)


@RANDOM
@given(path=paths, ends=lines, aspect_ratio=aspect_ratios)
def test_without_hysteresis_the_crossings_are_those_that_shapely_finds(
    path: list[Point], ends: tuple[Point, Point], aspect_ratio: float
) -> None:
    assume(is_generic(path, ends))
    found = count(walk(path), lines=[Line("line", *ends)], rules=AT_ONCE, aspect_ratio=aspect_ratio)

    expected = []
    for number, (start, end) in enumerate(pairwise(path)):
        step, segment = LineString([start, end]), LineString(ends)
        if start != end and step.intersects(segment):
            [place] = step.intersection(segment).coords
            share = step.project(ShapelyPoint(place)) / step.length
            expected.append((*place, STEP_MS * (number + share)))
    for crossing, (x, y, at_ms) in zip(found.crossings, expected, strict=True):
        moment = crossing.moment
        assert moment.x == pytest.approx(x, abs=1e-5)
        assert moment.y == pytest.approx(y, abs=1e-5)
        assert moment.at_ms == pytest.approx(at_ms, abs=0.51)


@RANDOM
@given(path=paths, ends=lines)
def test_without_hysteresis_the_direction_is_the_side_that_shapely_finds(
    path: list[Point], ends: tuple[Point, Point]
) -> None:
    assume(is_generic(path, ends))
    (x1, y1), (x2, y2) = ends
    # Far enough to contain the picture. It is on the left of the line on screen, where y grows downwards.
    reach = 100 / math.dist(*ends)
    far = [(x1 - reach * (x2 - x1), y1 - reach * (y2 - y1)), (x2 + reach * (x2 - x1), y2 + reach * (y2 - y1))]
    left = ShapelyPolygon([*far, *[(x + reach * (y2 - y1), y - reach * (x2 - x1)) for x, y in reversed(far)]])
    found = count(walk(path), lines=[Line("line", *ends)])

    for crossing in found.crossings:
        step = crossing.moment.at_ms // STEP_MS
        ends_left = left.contains(ShapelyPoint(path[min(step + 1, len(path) - 1)]))
        if crossing.moment.at_ms % STEP_MS:
            assert crossing.direction == ("in" if ends_left else "out")


@RANDOM
@given(path=paths, height=st.integers(1, 1999).map(lambda value: value / 2000), rules=rules)
def test_at_a_line_through_the_whole_picture_in_minus_out_is_the_change_of_side(
    path: list[Point], height: float, rules: Rules
) -> None:
    assume(all(y != height for _, y in path))
    line = Line("line", (0.0, height), (1.0, height))
    at_once = count(walk(path), lines=[line])
    balance = sum(1 if one.direction == "in" else -1 for one in at_once.crossings)

    # The left side of a line that leads to the right is above it.
    assert balance == (path[-1][1] < height) - (path[0][1] < height)

    confirmed = count(walk(path), lines=[line], rules=rules).crossings
    assert len(confirmed) <= len(at_once.crossings)
    if rules.max_gap_ms >= STEP_MS:
        assert all(one.direction != other.direction for one, other in pairwise(confirmed))


@RANDOM
@given(path=paths, polygon=polygons, aspect_ratio=aspect_ratios)
def test_without_hysteresis_the_visits_are_the_stretches_that_shapely_finds(
    path: list[Point], polygon: Polygon, aspect_ratio: float
) -> None:
    area = ShapelyPolygon(polygon)
    assume(all(area.exterior.distance(ShapelyPoint(place)) > CLOSE for place in path))
    found = count(walk(path), zones=[Zone("zone", polygon)], aspect_ratio=aspect_ratio).visits

    inside = [area.contains(ShapelyPoint(place)) for place in path]
    stretches = [
        [number for number, _ in group]
        for is_inside, group in groupby(enumerate(inside), key=lambda pair: pair[1])
        if is_inside
    ]
    assert len(found) == len(stretches)
    for visit, stretch in zip(found, stretches, strict=True):
        first, last = stretch[0], stretch[-1]
        enter_ms = _ms_at_boundary(area, path, first - 1, is_entry=True) if first > 0 else 0
        leaves = last + 1 < len(path)
        exit_ms = _ms_at_boundary(area, path, last, is_entry=False) if leaves else last * STEP_MS
        assert visit.enter.at_ms == pytest.approx(enter_ms, abs=0.51)
        assert visit.exit.at_ms == pytest.approx(exit_ms, abs=0.51)
        assert visit.enter_cause == ("crossed" if first > 0 else "appeared")
        assert visit.exit_cause == ("crossed" if leaves else "vanished")


def _ms_at_boundary(area: ShapelyPolygon, path: list[Point], number: int, *, is_entry: bool) -> float:
    """Returns when a step is at the boundary: the last time for an entry, the first for an exit."""
    step = LineString(path[number : number + 2])
    meeting = step.intersection(area.exterior)
    parts = getattr(meeting, "geoms", [meeting])
    shares = [step.project(ShapelyPoint(place)) / step.length for part in parts for place in part.coords]
    return STEP_MS * (number + (max(shares) if is_entry else min(shares)))


@RANDOM
@given(crowd=crowds, polygon=polygons, rules=rules)
def test_visits_of_a_person_follow_each_other_and_are_within_the_presence(
    crowd: list[tuple[list[Point], int]], polygon: Polygon, rules: Rules
) -> None:
    found = count(points_of(crowd), zones=[Zone("zone", polygon)], rules=rules)

    for person, group in groupby(found.visits, key=lambda visit: visit.person):
        times = [at_ms for visit in group for at_ms in (visit.enter.at_ms, visit.exit.at_ms)]
        assert times == sorted(times)
        [seen] = [one for one in found.people if one.person == person]
        assert seen.first_ms <= times[0]
        assert times[-1] <= seen.last_ms


@RANDOM
@given(crowd=crowds, polygon=polygons)
def test_occupancy_is_the_number_of_people_inside_at_each_time(
    crowd: list[tuple[list[Point], int]], polygon: Polygon
) -> None:
    found = count(points_of(crowd), zones=[Zone("zone", polygon)])
    stretches = [(visit.enter.at_ms, visit.exit.at_ms) for visit in found.visits]
    end_ms = found.last_ms + 1
    inside = [sum(enter <= at_ms < leave for enter, leave in stretches) for at_ms in range(end_ms)]

    whole = occupancy(stretches, 0, end_ms)
    assert whole.maximum == max(inside)
    assert whole.mean == pytest.approx(sum(inside) / end_ms)
    middle_ms = end_ms // 2
    if middle_ms:
        assert occupancy(stretches, middle_ms, end_ms).maximum == max(inside[middle_ms:])
        assert occupancy(stretches, 0, middle_ms).mean == pytest.approx(sum(inside[:middle_ms]) / middle_ms)


@RANDOM
@given(crowd=crowds, polygon=polygons, ends=lines, rules=rules, cut=st.integers(0, 80))
def test_cutting_the_stream_of_points_changes_nothing(
    crowd: list[tuple[list[Point], int]],
    polygon: Polygon,
    ends: tuple[Point, Point],
    rules: Rules,
    cut: int,
) -> None:
    points = points_of(crowd)
    zones_file = ZonesFile((Zone("zone", polygon),), (Line("line", *ends),), rules=rules)
    whole, parts = Counter(zones_file, 1.5), Counter(zones_file, 1.5)
    whole.add_all(points)
    parts.add_all(points[:cut])
    parts.add_all(points[cut:])

    assert parts.end() == whole.end()


@RANDOM
@given(crowd=crowds, polygon=polygons, ends=lines, rules=rules)
def test_people_do_not_influence_each_other(
    crowd: list[tuple[list[Point], int]], polygon: Polygon, ends: tuple[Point, Point], rules: Rules
) -> None:
    points, zones, crossed = points_of(crowd), [Zone("zone", polygon)], [Line("line", *ends)]
    together = count(points, zones=zones, lines=crossed, rules=rules)
    alone = [
        count([point for point in points if point.person == person], zones=zones, lines=crossed, rules=rules)
        for person in range(len(crowd))
    ]

    assert together.visits == tuple(visit for one in alone for visit in one.visits)
    assert together.crossings == tuple(crossing for one in alone for crossing in one.crossings)


@RANDOM
@given(path=paths, polygon=polygons, ends=lines, rules=rules)
def test_in_a_mirror_visits_are_the_same_and_directions_are_exchanged(
    path: list[Point], polygon: Polygon, ends: tuple[Point, Point], rules: Rules
) -> None:
    area = ShapelyPolygon(polygon)
    assume(is_generic(path, ends))
    assume(all(area.exterior.distance(ShapelyPoint(place)) > CLOSE for place in path))

    def mirrored(places: list[Point] | Polygon | tuple[Point, Point]) -> list[Point]:
        return [(1 - x, y) for x, y in places]

    seen = count(walk(path), zones=[Zone("zone", polygon)], lines=[Line("line", *ends)], rules=rules)
    start, end = mirrored(ends)
    other = count(
        walk(mirrored(path)),
        zones=[Zone("zone", tuple(mirrored(polygon)))],
        lines=[Line("line", start, end)],
        rules=rules,
    )

    assert [one.direction for one in other.crossings] == [
        "out" if one.direction == "in" else "in" for one in seen.crossings
    ]
    assert [(one.enter_cause, one.exit_cause) for one in other.visits] == [
        (one.enter_cause, one.exit_cause) for one in seen.visits
    ]
    times = [one.moment.at_ms for one in seen.crossings] + [one.dwell_ms for one in seen.visits]
    mirror_times = [one.moment.at_ms for one in other.crossings] + [one.dwell_ms for one in other.visits]
    assert mirror_times == [pytest.approx(time, abs=2) for time in times]


@RANDOM
@given(path=paths, polygon=polygons, ends=lines)
def test_without_hysteresis_more_observations_on_the_same_path_change_no_crossing(
    path: list[Point], polygon: Polygon, ends: tuple[Point, Point]
) -> None:
    halved = [path[0]]
    for (x1, y1), (x2, y2) in pairwise(path):
        halved += [((x1 + x2) / 2, (y1 + y2) / 2), (x2, y2)]
    assume(is_generic(halved, ends))
    line = Line("line", *ends)
    coarse = count(walk(path), lines=[line]).crossings
    fine = count(walk(halved, step_ms=STEP_MS // 2), lines=[line]).crossings

    assert [one.direction for one in fine] == [one.direction for one in coarse]
    assert [one.moment.at_ms for one in fine] == [pytest.approx(one.moment.at_ms, abs=1) for one in coarse]


@RANDOM
@given(
    vertices=st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=3, max_size=7),
)
@example([(0, 0), (2, 0), (1, 0)])
@example([(0, 0), (4, 0), (4, 4), (2, 0)])
def test_a_polygon_is_refused_if_it_is_not_valid_for_shapely(vertices: list[tuple[int, int]]) -> None:
    polygon = tuple((float(x), float(y)) for x, y in vertices)
    # Shapely accepts a vertex that follows itself.
    has_repeated_vertex = len(set(polygon)) < len(polygon)

    assert (polygon_problem(polygon) is None) == (
        ShapelyPolygon(polygon).is_valid and not has_repeated_vertex
    )


@RANDOM
@given(value=st.integers(-10_000, 10_000))
def test_halves_are_rounded_up(value: int) -> None:
    assert rounded(value / 2) == math.ceil(value / 2)

"""What is covered, and when."""

import numpy as np
import pytest

from people_pathing.annotation.choices import AllBut, Blur
from people_pathing.annotation.covered_areas import BRIDGED_MS, KEPT_MS, MARGIN, Coverage
from people_pathing.annotation.interpolation import Box
from people_pathing.annotation.people_paths import BoxSeries, PeoplePaths, PersonPath

NOTHING = BoxSeries(np.empty(0, np.int64), np.empty((0, 4), np.float32))
PERSON: Box = (0.25, 0.25, 0.5, 0.75)
"""Half of the frame's height, and as wide as a person of that height."""


def series(boxes: dict[int, Box]) -> BoxSeries:
    return BoxSeries(np.array(list(boxes)), np.array(list(boxes.values()), np.float32))


def person(index: int, boxes: dict[int, Box], faces: dict[int, Box] | None = None) -> PersonPath:
    return PersonPath(index, series(boxes), series(faces) if faces else NOTHING)


def coverage(blur: Blur, *people: PersonPath, aspect_ratio: float = 1) -> Coverage:
    return Coverage(PeoplePaths.of(people, sample_fps=10), blur, aspect_ratio)


def contains(areas: list[Box], x: float, y: float) -> bool:
    return any(left <= x <= right and top <= y <= bottom for left, top, right, bottom in areas)


def test_a_person_is_covered_with_a_margin_that_follows_the_height() -> None:
    [area] = coverage("people", person(0, {0: PERSON, 100: PERSON}), aspect_ratio=2).at(50)

    margin = MARGIN * 0.5
    assert area == pytest.approx((0.25 - margin / 2, 0.25 - margin, 0.5 + margin / 2, 0.75 + margin))


def test_a_person_is_covered_before_the_first_and_after_the_last_observation() -> None:
    covered = coverage("people", person(0, {2000: PERSON, 2100: PERSON}))

    times_ms = [at_ms for at_ms in range(0, 4000, 100) if covered.at(at_ms)]

    assert times_ms == list(range(2000 - KEPT_MS, 2100 + KEPT_MS + 1, 100))


def test_a_person_who_walks_out_of_view_is_covered_where_they_would_be() -> None:
    steps: dict[int, Box] = {
        at_ms: (at_ms / 1000, 0.25, at_ms / 1000 + 0.25, 0.75) for at_ms in range(0, 500, 100)
    }
    covered = coverage("people", person(0, steps))

    areas = covered.at(900)

    assert contains(areas, 0.9 + 0.2, 0.5)
    assert contains(areas, 0.4 + 0.05, 0.5)


def test_everything_between_the_boxes_of_a_short_absence_is_covered() -> None:
    far: Box = (0.7, 0.25, 0.95, 0.75)
    covered = coverage("people", person(0, {0: PERSON, BRIDGED_MS: far}))

    for at_ms in range(0, BRIDGED_MS + 1, 100):
        areas = covered.at(at_ms)
        assert contains(areas, 0.4, 0.5) or at_ms == BRIDGED_MS
        assert contains(areas, 0.8, 0.5) or at_ms == 0


def test_a_long_absence_is_not_covered() -> None:
    covered = coverage("people", person(0, {0: PERSON, 10_000: PERSON}))

    assert covered.at(5000) == []
    assert covered.at(KEPT_MS)
    assert covered.at(10_000 - KEPT_MS)


def test_the_head_is_covered_where_no_face_was_found() -> None:
    [area] = coverage("faces", person(0, {0: PERSON, 100: PERSON})).at(50)

    assert area == pytest.approx((0.2, 0.2, 0.55, 0.25 + 0.125 + 0.05))


def test_the_head_of_a_wide_box_takes_more_of_its_height() -> None:
    sitting: Box = (0.25, 0.25, 0.75, 0.75)

    [area] = coverage("faces", person(0, {0: sitting, 100: sitting})).at(50)

    assert area[3] == pytest.approx(0.25 + 0.25 + MARGIN * 0.5)


def test_a_face_outside_the_upper_part_is_covered_too() -> None:
    face: Box = (0.3, 0.6, 0.4, 0.7)
    faces = {0: face, 100: face}

    areas = coverage("faces", person(0, {0: PERSON, 100: PERSON}, faces)).at(50)

    assert contains(areas, 0.28, 0.58)
    assert contains(areas, 0.42, 0.72)
    assert contains(areas, 0.375, 0.26)


def test_all_but_one_person_are_covered_even_where_they_overlap() -> None:
    beside: Box = (0.4, 0.25, 0.65, 0.75)
    covered = coverage(AllBut(7), person(3, {0: beside}), person(7, {0: PERSON}))

    areas = covered.at(0)

    assert len(areas) == 1
    assert contains(areas, 0.45, 0.5)
    assert not contains(areas, 0.3, 0.5)

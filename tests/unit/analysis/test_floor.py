"""Homographies, the points that determine them, and what is measured with them."""

from __future__ import annotations

import json
import math
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from people_pathing.analysis.floor.areas import floor_area_m2
from people_pathing.analysis.floor.checks import calibration_problem, order_problem
from people_pathing.analysis.floor.homography import (
    DegeneratePointsError,
    fit_homography,
    floor_position,
    reprojection_errors_m,
)
from people_pathing.analysis.floor.measured import MeasurementError, quadrilateral, rectangle
from people_pathing.analysis.floor.walking import WalkedDistance
from people_pathing.analysis.path_points import PathPoint
from people_pathing.analysis.zones_file.reading import read_zones
from people_pathing.analysis.zones_file.sections import Calibration, CalibrationPoint, Point
from people_pathing.analysis.zones_file.writing import with_calibration
from tests.unit.analysis.paths import RANDOM

# A camera looks down on a rectangle of 4 by 6 metres. Counterclockwise on the screen, from the near left.
CORNERS: list[Point] = [(0.1, 0.9), (0.9, 0.9), (0.75, 0.2), (0.25, 0.2)]
FLOOR: list[Point] = [(0, 0), (4, 0), (4, 6), (0, 6)]
# One metre on the floor is a tenth of the frame.
FROM_ABOVE = (10.0, 0.0, 0.0, 0.0, 10.0, 0.0, 0.0, 0.0, 1.0)

offsets = st.tuples(st.floats(-0.08, 0.08), st.floats(-0.08, 0.08))
corners = st.tuples(offsets, offsets, offsets, offsets).map(
    lambda moves: [(x + dx, y + dy) for (x, y), (dx, dy) in zip(CORNERS, moves, strict=True)]
)


def points(images: list[Point], floors: list[Point]) -> list[CalibrationPoint]:
    return [CalibrationPoint(image, floor) for image, floor in zip(images, floors, strict=True)]


# ---- fitting


@RANDOM
@given(images=corners, place=st.tuples(st.floats(0, 1), st.floats(0.2, 1)))
def test_the_homography_is_that_of_opencv(images: list[Point], place: Point) -> None:
    assume(calibration_problem(points(images, FLOOR)) is None)
    fitted = fit_homography(points(images, FLOOR))

    expected = cv2.getPerspectiveTransform(np.array(images, np.float32), np.array(FLOOR, np.float32))
    x, y, scale = expected @ (*place, 1)
    assert floor_position(fitted, place) == pytest.approx((x / scale, y / scale), rel=1e-2, abs=1e-2)


@RANDOM
@given(images=corners)
def test_four_points_fit_exactly(images: list[Point]) -> None:
    assume(calibration_problem(points(images, FLOOR)) is None)

    errors_m = reprojection_errors_m(points(images, FLOOR), fit_homography(points(images, FLOOR)))
    assert max(errors_m) < 1e-6


def test_an_error_of_one_of_many_points_shows_in_the_reprojection_error() -> None:
    exact = fit_homography(points(CORNERS, FLOOR))
    images = [*CORNERS, (0.5, 0.5), (0.4, 0.7), (0.6, 0.8)]
    floors = [floor_position(exact, image) for image in images]
    assert max(reprojection_errors_m(points(images, floors), fit_homography(points(images, floors)))) < 1e-6

    floors[4] = floors[4][0] + 0.5, floors[4][1]
    errors_m = reprojection_errors_m(points(images, floors), fit_homography(points(images, floors)))
    assert 0.1 < max(errors_m) < 0.5
    assert errors_m.index(max(errors_m)) == 4


def test_a_point_on_the_horizon_has_no_position() -> None:
    with pytest.raises(DegeneratePointsError, match="on the horizon"):
        floor_position((1, 0, 0, 0, 1, 0, 0, 1, -0.25), (0.5, 0.25))


# ---- degenerate points


@pytest.mark.parametrize(
    ("images", "floors", "message"),
    [
        ([CORNERS[0], *CORNERS[:3]], FLOOR, "points 1 and 2 are at the same place in the picture"),
        (
            CORNERS,
            [FLOOR[0], FLOOR[1], FLOOR[2], FLOOR[1]],
            "points 2 and 4 are at the same place on the floor",
        ),
        (
            [(0.1, 0.9), (0.5, 0.9), (0.9, 0.9), (0.25, 0.2)],
            FLOOR,
            "points 1, 2 and 3 are on one straight line in the picture",
        ),
        (
            [(0.1, 0.9), (0.5, 0.901), (0.9, 0.9), (0.25, 0.2)],
            FLOOR,
            "points 1, 2 and 3 are on one straight line in the picture",
        ),
        (
            CORNERS,
            [(0, 0), (4, 0), (8, 0), (0, 6)],
            "points 1, 2 and 3 are on one straight line on the floor",
        ),
        (
            [CORNERS[0], CORNERS[2], CORNERS[1], CORNERS[3]],
            FLOOR,
            "the points do not determine the floor; check their order",
        ),
        (
            [CORNERS[0], (0.7, 0.25), CORNERS[1], CORNERS[3]],
            FLOOR,
            "the horizon leads between the points",
        ),
        (
            [(0.1, 0.9), (0.9, 0.9), (0.6, 0.5), (0.4, 0.5)],
            FLOOR,
            "the horizon of these points leads through the frame (at y = 0.37",
        ),
    ],
)
def test_points_that_do_not_determine_the_floor_are_refused_by_name(
    images: list[Point], floors: list[Point], message: str
) -> None:
    assert message in (calibration_problem(points(images, floors)) or "")


def test_points_on_a_line_are_possible_beside_four_good_ones() -> None:
    exact = fit_homography(points(CORNERS, FLOOR))
    images = [*CORNERS, (0.5, 0.9), (0.3, 0.9)]

    assert calibration_problem(points(images, [floor_position(exact, image) for image in images])) is None


@pytest.mark.parametrize(
    ("order", "message"),
    [
        ([(0, 0), (1, 1), (1, 0), (0, 1)], "the sides cross"),
        ([(0, 0), (1, 0), (1, 1), (0.75, 0.25)], "one corner is inside the triangle of the others"),
    ],
)
def test_corners_in_no_order_are_refused(order: list[Point], message: str) -> None:
    assert message in (order_problem(order) or "")


@pytest.mark.parametrize("first", range(4))
def test_corners_in_either_direction_are_in_order(first: int) -> None:
    turned = [CORNERS[(first + at) % 4] for at in range(4)]

    assert order_problem(turned) is None
    assert order_problem(turned[::-1]) is None


# ---- measured corners


def test_the_corners_of_a_rectangle_are_seen_from_above_in_either_direction() -> None:
    assert rectangle(CORNERS, 4, 6) == FLOOR
    # Clockwise on the screen: the plan goes downwards, so that it is not mirrored.
    assert rectangle(CORNERS[::-1], 4, 6) == [(0, 0), (4, 0), (4, -6), (0, -6)]


@RANDOM
@given(
    floors=st.tuples(offsets, offsets, offsets, offsets).map(
        lambda moves: [(x + 9 * dx, y + 9 * dy) for (x, y), (dx, dy) in zip(FLOOR, moves, strict=True)]
    )
)
def test_six_distances_give_back_the_quadrilateral(floors: list[Point]) -> None:
    pairs = [(0, 1), (1, 2), (2, 3), (3, 0), (0, 2), (1, 3)]
    distances_m = [math.dist(floors[one], floors[other]) for one, other in pairs]
    found = quadrilateral(CORNERS, distances_m)

    assert [math.dist(found[one], found[other]) for one, other in pairs] == pytest.approx(distances_m)
    assert found[2][1] > 0


@pytest.mark.parametrize(
    ("distances_m", "message"),
    [
        (
            [4, 6, 5, 6, 52**0.5, 52**0.5],
            "the distance of the corners 3 and 4 is 5 m, but the other distances",
        ),
        (
            [4, 6, 4, 6, 11, 52**0.5],
            "the distances of the corners 1, 2 and 3 make no triangle: 4, 11 and 6 m",
        ),
        ([4, 6, 4, 1, 52**0.5, 9], "the distances of the corners 1, 2 and 4 make no triangle"),
    ],
)
def test_distances_that_do_not_fit_are_refused(distances_m: list[float], message: str) -> None:
    with pytest.raises(MeasurementError, match=message):
        quadrilateral(CORNERS, distances_m)


# ---- measuring


def test_the_area_of_a_zone_is_that_on_the_floor() -> None:
    assert floor_area_m2(fit_homography(points(CORNERS, FLOOR)), tuple(CORNERS)) == pytest.approx(24)
    assert floor_area_m2(FROM_ABOVE, ((0, 0), (0.5, 0), (0, 0.2))) == pytest.approx(5)


def test_walking_is_measured_over_half_seconds_and_not_over_long_gaps() -> None:
    walked = WalkedDistance(Calibration((), FROM_ABOVE))
    # One metre in 500 ms, with errors of 20 cm to the side between that would add up.
    for number in range(11):
        walked.add(PathPoint(0, 50 * number, 0.01 * number, 0.5 + 0.02 * (number % 2), 0.2))
    walked.interrupt()
    # After a gap, half a metre in 100 ms.
    walked.add(PathPoint(0, 9000, 0.5, 0.5, 0.2))
    walked.add(PathPoint(0, 9100, 0.55, 0.5, 0.2))
    walked.interrupt()

    assert walked.take_total_m() == pytest.approx(1.5)
    assert walked.take_total_m() == 0


def test_a_way_back_counts_as_well() -> None:
    walked = WalkedDistance(Calibration((), FROM_ABOVE))
    for number, x in enumerate((0.1, 0.15, 0.2, 0.15, 0.1)):
        walked.add(PathPoint(0, 300 * number, x, 0.5, 0.2))
    walked.interrupt()

    assert walked.take_total_m() == pytest.approx(2)


# ---- zones.json


def test_a_written_calibration_is_read_and_the_rest_of_the_file_stays() -> None:
    zones = {
        "version": 1,
        "zones": [{"name": "Eingang Süd", "polygon": [[0, 0], [1, 0], [1, 1]]}],
        "calibration": "an old one",
    }
    calibration = Calibration(tuple(points(CORNERS, FLOOR)), fit_homography(points(CORNERS, FLOOR)))
    text = with_calibration(json.dumps(zones), calibration)

    assert read_zones(text).calibration == calibration
    assert {**json.loads(text), "calibration": None} == {**zones, "calibration": None}
    assert "Eingang Süd" in text
    assert max(map(len, text.splitlines())) <= 120
    assert read_zones(with_calibration(None, calibration)).calibration == calibration


def test_the_errors_of_calibrations_are_those_that_the_report_page_finds() -> None:
    vectors = json.loads(
        (Path(__file__).parents[2] / "vectors/floor/reprojection_errors.json").read_text("utf-8")
    )

    for vector in vectors:
        points = [CalibrationPoint(tuple(one["image"]), tuple(one["floor_m"])) for one in vector["points"]]
        errors_m = reprojection_errors_m(points, fit_homography(points))
        assert errors_m == pytest.approx(vector["errors_m"], abs=1e-6)

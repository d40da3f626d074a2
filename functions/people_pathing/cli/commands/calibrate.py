"""`people-pathing calibrate`: tells zones.json where the floor is, in metres."""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from people_pathing.cli.arguments import output_file
from people_pathing.cli.errors import CommandError, as_command_errors
from people_pathing.cli.messages import say, show

if TYPE_CHECKING:
    from people_pathing.analysis.zones_file.sections import Calibration, CalibrationPoint, Point

SUMMARY = "write positions on the floor into zones.json"
EXAMPLE = (
    "people-pathing calibrate zones.json --corners 0.2,0.9 0.8,0.9 0.65,0.4 0.35,0.4 --width 4 --depth 6"
)

MIN_POINTS = 4


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command."""
    parser.add_argument(
        "zones", type=output_file, metavar="FILE", help="zones.json; it is created if it does not exist"
    )
    parser.add_argument(
        "--corners",
        type=_point,
        nargs=4,
        metavar="X,Y",
        help="four points of the floor in the order around them, as ratios of the frame; on the plan, the "
        "first is at 0,0 and the second on the x axis",
    )
    parser.add_argument(
        "--width", type=_metres, metavar="M", help="the corners are a rectangle: metres from corner 1 to 2"
    )
    parser.add_argument("--depth", type=_metres, metavar="M", help="metres from corner 2 to 3")
    parser.add_argument(
        "--distances",
        type=_metres,
        nargs=6,
        metavar="M",
        help="the corners are no rectangle: metres from corner 1 to 2, 2 to 3, 3 to 4, 4 to 1, 1 to 3 and "
        "2 to 4",
    )
    parser.add_argument(
        "--point",
        type=_known_point,
        action="append",
        metavar="X,Y=XM,YM",
        help="a point whose position on a floor plan is known, in metres; four or more, instead of or in "
        "addition to the corners",
    )


def run(options: argparse.Namespace) -> int:
    """Fits the floor to the points, writes it into the file and prints how well it fits."""
    from people_pathing.analysis.floor.checks import calibration_problem
    from people_pathing.analysis.floor.homography import fit_homography
    from people_pathing.analysis.zones_file.sections import Calibration
    from people_pathing.analysis.zones_file.writing import with_calibration
    from people_pathing.cli.counting.zones import load_text
    from people_pathing.cli.outputs import require_outputs
    from people_pathing.common.complete_file import complete_file

    require_outputs([options.zones])
    text = load_text(options.zones) if options.zones.exists() else None
    points = _points(options)
    if problem := calibration_problem(points):
        raise CommandError(problem)
    calibration = Calibration(points, fit_homography(points))
    with complete_file(options.zones) as path:
        path.write_text(with_calibration(text, calibration), "utf-8")
    _print(calibration)
    say(f"calibration in {options.zones}")
    return 0


def _points(options: argparse.Namespace) -> tuple[CalibrationPoint, ...]:
    from people_pathing.analysis.zones_file.sections import CalibrationPoint

    known: list[CalibrationPoint] = []
    if options.corners:
        floor_m = _floor_of_corners(options)
        known += [CalibrationPoint(*pair) for pair in zip(options.corners, floor_m, strict=True)]
    elif options.width or options.depth or options.distances:
        raise CommandError("--width, --depth and --distances need --corners; give the four corners, too")
    known += [CalibrationPoint(*pair) for pair in options.point or ()]
    if len(known) < MIN_POINTS:
        raise CommandError(
            f"there are {len(known)} points; give --corners, or --point at least {MIN_POINTS} times"
        )
    return tuple(known)


def _floor_of_corners(options: argparse.Namespace) -> Sequence[Point]:
    from people_pathing.analysis.floor.checks import order_problem
    from people_pathing.analysis.floor.measured import MeasurementError, quadrilateral, rectangle

    if problem := order_problem(options.corners):
        raise CommandError(f"--corners: {problem}")
    if options.distances and not (options.width or options.depth):
        with as_command_errors(MeasurementError):
            return quadrilateral(options.corners, options.distances)
    if options.width and options.depth and not options.distances:
        return rectangle(options.corners, options.width, options.depth)
    raise CommandError("--corners needs either --width and --depth of a rectangle, or six --distances")


def _print(calibration: Calibration) -> None:
    from people_pathing.analysis.floor.homography import floor_position, reprojection_errors_m
    from people_pathing.cli.tables import print_table

    errors_m = reprojection_errors_m(calibration.points, calibration.homography)
    rows = [
        (
            str(number),
            f"{point.image[0]:g}, {point.image[1]:g}",
            f"{point.floor_m[0]:.2f}, {point.floor_m[1]:.2f}",
            f"{error_m:.2f}",
        )
        for number, (point, error_m) in enumerate(zip(calibration.points, errors_m, strict=True), 1)
    ]
    headings = ("point", "in the picture", "on the floor (m)", "error (m)")
    print_table(headings, rows, right_aligned=headings)
    if len(rows) == MIN_POINTS:
        show("reprojection error: four points always fit; add another --point to measure it")
    else:
        show(f"reprojection error: mean {sum(errors_m) / len(errors_m):.2f} m, max {max(errors_m):.2f} m")
    left, right = (floor_position(calibration.homography, (x, 1.0)) for x in (0.0, 1.0))
    show(f"the lower edge of the frame is {math.dist(left, right):.2f} m long on the floor")


def _point(text: str) -> Point:
    """Returns a point of the picture."""
    x, y = _pair(text, "0.25,0.9")
    if not (0 <= x <= 1 and 0 <= y <= 1):
        raise argparse.ArgumentTypeError(f"{text!r} is not in the frame; give ratios of it from 0 to 1")
    return x, y


def _known_point(text: str) -> tuple[Point, Point]:
    """Returns a point of the picture and its position on the floor."""
    image, equals, floor_m = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not a point such as 0.25,0.9=1.5,3 (ratios=metres)")
    return _point(image), _pair(floor_m, "1.5,3")


def _pair(text: str, example: str) -> Point:
    try:
        x, y = map(float, text.split(","))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a pair of numbers such as {example}") from error
    if not math.isfinite(x + y):
        raise argparse.ArgumentTypeError(f"{text!r} is not a pair of numbers such as {example}")
    return x, y


def _metres(text: str) -> float:
    try:
        metres = float(text)
    except ValueError:
        metres = math.nan
    if not 0 < metres < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not a length in metres above 0")
    return metres

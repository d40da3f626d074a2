"""Random videos to count, with everything that can be in zones.json."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random
from typing import Any

from people_pathing.analysis.floor.checks import calibration_problem
from people_pathing.analysis.floor.homography import fit_homography
from people_pathing.analysis.zones_file.polygon_checks import polygon_problem
from people_pathing.analysis.zones_file.sections import CalibrationPoint, Point
from people_pathing.common.clock import epoch_ms, utc_text
from tests.unit.analysis.paths import star

CLOCK_CHANGES = (
    ("Europe/Berlin", datetime(2026, 3, 29, 1, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2026, 10, 25, 1, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 4, 4, 15, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 10, 3, 15, 30, tzinfo=UTC)),
    ("America/St_Johns", datetime(2026, 3, 8, 5, 30, tzinfo=UTC)),
    ("Asia/Kathmandu", datetime(2026, 7, 1, tzinfo=UTC)),
    ("Africa/Casablanca", datetime(2026, 2, 15, 2, tzinfo=UTC)),
    ("Pacific/Chatham", datetime(2026, 9, 26, 14, tzinfo=UTC)),
    ("America/Sao_Paulo", datetime(2018, 11, 4, 3, tzinfo=UTC)),
    ("UTC", datetime(2026, 1, 1, tzinfo=UTC)),
)
"""Time zones, and times when their clocks change; some have offsets that are no full hours."""
FRAMES = ((1920, 1080), (1080, 1920), (640, 360), (1000, 1000), (1366, 768))
HOUR_MS = 3_600_000
RECTANGLE: list[Point] = [(0.125, 0.25), (0.75, 0.25), (0.75, 0.875), (0.125, 0.875)]


def made_up_video(seed: int) -> dict[str, Any]:
    """Returns a video in the format of tests/vectors/counting, without what is expected."""
    chance = Random(seed)
    width_px, height_px = chance.choice(FRAMES)
    timezone, change = chance.choice(CLOCK_CHANGES)
    duration_ms = chance.choice([0, 5_000, 60_000, 3 * HOUR_MS])
    recorded_at_ms = epoch_ms(change) - chance.choice([1, 15_000]) * chance.randrange(480)
    zones = zones_document(chance)
    if chance.random() < 0.8:
        zones["timezone"] = timezone
    return {
        "frame": {"width_px": width_px, "height_px": height_px},
        "duration_ms": duration_ms,
        "recorded_at": utc_text(recorded_at_ms) if chance.random() < 0.8 else None,
        "interval_minutes": chance.choice([1, 15, 60]),
        "zones": zones,
        "observations": list(observations(chance)),
    }


def zones_document(chance: Random) -> dict[str, Any]:
    """Returns a random zones.json without a time zone."""
    rules = {
        "margin": chance.choice([0, 0.05, 0.25]),
        "confirm_ms": chance.choice([0, 100, 200, 700]),
        "max_gap_ms": chance.choice([150, 1000, 3000, 60_000]),
        "minimum_seen_ms": chance.choice([0, 0, 500, 3000]),
    }
    document: dict[str, Any] = {
        "version": 1,
        "rules": {name: rules[name] for name in rules if chance.random() < 0.7},
        "zones": [_zone(chance, number) for number in range(chance.randrange(4))],
        "lines": [_line(chance, number) for number in range(chance.randrange(4))],
        "masks": [{"name": "mask", "polygon": _polygon(chance)}] if chance.random() < 0.2 else [],
    }
    if chance.random() < 0.4:
        document["calibration"] = _calibration(chance)
    return document


def observations(chance: Random) -> Iterator[list[float]]:
    """Yields the person, time, left, top, width and height of random walks."""
    # On a coarse grid, people stand on boundaries, and what is rounded lies exactly between two decimals.
    grid = chance.choice([None, 8, 32, 64, 1000])
    # With a coarse clock, people come and go at the same times, and at the borders of intervals.
    tick_ms = chance.choice([1, 1, 500, 15_000])

    def place(value: float) -> float:
        return value if grid is None else round(value * grid) / grid

    person = chance.randrange(3)
    for _ in range(chance.randrange(12)):
        at_ms = chance.randrange(20_000) if tick_ms == 1 else tick_ms * chance.randrange(10)
        x, y = chance.random(), chance.random()
        width, height = place(chance.uniform(0.01, 0.2)), place(chance.uniform(0.05, 0.6))
        step = chance.choice([0.02, 0.1, 0.4, 1.0])
        for _ in range(chance.randrange(1, 40)):
            yield [person, at_ms, place(x) - width / 2, place(y) - height, width, height]
            x += chance.uniform(-step, step)
            y += chance.uniform(-step, step)
            if tick_ms == 1:
                at_ms += chance.choice([0, 33, 67, 100, 100, 100, 500, 1000, 3000, 5000])
            else:
                at_ms += tick_ms * chance.choice([0, 1, 1, 1, 2, 4, 6])
        person += chance.randrange(1, 4)


def _zone(chance: Random, number: int) -> dict[str, Any]:
    zone: dict[str, Any] = {"name": f"zone {number}", "polygon": _polygon(chance)}
    if chance.random() < 0.3:
        zone["minimum_stay_ms"] = chance.choice([1, 500, 2000])
    if chance.random() < 0.3:
        zone["staff_after_ms"] = chance.choice([0, 2000, 15_000, 30_000])
    return zone


def _polygon(chance: Random) -> list[Point]:
    if chance.random() < 0.3:
        return RECTANGLE
    while True:
        centre = chance.choice([(0.5, 0.5), (chance.random(), chance.random())])
        radii = [chance.choice([0.25, chance.uniform(0.05, 0.6)]) for _ in range(chance.randrange(3, 9))]
        if chance.random() < 0.3:
            # A path can lead several times through the boundary of a spiky star in one step.
            radii = [0.1, 0.6] * chance.randrange(3, 8)
        polygon = star(centre, radii)
        if polygon_problem(polygon) is None:
            return list(polygon)


def _line(chance: Random, number: int) -> dict[str, Any]:
    start, end = chance.choice(
        [
            ((0.5, 1.0), (0.5, 0.0)),
            ((0.0, 0.625), (1.0, 0.625)),
            ((chance.random(), chance.random()), (chance.random(), chance.random())),
        ]
    )
    return {"name": f"line {number}", "start": start, "end": end}


def _calibration(chance: Random) -> dict[str, Any]:
    while True:
        far, near = chance.uniform(0.05, 0.3), chance.uniform(0.3, 0.5)
        images = [(0.5 - near, 0.9), (0.5 + near, 0.9), (0.5 + far, 0.3), (0.5 - far, 0.3)]
        width_m, depth_m = chance.uniform(1, 9), chance.uniform(1, 20)
        floors_m = [(0.0, 0.0), (width_m, 0.0), (width_m, depth_m), (0.0, depth_m)]
        if chance.random() < 0.3:
            # A fifth point, which does not fit exactly.
            images.append((0.5, 0.6))
            floors_m.append((width_m / 2 + chance.uniform(-0.1, 0.1), depth_m / 2))
        points = [CalibrationPoint(*one) for one in zip(images, floors_m, strict=True)]
        if calibration_problem(points) is None:
            homography = fit_homography(points)
            assert all(map(math.isfinite, homography))
            entries = [{"image": one.image, "floor_m": one.floor_m} for one in points]
            return {"points": entries, "homography": list(homography)}

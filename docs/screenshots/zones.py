"""What is counted in the generated shop: zones.json."""

from __future__ import annotations

import json

from docs.screenshots.camera import ratio
from people_pathing.analysis.floor.homography import fit_homography
from people_pathing.analysis.zones_file.sections import CalibrationPoint

_TILES_M = ((-3.0, 6.0), (3.0, 6.0), (3.0, 11.0), (-3.0, 11.0))
"""Corners of tiles on the floor."""


def zones_text() -> str:
    """Returns the content of zones.json."""
    points = tuple(CalibrationPoint((x, y), corner) for corner in _TILES_M for x, y in [ratio(*corner)])
    content = {
        "version": 1,
        "timezone": "Europe/Berlin",
        "zones": [
            {
                "name": "till",
                "polygon": _area((0.5, 6.0), (3.5, 6.0), (3.5, 8.2), (0.5, 8.2)),
                "minimum_stay_ms": 2000,
            },
            {"name": "table", "polygon": _area((-2.2, 7.6), (-1.0, 7.6), (-1.0, 9.8), (-2.2, 9.8))},
        ],
        "lines": [{"name": "door", "start": ratio(-1.9, 11.6), "end": ratio(-5.9, 11.6)}],
        "calibration": {
            "points": [{"image": list(point.image), "floor_m": list(point.floor_m)} for point in points],
            "homography": fit_homography(points),
        },
    }
    return json.dumps(content, indent=2)


def _area(*corners: tuple[float, float]) -> list[list[float]]:
    return [ratio(*corner) for corner in corners]

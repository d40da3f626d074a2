"""zones.json: what is accepted, and what the errors say."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from people_pathing.analysis.floor.homography import fit_homography
from people_pathing.analysis.zones_file.members import ZonesFileError
from people_pathing.analysis.zones_file.reading import read_zones
from people_pathing.analysis.zones_file.sections import (
    Calibration,
    CalibrationPoint,
    Line,
    Mask,
    Rules,
    Zone,
    ZonesFile,
)

SQUARE = [[0.25, 0.25], [0.75, 0.25], [0.75, 0.75], [0.25, 0.75]]
POINTS = [
    {"image": [0.25, 0.75], "floor_m": [0, 0]},
    {"image": [0.75, 0.75], "floor_m": [4, 0]},
    {"image": [0.625, 0.375], "floor_m": [4, 6]},
    {"image": [0.375, 0.375], "floor_m": [0, 6]},
]
FITTED = fit_homography(
    [CalibrationPoint(tuple(one["image"]), tuple(one["floor_m"])) for one in POINTS]  # type: ignore[arg-type]
)
SCHEMA = json.loads((files("people_pathing.analysis") / "schemas/zones.schema.json").read_text("utf-8"))
EVERYTHING: dict[str, Any] = {
    "$schema": "urn:people-pathing:zones:1",
    "version": 1,
    "timezone": "Europe/Berlin",
    "rules": {"margin": 0, "confirm_ms": 1, "max_gap_ms": 2, "minimum_seen_ms": 3},
    "zones": [{"name": "till", "polygon": SQUARE, "minimum_stay_ms": 4, "staff_after_ms": 5}],
    "lines": [{"name": "door", "start": [0, 0.5], "end": [1, 0.5]}],
    "masks": [{"name": "street", "polygon": [[0, 0], [1, 0], [1, 0.25]]}],
}


def read(document: object) -> ZonesFile:
    return read_zones(json.dumps(document))


def error_of(document: object) -> str:
    with pytest.raises(ZonesFileError) as raised:
        read(document)
    return str(raised.value)


def with_zone(**members: Any) -> dict[str, Any]:
    return {"version": 1, "zones": [{"name": "till", "polygon": SQUARE, **members}]}


def with_polygon(*vertices: Any) -> dict[str, Any]:
    return with_zone(polygon=list(vertices))


def test_every_member_is_read() -> None:
    polygon = tuple((x, y) for x, y in SQUARE)

    assert read(EVERYTHING) == ZonesFile(
        zones=(Zone("till", polygon, minimum_stay_ms=4, staff_after_ms=5),),
        lines=(Line("door", (0, 0.5), (1, 0.5)),),
        masks=(Mask("street", ((0, 0), (1, 0), (1, 0.25))),),
        rules=Rules(margin=0, confirm_ms=1, max_gap_ms=2, minimum_seen_ms=3),
        timezone="Europe/Berlin",
    )


def test_only_the_version_is_required() -> None:
    assert read({"version": 1}) == ZonesFile()


def test_a_calibration_is_read() -> None:
    document = {"version": 1, "calibration": {"points": POINTS, "homography": list(FITTED)}}

    calibration = read(document).calibration
    assert isinstance(calibration, Calibration)
    assert calibration.homography == FITTED
    assert calibration.points[1] == CalibrationPoint((0.75, 0.75), (4, 0))


def test_a_byte_order_mark_is_ignored() -> None:
    assert read_zones('\ufeff{"version": 1}') == ZonesFile()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "line 1, column 2: this is not JSON"),
        ('{"version": 1, "version": 1}', 'the member "version" appears twice'),
        ('{"version": NaN}', "NaN is not a number of JSON"),
        ("[" * 100_000, "nested too deeply"),
        (f'{{"version": {"1" * 5000}}}', "this is not JSON"),
    ],
)
def test_text_that_is_not_json_is_refused(text: str, message: str) -> None:
    with pytest.raises(ZonesFileError, match=message):
        read_zones(text)


# Each document, and a part of the message that it must give.
WRONG: list[tuple[object, str]] = [
    ([], "must be an object"),
    ({}, 'the member "version" is missing'),
    ({"version": 2}, '"version" is 2; this release reads version 1'),
    ({"version": True}, '"version" is True'),
    ({"version": 1, "zone": []}, 'there is no member "zone"; did you mean "zones"?'),
    ({"version": 1, "colour": "red"}, 'there is no member "colour"; choose from'),
    ({"version": 1, "zones": {}}, '"zones" must be a list'),
    ({"version": 1, "zones": ["till"]}, "zone 1: must be an object"),
    ({"version": 1, "zones": [{"polygon": SQUARE}]}, 'zone 1: the member "name" is missing'),
    (with_zone(name=""), "zone 1: \"name\" is ''"),
    (with_zone(name="a\nb"), 'zone 1: "name" is'),
    (with_zone(name="a" * 101), "zone 1: the name has 101 characters"),
    (with_zone(minimum_stay=5), 'there is no member "minimum_stay"; did you mean "minimum_stay_ms"?'),
    (with_zone(minimum_stay_ms=1.5), 'zone "till": "minimum_stay_ms" is 1.5; give whole milliseconds'),
    (with_zone(staff_after_ms=-1), 'zone "till": "staff_after_ms" is -1'),
    (with_polygon([0, 0], [1, 1]), 'zone "till": the polygon has 2 vertices; give 3 to 500'),
    (with_zone(polygon=None), 'zone "till": the polygon has no list of vertices'),
    (with_polygon([0, 0], [1, 0], [1]), 'zone "till": vertex 3 is [1]; give two numbers'),
    (with_polygon([0, 0], [1, 0], [1, "1"]), "zone \"till\": vertex 3 is [1, '1']; give two numbers"),
    (
        with_polygon([0, 0], [1.5, 0], [1, 1]),
        'zone "till": vertex 2 is [1.5, 0]; ratios of the frame are from',
    ),
    (with_polygon([0, 0], [640, 0], [640, 480]), "divide pixels by the frame's width and height"),
    (with_polygon([0, 0], [1, 0], [1, 1], [0, 0]), "vertex 4 repeats vertex 1; the polygon closes by itself"),
    (with_polygon([0, 0], [1, 0], [1, 0], [1, 1]), 'zone "till": vertex 3 repeats vertex 2'),
    (with_polygon([0, 0], [1, 1], [1, 0], [0, 1]), 'zone "till": edges 1 and 3 cross or touch'),
    (with_polygon([0, 0], [1, 0], [1, 1], [0.5, 0]), 'zone "till": edges 1 and 3 cross or touch'),
    (with_polygon([0, 0], [0.5, 0], [1, 0]), 'zone "till": edges'),
    (
        {"version": 1, "lines": [{"name": "door", "start": [0, 0], "end": [0, 0]}]},
        'line "door": start and end are the same point',
    ),
    (
        {"version": 1, "lines": [{"name": "door", "start": [0, 0], "end": [0, 2]}]},
        'line "door": end is [0, 2]',
    ),
    (
        {"version": 1, "lines": [{"name": "door", "start": [0, 0]}]},
        'line "door": the member "end" is missing',
    ),
    (
        {**EVERYTHING, "lines": [{"name": "till", "start": [0, 0], "end": [0, 1]}]},
        'the name "till" is used twice',
    ),
    ({**EVERYTHING, "masks": [{"name": "door", "polygon": SQUARE}]}, 'the name "door" is used twice'),
    ({"version": 1, "timezone": "Europe/Berln"}, 'did you mean "Europe/Berlin"?'),
    ({"version": 1, "timezone": "CEST+2"}, "not a known time zone"),
    ({"version": 1, "timezone": None}, "not a known time zone"),
    ({"version": 1, "rules": {"margin": 1.5}}, 'rules: "margin" is 1.5; give a number from 0 to 1'),
    ({"version": 1, "rules": {"confirm_ms": True}}, 'rules: "confirm_ms" is True'),
    (
        {"version": 1, "calibration": {"points": POINTS[:3], "homography": []}},
        "calibration: there are 3 points",
    ),
    ({"version": 1, "calibration": {"points": POINTS}}, 'calibration: the member "homography" is missing'),
    (
        {"version": 1, "calibration": {"points": POINTS, "homography": [1, 2]}},
        '"homography" must be a list of 9 numbers',
    ),
    (
        {"version": 1, "calibration": {"points": POINTS, "homography": [1, 0, 0, 0, 1, 0, 0, 0, 1]}},
        "the homography does not fit the points",
    ),
    (
        {"version": 1, "calibration": {"points": [POINTS[0]] * 4, "homography": [0] * 9}},
        "calibration: points 1 and 2 are at the same place in the picture",
    ),
]


@pytest.mark.parametrize(("document", "message"), WRONG, ids=range(len(WRONG)))
def test_what_is_wrong_is_named(document: object, message: str) -> None:
    assert message in error_of(document)


def test_a_number_that_no_program_can_hold_is_named() -> None:
    line = {"name": "door", "start": [0, 10**400], "end": [1, 1]}

    assert 'line "door": start is [0, 1000' in error_of({"version": 1, "lines": [line]})


# ---- the JSON Schema


def is_valid_for_the_schema(document: object) -> bool:
    return bool(Draft202012Validator(SCHEMA).is_valid(document))


def test_the_schema_accepts_what_is_accepted() -> None:
    Draft202012Validator.check_schema(SCHEMA)

    assert is_valid_for_the_schema(EVERYTHING)
    assert is_valid_for_the_schema({"version": 1})
    assert is_valid_for_the_schema(
        {"version": 1, "calibration": {"points": POINTS, "homography": list(FITTED)}}
    )


# What depends on several values, on the machine or on invisible characters cannot be said in the schema.
BEYOND_THE_SCHEMA = (
    "repeats vertex",
    "edges",
    "are the same point",
    "is used twice",
    "time zone",
    "Europe/Berlin",
    "does not fit",
    "at the same place",
    'zone 1: "name" is',
)
FOR_THE_SCHEMA = [
    document
    for document, message in WRONG
    if not any(part in message for part in BEYOND_THE_SCHEMA) and message != '"version" is True'
]


@pytest.mark.parametrize("document", FOR_THE_SCHEMA, ids=range(len(FOR_THE_SCHEMA)))
def test_the_schema_refuses_what_is_refused(document: object) -> None:
    assert not is_valid_for_the_schema(document)


def test_the_defaults_of_the_schema_are_those_of_the_code() -> None:
    rules = SCHEMA["properties"]["rules"]["properties"]

    assert {name: member["default"] for name, member in rules.items()} == {
        "margin": Rules().margin,
        "confirm_ms": Rules().confirm_ms,
        "max_gap_ms": Rules().max_gap_ms,
        "minimum_seen_ms": Rules().minimum_seen_ms,
    }
    zone = SCHEMA["properties"]["zones"]["items"]["properties"]
    assert zone["minimum_stay_ms"]["default"] == Zone("", ()).minimum_stay_ms

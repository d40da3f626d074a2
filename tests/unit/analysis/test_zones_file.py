"""zones.json: what is accepted, and what the errors say."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
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


def test_whole_milliseconds_can_have_a_decimal_point() -> None:
    assert read_zones('{"version": 1, "rules": {"confirm_ms": 5.0}}').rules == Rules(confirm_ms=5)


def test_a_calibration_is_read() -> None:
    document = {"version": 1, "calibration": {"points": POINTS, "homography": list(FITTED)}}

    calibration = read(document).calibration
    assert isinstance(calibration, Calibration)
    assert calibration.homography == FITTED
    assert calibration.points[1] == CalibrationPoint((0.75, 0.75), (4, 0))


def test_a_byte_order_mark_is_ignored() -> None:
    assert read_zones('\ufeff{"version": 1}') == ZonesFile()


def test_json_that_is_nested_too_deeply_is_refused() -> None:
    with pytest.raises(ZonesFileError, match="nested too deeply"):
        read_zones("[" * 100_000)


VECTORS = Path(__file__).parents[2] / "vectors/zones"
# The report page must give the same messages.
WRONG: list[dict[str, Any]] = json.loads((VECTORS / "invalid_documents.json").read_text("utf-8"))
WRONG_TEXTS: list[dict[str, str]] = json.loads((VECTORS / "invalid_texts.json").read_text("utf-8"))


@pytest.mark.parametrize("vector", WRONG, ids=lambda vector: vector["error"])
def test_what_is_wrong_is_named(vector: dict[str, Any]) -> None:
    assert error_of(vector["document"]) == vector["error"]


@pytest.mark.parametrize("vector", WRONG_TEXTS, ids=lambda vector: vector["error"])
def test_what_is_no_json_is_named(vector: dict[str, str]) -> None:
    with pytest.raises(ZonesFileError) as raised:
        read_zones(vector["text"])
    assert str(raised.value) == vector["error"]


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
    "on one straight line",
    "do not determine the floor",
    "the horizon",
    'zone 1: "name" is',
)
FOR_THE_SCHEMA = [
    vector["document"]
    for vector in WRONG
    if not any(part in vector["error"] for part in BEYOND_THE_SCHEMA)
    and not vector["error"].startswith('"version" is True')
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

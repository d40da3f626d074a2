"""counts.json follows its schema, and tables have a row for each thing that they list."""

from __future__ import annotations

import csv
import io
import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from people_pathing.analysis import count_files
from people_pathing.analysis.floor.homography import fit_homography
from people_pathing.analysis.path_points import foot_point
from people_pathing.analysis.zones_file.sections import CalibrationPoint
from tests.unit.analysis.test_vectors import VECTORS, counts_of

SCHEMA = json.loads((files("people_pathing.analysis") / "schemas/counts.schema.json").read_text("utf-8"))
# The frame is a floor of ten by ten metres.
CORNERS = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]
POINTS = [CalibrationPoint((x, y), (10 * x, 10 * y)) for x, y in CORNERS]
CALIBRATION = {
    "points": [{"image": one.image, "floor_m": one.floor_m} for one in POINTS],
    "homography": fit_homography(POINTS),
}
every_vector = pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)


def closed(schema: Any) -> Any:
    """Returns a schema whose objects have no members but the listed ones."""
    if isinstance(schema, dict):
        inner = {name: closed(member) for name, member in schema.items()}
        return {**inner, "additionalProperties": False} if "required" in schema else inner
    return [closed(member) for member in schema] if isinstance(schema, list) else schema


def rows_of(table: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(table)))


@every_vector
@pytest.mark.parametrize("members", [{}, {"calibration": CALIBRATION}], ids=["ratios", "metres"])
def test_counts_follow_their_schema_and_have_no_other_members(path: Path, members: dict[str, Any]) -> None:
    vector = json.loads(path.read_text("utf-8"))
    counts = counts_of({**vector, "zones": {**vector["zones"], **members}})
    document = count_files.counts_document(counts, path.stem, vector["interval_minutes"])

    Draft202012Validator(closed(SCHEMA)).validate(json.loads(json.dumps(document, allow_nan=False)))


@every_vector
def test_tables_have_a_row_for_each_event_section_and_flow(path: Path) -> None:
    counts = counts_of(json.loads(path.read_text("utf-8")))
    sections = len(counts.whole.zones) + len(counts.whole.lines)

    assert len(rows_of(count_files.events_csv(counts))) == len(counts.events)
    intervals = rows_of(count_files.intervals_csv(counts))
    assert len(intervals) == len(counts.per_interval) * (1 + sections)
    assert sum(int(row["video_ms"]) for row in intervals if row["section_type"] == "picture") == (
        counts.recording.duration_ms
    )
    flows = rows_of(count_files.flows_csv(counts))
    assert sum(int(row["people"]) for row in flows) == len(counts.flows)


def test_a_flow_is_in_the_interval_of_its_arrival() -> None:
    vector = json.loads(next(path for path in VECTORS if path.stem == "flows").read_text())
    # A minute later, the same people come again.
    later = [[person + 10, at_ms + 60_000, *box] for person, at_ms, *box in vector["observations"]]
    vector["observations"] += later
    rows = rows_of(count_files.flows_csv(counts_of(vector)))

    first, second = (
        [(row["origin"], row["destination"], row["people"]) for row in rows if row["interval"] == interval]
        for interval in ("0:00:00", "0:01:00")
    )
    assert len(first) == len(vector["expected"]["flows"])
    assert second == first


def test_names_with_commas_quotes_and_umlauts_survive_the_tables() -> None:
    name = 'Kasse 1, "süd"'
    vector = json.loads(next(path for path in VECTORS if path.stem == "zone_entered_and_exited").read_text())
    vector["zones"]["zones"][0]["name"] = name

    assert {row["section"] for row in rows_of(count_files.events_csv(counts_of(vector)))} == {name}


def test_floor_paths_leave_out_who_is_excluded() -> None:
    vector = json.loads(next(path for path in VECTORS if path.stem == "staff_and_short_tracks").read_text())
    vector["zones"]["calibration"] = CALIBRATION
    counts = counts_of(vector)
    points = [foot_point(*observation) for observation in vector["observations"]]
    rows = rows_of("".join(count_files.floor_paths_csv(counts, points)))
    assert {row["person"] for row in rows} == {"1"}
    assert rows[0] == {"person": "1", "at_ms": "0", "x_m": "10.000", "y_m": "5.000"}

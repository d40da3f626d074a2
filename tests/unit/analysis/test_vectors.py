"""The vectors that every program which repeats the counts must reproduce."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from people_pathing.analysis.path_points import foot_point
from people_pathing.analysis.summaries.intervals import Recording
from people_pathing.analysis.summaries.summary import Summary
from people_pathing.analysis.video_counts import Event, VideoCounts, count_video
from people_pathing.analysis.zones_file.reading import read_zones

VECTORS = sorted((Path(__file__).parents[2] / "vectors/counting").glob("*.json"))
PLACE_TOLERANCE = 1.1e-5
"""Places are rounded to five decimals."""


def counts_of(vector: dict[str, Any]) -> VideoCounts:
    recorded_at = vector["recorded_at"]
    epoch_ms = recorded_at and round(datetime.fromisoformat(recorded_at).timestamp() * 1000)
    return count_video(
        [foot_point(*observation) for observation in vector["observations"]],
        read_zones(json.dumps(vector["zones"])),
        aspect_ratio=vector["frame"]["width_px"] / vector["frame"]["height_px"],
        recording=Recording(vector["duration_ms"], epoch_ms),
        interval_minutes=vector["interval_minutes"],
    )


def event_row(event: Event) -> dict[str, Any]:
    row = {
        "event": event.type,
        "section": event.section,
        "person": event.person,
        "at_ms": event.moment.at_ms,
        "direction": event.direction,
        "cause": event.cause,
        "x": pytest.approx(event.moment.x, abs=PLACE_TOLERANCE),
        "y": pytest.approx(event.moment.y, abs=PLACE_TOLERANCE),
    }
    return row if event.dwell_ms is None else {**row, "dwell_ms": event.dwell_ms}


def summary_row(summary: Summary) -> dict[str, Any]:
    picture = summary.picture
    return {
        "picture": {
            "people": picture.people,
            "occupancy_mean": pytest.approx(picture.occupancy.mean, abs=1e-6),
            "occupancy_max": picture.occupancy.maximum,
        },
        "zones": [
            {
                "name": zone.name,
                "people": zone.people,
                "visits": zone.visits,
                "entered": zone.entered,
                "exited": zone.exited,
                "dwell_median_ms": zone.dwell_median_ms,
                "dwell_p90_ms": zone.dwell_p90_ms,
                "occupancy_mean": pytest.approx(zone.occupancy.mean, abs=1e-6),
                "occupancy_max": zone.occupancy.maximum,
            }
            for zone in summary.zones
        ],
        "lines": [
            {"name": line.name, "people": line.people, "in": line.crossings_in, "out": line.crossings_out}
            for line in summary.lines
        ],
    }


def interval_row(summary: Summary) -> dict[str, Any]:
    interval = summary.interval
    return {
        "label": interval.label,
        "start_ms": interval.start_ms,
        "end_ms": interval.end_ms,
        **summary_row(summary),
    }


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_the_counts_of_a_vector_are_as_expected(path: Path) -> None:
    vector = json.loads(path.read_text("utf-8"))
    expected, found = vector["expected"], counts_of(vector)

    assert expected["events"] == [event_row(event) for event in found.events]
    if "summary" in expected:
        assert expected["summary"] == summary_row(found.whole)
    if "excluded" in expected:
        excluded = found.counted.excluded
        assert expected["excluded"] == {
            "staff": excluded.staff,
            "seen_too_short": excluded.seen_too_short,
        }
    if "intervals" in expected:
        rows = [interval_row(summary) for summary in found.per_interval]
        # Some vectors are about the times only.
        assert expected["intervals"] == [
            {name: row[name] for name in wanted}
            for row, wanted in zip(rows, expected["intervals"], strict=True)
        ]
    if "flows" in expected:
        assert expected["flows"] == [
            {
                "origin": flow.origin,
                "destination": flow.destination,
                "person": flow.person,
                "at_ms": flow.at_ms,
                "end_to_end": flow.is_end_to_end,
            }
            for flow in found.flows
        ]


def test_there_are_vectors_for_lines_zones_intervals_and_flows() -> None:
    kinds = {path.stem.partition("_")[0] for path in VECTORS}

    assert {"line", "zone", "intervals", "flows", "staff"} <= kinds

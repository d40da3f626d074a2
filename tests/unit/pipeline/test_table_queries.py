"""The queries in docs/results.md, run by DuckDB on the tables that AnalyzeResults writes."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.fakes.pipeline import FakePipeline
from tests.unit.cli.test_count import PLACES
from tests.unit.pipeline.test_counting import job_stored, put_zones, tracked
from tests.unit.test_documents import blocks_of

MORNING, NOON = "cam7/20260302_090000.mp4", "cam7/20260302_120000.mp4"


@pytest.fixture
def answers(
    pipeline: FakePipeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> list[list[tuple[Any, ...]]]:
    """Returns what each query of the page answers for two videos with two people each."""
    put_zones(pipeline)
    for key in (MORNING, NOON):
        pipeline.on_results(job_stored(tracked(pipeline, key)))
    for key, body in pipeline.stored("tables/").items():
        (tmp_path / key).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / key).write_bytes(body)
    monkeypatch.chdir(tmp_path)
    views, *queries = blocks_of("docs/results.md", "sql")
    with duckdb.connect() as connection:
        connection.execute(views)
        return [connection.execute(query).fetchall() for query in queries]


def test_the_documented_queries_answer_what_they_promise(answers: list[list[tuple[Any, ...]]]) -> None:
    people_per_hour, crossings, visits, [(door_to_till_s,)], places = answers

    assert [(hour.astimezone(UTC), people) for hour, people in people_per_hour] == [
        (datetime(2026, 3, 2, 9, tzinfo=UTC), 2),
        (datetime(2026, 3, 2, 12, tzinfo=UTC), 2),
    ]
    assert crossings == [(MORNING, "door", "in", 2), (NOON, "door", "in", 2)]
    [(section, visit_count, mean_dwell_s)] = visits
    assert (section, visit_count) == ("till", 4)
    # From the boundary of the zone, which is a third of the way to the next place, to the end.
    assert mean_dwell_s == pytest.approx(0.267, abs=0.001)
    # Half of one step and a third of a later one.
    assert door_to_till_s == pytest.approx(0.283, abs=0.001)
    # The feet are at half the height. Each place is three of a person's observations.
    assert len(PLACES) == 9
    assert places == [(1, 4, 12), (3, 4, 12), (6, 4, 12)]

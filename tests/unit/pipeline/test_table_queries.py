"""The queries in docs/results.md, run by DuckDB on the tables that AnalyzeResults writes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from people_pathing.pipeline.counting.created_results import analyze_created
from people_pathing.pipeline.counting.recount import Recounter
from tests.fakes.pipeline import NO_RECOUNT, VIDEOS, FakePipeline, make_bucket
from tests.unit.cli.test_count import PLACES, ZONES
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
    monkeypatch.chdir(tmp_path)
    return _answers(pipeline)


def _answers(pipeline: FakePipeline) -> list[list[tuple[Any, ...]]]:
    """Copies the tables into the current folder, and returns what each query of the page answers."""
    for key, body in pipeline.stored("tables/").items():
        Path(key).parent.mkdir(parents=True, exist_ok=True)
        Path(key).write_bytes(body)
    views, *queries = blocks_of("docs/results.md", "sql")
    with duckdb.connect() as connection:
        connection.execute(views)
        return [connection.execute(query).fetchall() for query in queries]


def _seen(index: int, number: int, box: tuple[float, float, float, float] | None) -> dict[str, Any]:
    """Returns one observation. The box is left, top, width and height in ratios of the frame."""
    names = "Left", "Top", "Width", "Height"
    person = {"Index": index} | ({"BoundingBox": dict(zip(names, box, strict=True))} if box else {})
    return {"Timestamp": 100 * number, "Person": person}


def _walk(index: int, places: Iterable[float]) -> list[dict[str, Any]]:
    return [_seen(index, number, (x - 0.0625, 0.25, 0.125, 0.25)) for number, x in enumerate(places)]


def _analyzed(pipeline: FakePipeline, bucket: str, persons: list[dict[str, Any]]) -> None:
    """Uploads a video, tracks it, and writes its tables."""
    pipeline.on_upload(pipeline.upload(MORNING, bucket=bucket))
    job_id = pipeline.records()[-1].job_id
    pipeline.on_notice(pipeline.service.succeed(str(job_id), persons))
    analyzer = replace(pipeline.analyzer, video_buckets=frozenset({VIDEOS, bucket}))
    analyze_created(job_stored(pipeline.records()[-1]), Recounter(analyzer, NO_RECOUNT))


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


@pytest.mark.parametrize("is_versioned", [True, False])
def test_the_time_from_the_door_to_the_till_is_that_of_each_persons_first_way(
    pipeline: FakePipeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_versioned: bool
) -> None:
    make_bucket(pipeline.s3, "shops", versioned=is_versioned)
    pipeline.s3.put_object(Bucket="shops", Key="zones/.json", Body=json.dumps(ZONES))
    back_and_forth = _walk(1, (*PLACES, *reversed(PLACES), *PLACES))
    # A person who comes from the till, and does not go there again, is on no way from the door to the till.
    leaves = _walk(2, reversed(PLACES))
    _analyzed(pipeline, "shops", _walk(0, PLACES) + back_and_forth + leaves)
    # The same key holds another video later. Its person takes two steps for each one of the others.
    _analyzed(pipeline, "shops", _walk(0, (x for x in PLACES for _ in range(2))))
    monkeypatch.chdir(tmp_path)

    [(door_to_till_s,)] = _answers(pipeline)[3]

    # Half of one step and a third of a later one. There are two whole steps between them, or five.
    assert door_to_till_s == pytest.approx((0.283 + 0.283 + 0.583) / 3, abs=0.001)


def test_people_at_the_edges_stand_in_the_outer_cells_of_the_grid(
    pipeline: FakePipeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_zones(pipeline)
    boxes = [
        *[(0.25, 0.5, 0.125, 0.5), (0.25, 0.5, 0.125, 0.625)],
        *[(-0.25, 0.0, 0.125, 0.0), (0.9375, 0.25, 0.125, 0.25)],
        None,
    ]
    _analyzed(pipeline, VIDEOS, [_seen(0, number, box) for number, box in enumerate(boxes)])
    # The views need a file of events.
    pipeline.on_results(job_stored(tracked(pipeline, NOON)))
    monkeypatch.chdir(tmp_path)

    assert _answers(pipeline)[4] == [(0, 0, 1), (1, 4, 6), (2, 7, 2), (3, 4, 6), (6, 4, 6), (7, 4, 1)]

"""`people-pathing count` on several files of a recorder, in folders and in a deployed stack."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import jsonschema
import pytest
from moto import mock_aws

import people_pathing.cli.aws
from people_pathing.analysis import count_files
from people_pathing.cli.main import main
from people_pathing.pipeline.job_record import JobRecord
from people_pathing.pipeline.video import Video
from people_pathing.results import file_names
from tests.fakes.pipeline import JOBS, RESULTS, VIDEOS, FakePipeline
from tests.unit.cli.test_count import Store, store, zones

__all__ = ["store", "zones"]

SCHEMA = json.loads((Path(count_files.__file__).parent / "schemas" / "counts.schema.json").read_text("utf-8"))
PROVENANCE = {"version": "0.1.0", "detector": "yolox"}


def recorded(second: int) -> dict[str, object]:
    """What job.json says about a video that was recorded some seconds after nine o'clock."""
    return {
        "recorded_at": f"2026-03-02T09:{second // 60:02}:{second % 60:02}.000Z",
        "recorded_at_source": "name",
        "provenance": PROVENANCE,
    }


def counted(*arguments: str, capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    assert main(["count", *arguments, "--json"]) == 0
    documents: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    for document in documents:
        jsonschema.validate(document, SCHEMA)
    return documents


def test_counts_say_how_the_results_were_made_and_what_says_when_they_were_recorded(
    store: Store, zones: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(store(**recorded(0)))

    [document] = counted(folder, "--zones", str(zones), capsys=capsys)
    stated = ("--recorded-at", "2026-03-02T10:00Z")
    [other] = counted(folder, "--zones", str(zones), *stated, capsys=capsys)

    assert document["provenance"] == PROVENANCE
    assert (document["recorded_at"][11:16], document["recorded_at_source"]) == ("09:00", "name")
    assert (other["recorded_at"][11:16], other["recorded_at_source"]) == ("10:00", "stated")


def test_files_of_a_recorder_are_added_up_in_the_order_of_their_times(
    store: Store, zones: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # Each has two seconds, and everyone in it is visible at its start.
    store("c.mp4", people=3, **recorded(2))
    store("a.mp4", people=1, **recorded(0))
    store("b.mp4", people=2, **recorded(14))

    *each, total = counted(str(tmp_path / "results"), "--zones", str(zones), capsys=capsys)

    assert [document["picture"]["people"] for document in each] == [1, 2, 3]
    assert total["files"] == ["videos/a.mp4", "videos/c.mp4", "videos/b.mp4"]
    assert total["picture"]["people"] == 6
    assert [line["in"] for line in total["lines"]] == [sum(one["lines"][0]["in"] for one in each)]
    assert total["gaps"] == [{"after": "videos/c.mp4", "gap_ms": 10_000}]
    assert total["overlaps"] == []
    # The walk lasts less than a second, so the picture is empty when a file ends.
    assert total["cut"] == {"before": 0, "after": 3}
    assert main(["count", str(tmp_path / "results"), "--zones", str(zones)]) == 0
    assert capsys.readouterr().out.splitlines()[-2:] == [
        "gap of 10s after videos/c.mp4",
        "cut between files: 0 people at an end and 3 at a start; at most 0 count twice",
    ]


def test_the_tables_of_all_files_together_are_written_beside_those_of_each(
    store: Store, zones: Path, tmp_path: Path
) -> None:
    folders = [str(store("a.mp4", **recorded(0))), str(store("b.mp4", **recorded(2)))]
    out = tmp_path / "out"

    assert main(["count", *folders, "--zones", str(zones), "--out", str(out)]) == 0

    assert sorted(path.name for path in out.iterdir()) == ["a.mp4", "b.mp4", "total"]
    total = json.loads((out / "total" / "counts.json").read_text())
    assert total["files"] == ["videos/a.mp4", "videos/b.mp4"]
    assert len((out / "total" / "intervals.csv").read_text().splitlines()) == 1 + 3


def test_the_counts_of_a_video_called_total_are_not_those_of_all_files(
    store: Store, zones: Path, tmp_path: Path
) -> None:
    folders = [str(store("total", people=3, **recorded(0))), str(store("b.mp4", **recorded(2)))]

    assert main(["count", *folders, "--zones", str(zones), "--out", str(tmp_path / "out")]) == 0

    people = {
        str(path.parent.relative_to(tmp_path / "out")): json.loads(path.read_text())["picture"]["people"]
        for path in (tmp_path / "out").rglob("counts.json")
    }
    assert people == {"results/total": 3, "b.mp4": 1, "total": 4}


def test_the_counts_of_one_video_called_total_can_be_written(
    store: Store, zones: Path, tmp_path: Path
) -> None:
    assert main(["count", str(store("total")), "--zones", str(zones), "--out", str(tmp_path / "out")]) == 0
    assert (tmp_path / "out" / "total" / "counts.json").is_file()


def test_files_without_a_time_of_recording_are_counted_one_by_one(
    store: Store, zones: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = [str(store("a.mp4", **recorded(0))), str(store("b.mp4"))]

    assert main(["count", *folders, "--zones", str(zones), "--json"]) == 0

    output = capsys.readouterr()
    assert len(json.loads(output.out)) == 2
    assert output.err == ("the 2 files are not added up: the time of recording is not known: videos/b.mp4\n")


def test_several_versions_of_one_video_are_not_added_up(
    store: Store, zones: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    video = {"bucket": "videos", "key": "door.mp4", "version": "v1"}
    for version in ("v1", "v2"):
        store(f"door.mp4/{version}", video={**video, "version": version}, **recorded(0))

    assert main(["count", str(tmp_path / "results"), "--zones", str(zones)]) == 1
    folders = [tmp_path / "results" / "door.mp4" / version for version in ("v1", "v2")]
    assert (
        f"has several results of s3://videos/door.mp4, for example {folders[0]} and {folders[1]}; "
        "give the folders to count"
    ) in capsys.readouterr().err


@pytest.fixture
def stack(store: Store) -> Iterator[FakePipeline]:
    """A stack with results of two files of a recorder, an older version of one, and another video."""
    with mock_aws():
        app = FakePipeline()
        for number, (key, version, people) in enumerate(
            [
                ("cam7/a.mp4", "v1", 3),
                ("cam7/a.mp4", "v2", 1),
                ("cam7/../b.mp4", "v1", 2),
                ("yard.mp4", "v1", 1),
                ("a//b/./c.mp4", "v1", 4),
            ]
        ):
            uploaded_ms = app.now_ms + number
            record = JobRecord.of(Video(VIDEOS, key, version, version), uploaded_ms, uploaded_ms)
            record = record.in_progress(f"job-{number}", uploaded_ms).succeeded(uploaded_ms)
            app.table.add(record)
            video = {"bucket": VIDEOS, "key": key, "version": version}
            folder = store(f"stored-{number}", people=people, video=video, **recorded(2 * number))
            for name in file_names():
                app.s3.upload_file(str(folder / name), RESULTS, record.results_prefix + name)
        outputs = {"JobTableName": JOBS, "VideoBucketName": VIDEOS, "ResultsBucketName": RESULTS}

        class Session:
            def client(self, name: str) -> Any:
                return {"s3": app.s3, "dynamodb": app.dynamodb}[name]

        with (
            patch.object(people_pathing.cli.aws, "aws_session", lambda _: Session()),
            patch.object(people_pathing.cli.aws, "stack_outputs", lambda *_: outputs),
        ):
            yield app


@pytest.mark.usefixtures("stack")
def test_the_newest_results_of_one_key_are_fetched_and_counted(
    zones: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ("cam7/a.mp4", "--stack-name", "people-pathing", "--zones", str(zones))

    [document] = counted(*arguments, "--out", str(tmp_path / "out"), capsys=capsys)

    assert document["video"] == f"s3://{VIDEOS}/cam7/a.mp4"
    assert document["picture"]["people"] == 1
    assert (tmp_path / "out" / "cam7" / "a.mp4" / "v2" / "counts.json").is_file()


@pytest.mark.usefixtures("stack")
def test_a_key_is_taken_as_it_is_written(zones: Path, capsys: pytest.CaptureFixture[str]) -> None:
    [document] = counted(
        "a//b/./c.mp4", "--stack-name", "people-pathing", "--zones", str(zones), capsys=capsys
    )

    assert document["video"] == f"s3://{VIDEOS}/a//b/./c.mp4"
    assert document["picture"]["people"] == 4


@pytest.mark.usefixtures("stack")
def test_the_files_of_a_recorder_are_chosen_by_the_prefix_of_their_keys(
    zones: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"

    *each, total = counted("--prefix", "cam7/", "--zones", str(zones), "--out", str(out), capsys=capsys)

    assert [one["picture"]["people"] for one in each] == [2, 1]
    assert total["files"] == [f"s3://{VIDEOS}/cam7/a.mp4", f"s3://{VIDEOS}/cam7/../b.mp4"]
    # A key cannot choose a folder outside.
    assert len([path for path in tmp_path.rglob("counts.json") if out in path.parents]) == 3


@pytest.mark.usefixtures("stack")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("gone.mp4", "--stack-name", "people-pathing"), "there are no results of gone.mp4; `people-pathing"),
        (("--prefix", "cam8/"), "no video whose key begins with cam8/ has results"),
    ],
)
def test_videos_without_results_in_the_stack_are_named(
    arguments: tuple[str, ...], message: str, zones: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["count", *arguments, "--zones", str(zones)]) == 1
    assert message in capsys.readouterr().err


def test_nothing_to_count_is_an_error(zones: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["count", "--zones", str(zones)]) == 1
    assert "nothing to count; give a folder with result files" in capsys.readouterr().err

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import pytest
from moto import mock_aws

from people_pathing.cli.commands import jobs
from people_pathing.cli.errors import CommandError
from people_pathing.cli.main import build_parser
from people_pathing.common.clock import now_ms
from people_pathing.pipeline.job_record import JobRecord
from people_pathing.pipeline.video import Video
from people_pathing.service.artifacts import plan_key
from tests.fakes.pipeline import JOBS, VIDEOS, FakePipeline, make_bucket

ARTIFACTS = "artifacts"
OUTPUTS = {"JobTableName": JOBS, "ArtifactBucketName": ARTIFACTS}
DOOR, TILL, YARD = "cam1/door.mp4", "cam1/till.mp4", "yard.mp4"
DOOR_JOB, TILL_JOB = "a1" * 32, "a2" * 32


@pytest.fixture
def app() -> Iterator[FakePipeline]:
    """Three jobs: one has failed, one is in progress, one waits."""
    with mock_aws():
        app = FakePipeline()
        make_bucket(app.s3, ARTIFACTS)
        now = now_ms()
        for record in (
            _uploaded(YARD, now - 45_000),
            _uploaded(TILL, now - 723_000).in_progress(TILL_JOB, now - 700_000),
            _uploaded(DOOR, now - 19_200_000).in_progress(DOOR_JOB, now).failed("it has no frames", now),
        ):
            app.table.add(record)
        yield app


def _uploaded(key: str, uploaded_ms: int) -> JobRecord:
    return JobRecord.of(Video(VIDEOS, key, "v1", "v1"), uploaded_ms, uploaded_ms)


def run_jobs(app: FakePipeline, *arguments: str) -> int:
    """Runs the command with the clients of the fake pipeline."""

    class Session:
        def client(self, name: str) -> Any:
            return {"s3": app.s3, "dynamodb": app.dynamodb}[name]

    options = build_parser().parse_args(["jobs", *arguments])
    with (
        patch.object(jobs, "aws_session", lambda _: Session()),
        patch.object(jobs, "stack_outputs", lambda *_: OUTPUTS),
    ):
        return jobs.run(options)


def test_jobs_are_listed_by_upload_with_short_ids(
    app: FakePipeline, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_jobs(app) == 0

    output = capsys.readouterr()
    assert [line.split() for line in output.out.splitlines()] == [
        ["state", "age", "key", "job", "reason"],
        ["FAILED", "5h", "20m", DOOR, "a1a1a1a1a1a1", "it", "has", "no", "frames"],
        ["IN_PROGRESS", "12m", "03s", TILL, "a2a2a2a2a2a2"],
        ["WAITING", "45s", YARD],
    ]
    assert output.err == "3 jobs: 1 FAILED, 1 IN_PROGRESS, 1 WAITING\n"


def test_wide_shows_whole_ids(app: FakePipeline, capsys: pytest.CaptureFixture[str]) -> None:
    run_jobs(app, "--wide", "--state", "FAILED")

    output = capsys.readouterr()
    assert DOOR_JOB in output.out
    assert TILL not in output.out
    assert output.err == "1 job: 1 FAILED\n"


def test_json_has_every_job_on_a_line_of_its_own(
    app: FakePipeline, capsys: pytest.CaptureFixture[str]
) -> None:
    run_jobs(app, "--json")

    out = capsys.readouterr().out
    assert len(out.splitlines()) == 5
    door, till, yard = json.loads(out)
    assert (door["job_id"], till["job_id"], yard["job_id"]) == (DOOR_JOB, TILL_JOB, None)
    assert (door["state"], door["reason"]) == ("FAILED", "it has no frames")
    assert door["results_prefix"] == f"{DOOR}/v1/"
    assert till["started_at"].endswith("Z")
    assert till["finished_at"] is None


def test_json_of_no_jobs_is_an_empty_list(app: FakePipeline, capsys: pytest.CaptureFixture[str]) -> None:
    run_jobs(app, "--json", "--state", "SUCCEEDED")

    assert json.loads(capsys.readouterr().out) == []


@pytest.mark.parametrize("name", [DOOR, DOOR_JOB, "a1a1", Video(VIDEOS, DOOR, "v1", "v1").video_id])
def test_one_job_is_shown_in_detail(app: FakePipeline, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    run_jobs(app, name)

    facts = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert facts["state"] == "FAILED"
    assert facts["reason"] == "it has no frames"
    assert facts["job"] == DOOR_JOB
    assert "next" not in facts


def test_a_job_in_progress_shows_how_much_is_done(
    app: FakePipeline, capsys: pytest.CaptureFixture[str]
) -> None:
    app.s3.put_object(Bucket=ARTIFACTS, Key=plan_key(TILL_JOB), Body=b'{"segments": [1, 2]}')
    app.s3.put_object(Bucket=ARTIFACTS, Key=f"jobs/{TILL_JOB}/segments/0", Body=b"-")

    run_jobs(app, TILL)

    assert "IN_PROGRESS, 48% done" in capsys.readouterr().out


def test_one_job_as_json_is_one_object(app: FakePipeline, capsys: pytest.CaptureFixture[str]) -> None:
    run_jobs(app, YARD, "--json")

    assert json.loads(capsys.readouterr().out)["key"] == YARD


def test_an_unknown_job_is_an_error(app: FakePipeline) -> None:
    with pytest.raises(CommandError, match=r"there is no job door\.mp4; give the key of a video"):
        run_jobs(app, "door.mp4")


def test_a_key_with_two_versions_is_an_error_that_lists_their_jobs(app: FakePipeline) -> None:
    second = JobRecord.of(Video(VIDEOS, DOOR, "v2", "v2"), now_ms(), now_ms())
    app.table.add(second)

    with pytest.raises(CommandError, match=f"{DOOR} names 2 jobs; give the id of one of them") as caught:
        run_jobs(app, DOOR)

    assert caught.value.details == (
        f"  {DOOR_JOB}  FAILED  {DOOR}",
        f"  {second.video_id}  WAITING  {DOOR}",
    )


def test_watching_prints_each_change_until_no_job_is_open(
    app: FakePipeline, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    steps = iter(
        [
            lambda: _change(app, TILL, lambda record: record.succeeded(now_ms())),
            lambda: None,
            lambda: _change(app, YARD, lambda record: record.failed("it is empty", now_ms())),
        ]
    )
    monkeypatch.setattr("time.sleep", lambda _: next(steps)())  # type: ignore[no-untyped-call]

    assert run_jobs(app, "--watch") == 0

    output = capsys.readouterr()
    assert [line.split("  ")[::2] for line in output.out.splitlines()] == [
        ["IN_PROGRESS", TILL],
        ["WAITING", YARD],
        ["SUCCEEDED", TILL],
        ["FAILED", YARD, "it is empty"],
    ]
    assert output.err == "3 jobs: 2 FAILED, 1 SUCCEEDED\n"


def test_watching_one_job_ends_with_it(
    app: FakePipeline, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: _change(app, TILL, lambda record: record.succeeded(now_ms())))

    run_jobs(app, TILL, "--watch")

    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["IN_PROGRESS", "SUCCEEDED"]


def _change(app: FakePipeline, key: str, change: Any) -> None:
    record = app.table.get(Video(VIDEOS, key, "v1", "v1").video_id)
    assert record
    assert app.table.replace(record, replace(change(record)))


def test_the_numbers_of_jobs_are_printed_as_json(
    app: FakePipeline, capsys: pytest.CaptureFixture[str]
) -> None:
    run_jobs(app, "--count", "--json")

    assert json.loads(capsys.readouterr().out) == [
        {"state": "WAITING", "jobs": 1},
        {"state": "IN_PROGRESS", "jobs": 1},
        {"state": "SUCCEEDED", "jobs": 0},
        {"state": "FAILED", "jobs": 1},
    ]


def test_one_job_is_not_counted(app: FakePipeline) -> None:
    with pytest.raises(CommandError, match="--count counts the jobs of all videos; leave out JOB"):
        run_jobs(app, YARD, "--count")


def test_changes_are_not_printed_as_json(app: FakePipeline) -> None:
    with pytest.raises(CommandError, match="leave out --json"):
        run_jobs(app, "--watch", "--json")


def test_a_key_that_is_not_printable_is_valid_json(
    app: FakePipeline, capsys: pytest.CaptureFixture[str]
) -> None:
    key = "cam1/no\xa0break.mp4"
    app.table.add(_uploaded(key, now_ms()))

    run_jobs(app, "--json")

    assert key in {job["key"] for job in json.loads(capsys.readouterr().out)}

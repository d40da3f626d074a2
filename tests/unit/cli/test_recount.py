"""`people-pathing recount` with the pipeline's own functions behind it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
from moto import mock_aws

from people_pathing.cli.commands import recount
from people_pathing.cli.errors import CommandError
from people_pathing.cli.main import build_parser
from tests.fakes.pipeline import JOBS, RESULTS, VIDEOS, FakePipeline
from tests.unit.cli.test_count import ZONES, persons

OUTPUTS = {"JobTableName": JOBS, "VideoBucketName": VIDEOS, "ResultsBucketName": RESULTS}
KEY = "cam7/a b+ü%2F.mp4"


class Functions:
    """Runs AnalyzeResults in place of Lambda."""

    def __init__(self, app: FakePipeline) -> None:
        self.app = app
        self.invoked: list[str] = []

    def invoke(self, **request: Any) -> None:
        assert request["InvocationType"] == "Event"
        self.invoked.append(request["FunctionName"])
        self.app.on_results(json.loads(request["Payload"]))


class Stacks:
    """Lists the resources of a stack, page by page."""

    def __init__(self, *names: str) -> None:
        self.names = names

    def get_paginator(self, operation: str) -> Any:
        assert operation == "list_stack_resources"
        return self

    def paginate(self, StackName: str) -> Iterator[dict[str, Any]]:  # noqa: N803
        for name in self.names:
            found = {"LogicalResourceId": name, "PhysicalResourceId": f"{StackName}-{name}-1"}
            yield {"StackResourceSummaries": [found]}


@pytest.fixture
def app() -> Iterator[FakePipeline]:
    with mock_aws():
        yield FakePipeline()


def track(app: FakePipeline, key: str = KEY) -> None:
    """Uploads a video and completes its job."""
    app.on_upload(app.upload(key))
    app.on_notice(app.service.succeed(str(app.records()[-1].job_id), persons(2)))


def put_zones(app: FakePipeline, key: str) -> None:
    app.s3.put_object(Bucket=VIDEOS, Key=key, Body=json.dumps(ZONES).encode())


def run(app: FakePipeline, *arguments: str, resources: tuple[str, ...] = ("Other", "AnalyzeResults")) -> Any:
    """Runs the command, and returns the names of the functions that it invoked."""
    functions = Functions(app)

    class Session:
        def client(self, name: str) -> Any:
            clients = {"s3": app.s3, "dynamodb": app.dynamodb, "lambda": functions}
            return {**clients, "cloudformation": Stacks(*resources)}[name]

    options = build_parser().parse_args(["recount", *arguments])
    with (
        patch.object(recount, "aws_session", lambda _: Session()),
        patch.object(recount, "stack_outputs", lambda *_: OUTPUTS),
    ):
        assert recount.run(options) == 0
    return functions.invoked


def is_counted(app: FakePipeline) -> list[bool]:
    return ["counts.json" in app.results(record) for record in app.records()]


def test_all_versions_of_the_chosen_videos_are_counted(app: FakePipeline) -> None:
    for key in (KEY, KEY, "cam8/b.mp4", "tables/c.mp4"):
        track(app, key)
    put_zones(app, "zones/.json")

    assert run(app, "--prefix", "cam7/", "tables/c.mp4") == ["people-pathing-AnalyzeResults-1"] * 3
    assert is_counted(app) == [True, True, False, True]


def test_a_dry_run_lists_the_results_with_their_zones_and_changes_nothing(
    app: FakePipeline, capsys: pytest.CaptureFixture[str]
) -> None:
    track(app)
    track(app, "cam8/b.mp4")
    put_zones(app, "zones/cam7/.json")

    assert run(app, "--prefix", "cam", "--dry-run", "--limit", "1") == []
    assert is_counted(app) == [False, False]
    printed = capsys.readouterr()
    [_, row] = printed.out.splitlines()[:2]
    assert row.split("  ")[0] == KEY
    assert row.endswith("zones/cam7/.json")
    assert "cam8" not in printed.out
    assert "results that would be counted: 1; none was" in printed.out + printed.err


def test_nothing_is_counted_if_there_are_more_results_than_the_limit(app: FakePipeline) -> None:
    for _ in range(2):
        track(app)
    put_zones(app, "zones/.json")

    with pytest.raises(CommandError, match="2 results would be counted, more than --limit 1; nothing was"):
        run(app, KEY, "--limit", "1")
    assert is_counted(app) == [False, False]


def test_a_dry_run_says_that_the_limit_would_refuse(
    app: FakePipeline, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        track(app)
    put_zones(app, "zones/.json")

    run(app, KEY, "--dry-run", "--limit", "1")

    assert "without --dry-run, this would be refused: --limit is 1" in capsys.readouterr().out


def test_a_dry_run_prints_json(app: FakePipeline, capsys: pytest.CaptureFixture[str]) -> None:
    track(app)
    put_zones(app, "zones/.json")

    run(app, KEY, "--dry-run", "--json")

    [record] = app.records()
    assert json.loads(capsys.readouterr().out) == [
        {"key": KEY, "version": record.version, "zones": "zones/.json"}
    ]
    with pytest.raises(CommandError, match="--json is for --dry-run"):
        run(app, KEY, "--json")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["cam8/b.mp4", "cam7/running.mp4"],
            "cam7/running.mp4 has no results, or no zones file applies to it",
        ),
        (["cam8/b.mp4", "cam9/c.mp4"], "cam9/c.mp4 has no results, or no zones file applies to it"),
        (["cam8/b.mp4", "cam8/typo.mp4"], "cam8/typo.mp4 has no results"),
        (["cam8/b.mp4", "--prefix", "cam7/"], "no video whose key begins with cam7/ has results and a zones"),
    ],
)
def test_each_key_and_prefix_must_name_results_with_zones(
    arguments: list[str], message: str, app: FakePipeline
) -> None:
    for key in ("cam8/b.mp4", "cam9/c.mp4"):
        track(app, key)
    app.on_upload(app.upload("cam7/running.mp4"))
    put_zones(app, "zones/cam7/.json")
    put_zones(app, "zones/cam8/.json")

    with pytest.raises(CommandError, match=message):
        run(app, *arguments)
    assert not any(is_counted(app))


def test_an_error_on_the_way_leaves_the_number_of_results_that_are_being_counted(
    app: FakePipeline, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        track(app)
    put_zones(app, "zones/.json")
    invoke = Functions.invoke

    def invoke_once(self: Functions, **request: Any) -> None:
        if self.invoked:
            raise ConnectionError("no network")
        invoke(self, **request)

    with patch.object(Functions, "invoke", invoke_once), pytest.raises(ConnectionError):
        run(app, KEY)
    assert "results that are being counted again: 1;" in capsys.readouterr().out


def test_a_stack_without_the_function_is_named(app: FakePipeline) -> None:
    track(app)
    put_zones(app, "zones/.json")

    with pytest.raises(CommandError, match="the stack people-pathing has no function AnalyzeResults"):
        run(app, KEY, resources=("Other",))


def test_a_choice_of_videos_is_required(app: FakePipeline) -> None:
    with pytest.raises(CommandError, match="say what to count again: KEY or --prefix"):
        run(app)


@pytest.mark.parametrize("limit", ["0", "-1", "1.5", "many"])
def test_a_limit_is_a_whole_number(limit: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        build_parser().parse_args(["recount", "--prefix", "a", f"--limit={limit}"])
    assert f"{limit!r} is not a whole number from 1" in capsys.readouterr().err

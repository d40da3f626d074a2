"""`people-pathing smoke` against the deployed template: green as it is, and red with each induced fault."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from subprocess import PIPE, Popen
from typing import Any

import pytest

from devstack.stack import STACK_NAME, LocalStack
from people_pathing.cli.deployed_stack import DeployedStack
from people_pathing.common.smoke_clips import SMOKE_PREFIX
from tests.unit.cli.programs import ROOT, people_pathing

pytestmark = [
    pytest.mark.stack,
    pytest.mark.local_only("breaks the stack; in an account, run people-pathing smoke"),
]


@pytest.fixture(autouse=True)
def nothing_is_left(pipeline: DeployedStack, stack: LocalStack) -> Iterator[None]:
    """Checks after each test that the clip is gone, with its results, its records and its artifacts."""
    yield
    for bucket in (pipeline.video_bucket, pipeline.results_bucket):
        assert "Versions" not in pipeline.s3.list_object_versions(Bucket=bucket, Prefix=SMOKE_PREFIX)
    assert list(pipeline.job_table.find(pipeline.video_bucket, SMOKE_PREFIX)) == []
    assert pipeline.job_store is not None
    names = [stored.job.video.name for stored in pipeline.job_store.all_jobs()]
    assert [name for name in names if name.startswith(SMOKE_PREFIX)] == []


def smoke(stack: LocalStack, *arguments: str, **settings: str) -> tuple[int, dict[str, dict[str, Any]], str]:
    """Returns the exit status, how the steps ended by their names, and the messages."""
    environment = {**stack.environment(), **settings}
    done = people_pathing("smoke", "--json", *arguments, environment=environment)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, {each["check"]: each for each in json.loads(done.stdout)}, done.stderr


def outcomes(steps: dict[str, dict[str, Any]]) -> dict[str, str]:
    return {name: each["outcome"] for name, each in steps.items()}


def test_a_clip_goes_through_the_stack_and_is_erased(stack: LocalStack) -> None:
    status, steps, _ = smoke(stack)

    assert outcomes(steps) == dict.fromkeys(
        ("upload", "job", "people", "report", "API", "refusals", "erasure"), "ok"
    )
    assert status == 0
    assert "1 job record, 1 job of the service" in steps["erasure"]["message"]


def test_a_clip_that_is_kept_can_be_seen_and_erased_later(stack: LocalStack, pipeline: DeployedStack) -> None:
    status, steps, _ = smoke(stack, "--keep")

    assert status == 0
    assert steps["erasure"]["outcome"] == "not checked"
    [record] = pipeline.job_table.find(pipeline.video_bucket, SMOKE_PREFIX)
    assert steps["erasure"]["advice"] == f"people-pathing erase {record.key}"
    from people_pathing.smoke_test.clip_erasure import erase_clip

    assert erase_clip(pipeline, record.key, 10).outcome == "ok"


def test_an_upload_that_starts_nothing_fails_and_is_erased(
    stack: LocalStack, pipeline: DeployedStack
) -> None:
    before = pipeline.s3.get_bucket_notification_configuration(Bucket=pipeline.video_bucket)
    del before["ResponseMetadata"]
    pipeline.s3.put_bucket_notification_configuration(
        Bucket=pipeline.video_bucket, NotificationConfiguration={}
    )
    try:
        status, steps, _ = smoke(stack, "--timeout", "3")
    finally:
        pipeline.s3.put_bucket_notification_configuration(
            Bucket=pipeline.video_bucket, NotificationConfiguration=before
        )

    assert status == 1
    assert "did not start in 3 s: StartTracking has not recorded the upload" in steps["job"]["message"]
    assert steps["people"] == {
        "check": "people",
        "outcome": "not checked",
        "message": "an earlier step failed",
        "advice": None,
    }
    assert steps["erasure"]["outcome"] == "ok"


def test_a_job_that_is_not_done_in_time_fails_and_is_erased_when_it_ends(stack: LocalStack) -> None:
    lines: list[str] = []
    with ending_denied(stack) as allow_ending:
        command = [sys.executable, "-u", "-m", "people_pathing.cli.main", "smoke", "--timeout", "1"]
        environment = {**os.environ, **stack.environment()}
        with Popen(command, cwd=ROOT, env=environment, stdout=PIPE, text=True) as running:
            for line in running.stdout or ():
                lines.append(line)
                if ": job: " in line:
                    allow_ending()

    assert running.returncode == 1
    job, erasure = (next(line for line in lines if f": {name}: " in line) for name in ("job", "erasure"))
    assert job.startswith("failed: job: the job did not end in 1 s: the job")
    assert erasure.startswith("ok: erasure: erased the clip, 1 job record, 1 job of the service"), lines


@contextmanager
def ending_denied(stack: LocalStack) -> Iterator[Callable[[], None]]:
    """Keeps jobs from ending. Yields what allows it: their last step is tried for most of a day."""
    iam, policy = stack.client("iam"), {"PolicyName": "denied"}
    reply = stack.client("cloudformation").describe_stack_resource(
        StackName=STACK_NAME, LogicalResourceId="PublishCompletionRole"
    )
    role = {"RoleName": reply["StackResourceDetail"]["PhysicalResourceId"]}
    statement = {"Effect": "Deny", "Action": "dynamodb:UpdateItem", "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    iam.put_role_policy(**role, **policy, PolicyDocument=json.dumps(document))
    with ExitStack() as ending:
        ending.callback(iam.delete_role_policy, **role, **policy)
        yield ending.close

"""The scheduled smoke test in the deployed template: green as it is, and red with each induced fault."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from botocore.config import Config

from devstack.parameters import stack_parameters
from devstack.stack import STACK_NAME, LocalStack
from people_pathing.cli.deployed_stack import DeployedStack
from people_pathing.common.finding import Outcome
from people_pathing.pipeline.job_record import JobState
from people_pathing.report import page_file
from people_pathing.smoke_test import clip
from people_pathing.smoke_test.clip_erasure import erase_clip
from tests.stack.jobs import wait_for_job
from tests.unit.cli.programs import people_pathing

pytestmark = [
    pytest.mark.stack,
    pytest.mark.local_only("breaks the stack; in an account, the schedule runs it"),
]

SHORT_S = 90
"""A time limit of the function that makes it give up soon on a job that never ends."""
USERS_KEY = "street.mp4"
EVERYTHING = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]


@pytest.fixture(scope="module")
def stack() -> Iterator[LocalStack]:
    """A stack of its own, because by default no stack has the function."""
    model = os.environ.get("TRACKING_MODEL")
    parameters = {**stack_parameters(None, model, None, None, print), "SmokeTestHours": "24"}
    with LocalStack(parameters=parameters, on_step=print) as stack:
        yield stack


@pytest.fixture(scope="module")
def pipeline(stack: LocalStack) -> DeployedStack:
    return DeployedStack.of(stack.outputs, stack.client("s3"), stack.client("dynamodb"))


def physical_id(stack: LocalStack, logical_id: str) -> str:
    reply = stack.client("cloudformation").describe_stack_resource(
        StackName=STACK_NAME, LogicalResourceId=logical_id
    )
    name: str = reply["StackResourceDetail"]["PhysicalResourceId"]
    return name


def failure(stack: LocalStack) -> str | None:
    """Runs the function as the schedule does. Returns why it failed, or None if it did not."""
    config = Config(read_timeout=900, retries={"total_max_attempts": 1})
    reply = stack.client("lambda", config=config).invoke(
        FunctionName=physical_id(stack, "RunSmokeTest"), Payload=b'{"source": "aws.events"}'
    )
    answer = json.loads(reply["Payload"].read())
    return None if "FunctionError" not in reply else str(answer["errorMessage"])


def left_keys(pipeline: DeployedStack) -> set[str]:
    """Returns the keys of clips that have left anything behind."""
    store = pipeline.job_store
    left = {stored.job.video.name for stored in store.all_jobs()} if store else set()
    left |= {record.key for record in pipeline.job_table.find(pipeline.video_bucket)}
    for bucket in (pipeline.video_bucket, pipeline.results_bucket):
        reply = pipeline.s3.list_object_versions(Bucket=bucket)
        left |= {each["Key"] for each in [*reply.get("Versions", []), *reply.get("DeleteMarkers", [])]}
    return {key for key in left if not key.startswith("zones/")}


def artifacts(stack: LocalStack) -> list[str]:
    reply = stack.client("s3").list_objects_v2(Bucket=stack.outputs["ArtifactBucketName"])
    return [each["Key"] for each in reply.get("Contents", [])]


def wait_for_report(pipeline: DeployedStack, results_prefix: str) -> None:
    """Waits until a result is analyzed, so that nothing is stored about it any more."""
    deadline_s = time.monotonic() + SHORT_S
    last = {"Bucket": pipeline.results_bucket, "Prefix": f"{results_prefix}{page_file.NAME}"}
    while not pipeline.s3.list_objects_v2(**last).get("Contents"):
        assert time.monotonic() < deadline_s, results_prefix
        time.sleep(0.2)


@contextmanager
def denied(stack: LocalStack, action: str, *roles: str) -> Iterator[None]:
    """Denies an action to roles."""
    iam = stack.client("iam")
    statement = {"Effect": "Deny", "Action": action, "Resource": "*"}
    names = [physical_id(stack, role) for role in roles]
    for name in names:
        iam.put_role_policy(
            RoleName=name,
            PolicyName="denied",
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
        )
    try:
        yield
    finally:
        for name in names:
            iam.delete_role_policy(RoleName=name, PolicyName="denied")


@contextmanager
def without_the_policy(stack: LocalStack) -> Iterator[None]:
    """Detaches the policy for callers from the role of the test."""
    iam, policy = stack.client("iam"), stack.outputs["CallTrackingPolicyArn"]
    role = physical_id(stack, "RunSmokeTestRole")
    iam.detach_role_policy(RoleName=role, PolicyArn=policy)
    try:
        yield
    finally:
        iam.attach_role_policy(RoleName=role, PolicyArn=policy)


@contextmanager
def everybody_may_call(stack: LocalStack) -> Iterator[None]:
    """Gives the policy for callers to the role that must have no rights."""
    iam, policy = stack.client("iam"), stack.outputs["CallTrackingPolicyArn"]
    role = physical_id(stack, "UnprivilegedRole")
    iam.attach_role_policy(RoleName=role, PolicyArn=policy)
    try:
        yield
    finally:
        iam.detach_role_policy(RoleName=role, PolicyArn=policy)


@contextmanager
def everything_is_masked(stack: LocalStack) -> Iterator[None]:
    """Masks everything, as an operator can. The service then finds no person."""
    s3, place = stack.client("s3"), {"Bucket": stack.outputs["VideoBucketName"], "Key": "zones/.json"}
    zones = {"version": 1, "masks": [{"name": "everything", "polygon": EVERYTHING}]}
    s3.put_object(**place, Body=json.dumps(zones))
    try:
        yield
    finally:
        s3.delete_object(**place)


@contextmanager
def results_never_arrive(stack: LocalStack) -> Iterator[None]:
    """Keeps the pipeline from storing results, and lets the test notice it soon."""
    with denied(stack, "s3:PutObject", "CollectResultsRole", "ReconcileJobsRole"), limited(stack, SHORT_S):
        yield


@contextmanager
def limited(stack: LocalStack, limit_s: int) -> Iterator[None]:
    """Gives the function less time."""
    client, name = stack.client("lambda"), physical_id(stack, "RunSmokeTest")
    client.update_function_configuration(FunctionName=name, Timeout=limit_s)
    try:
        yield
    finally:
        client.update_function_configuration(FunctionName=name, Timeout=900)


def test_a_good_stack_passes_with_the_rights_that_the_template_gives(
    stack: LocalStack, pipeline: DeployedStack
) -> None:
    assert failure(stack) is None

    assert left_keys(pipeline) == set()
    assert artifacts(stack) == []


def test_doctor_knows_that_a_scheduled_smoke_test_has_run(stack: LocalStack) -> None:
    assert failure(stack) is None
    done = people_pathing("doctor", "--stack-name", STACK_NAME, "--json", environment=stack.environment())
    [found] = [each for each in json.loads(done.stdout) if each["check"] == "smoke test"]

    # The local server evaluates no alarms, so the state is the one in which an alarm is created.
    assert found["outcome"] == Outcome.NOT_CHECKED, found
    assert found["message"] == "a scheduled smoke test has run, and CloudWatch has not evaluated it yet"


def test_a_clip_that_has_no_turn_is_withdrawn_and_the_job_of_a_user_goes_on(
    stack: LocalStack, pipeline: DeployedStack
) -> None:
    client, api = stack.client("lambda"), physical_id(stack, "TrackingApi")
    variables = client.get_function_configuration(FunctionName=api)["Environment"]["Variables"]
    one_job = {**variables, "MAX_CONCURRENT_JOBS": "1"}
    client.update_function_configuration(FunctionName=api, Environment={"Variables": one_job})
    try:
        with denied(stack, "dynamodb:UpdateItem", "PublishCompletionRole"):
            video = pipeline.upload(clip.PATH, USERS_KEY)
            deadline_s = time.monotonic() + SHORT_S
            while (record := pipeline.record(video)) is None or record.state is not JobState.IN_PROGRESS:
                assert time.monotonic() < deadline_s, record
                time.sleep(0.2)
            with limited(stack, SHORT_S):
                assert failure(stack) is None
            assert left_keys(pipeline) == {USERS_KEY}
        record = wait_for_job(pipeline, video)
    finally:
        client.update_function_configuration(FunctionName=api, Environment={"Variables": variables})

    assert record.state is JobState.SUCCEEDED
    wait_for_report(pipeline, record.results_prefix)
    assert erase_clip(pipeline, USERS_KEY, 0).outcome is Outcome.OK
    assert artifacts(stack) == []


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (everything_is_masked, "people: the clip shows 2 people, and 0 were found"),
        (without_the_policy, "API: the API answered HTTP 403"),
        (everybody_may_call, "of a caller without the policy: HTTP 400 "),
        (results_never_arrive, "job: the job did not end in 25 s: "),
    ],
)
def test_a_fault_fails_the_test_which_erases_its_clip(
    stack: LocalStack,
    pipeline: DeployedStack,
    fault: Callable[[LocalStack], AbstractContextManager[None]],
    says: str,
) -> None:
    with fault(stack):
        assert says in str(failure(stack))

    assert left_keys(pipeline) == set()
    assert artifacts(stack) == []


def test_what_a_run_could_not_erase_is_erased_by_a_later_one(
    stack: LocalStack, pipeline: DeployedStack
) -> None:
    with denied(stack, "s3:DeleteObjectVersion", "RunSmokeTestRole"):
        assert str(failure(stack)).startswith("erasure: AccessDenied")
    [left] = pipeline.s3.list_objects_v2(Bucket=pipeline.video_bucket)["Contents"]

    assert failure(stack) is None
    # The first run could still be running.
    assert left["Key"] in left_keys(pipeline)

    with limited(stack, SHORT_S):
        time.sleep(max(0, left["LastModified"].timestamp() + SHORT_S + 1 - time.time()))
        assert failure(stack) is None

    assert left_keys(pipeline) == set()
    assert artifacts(stack) == []

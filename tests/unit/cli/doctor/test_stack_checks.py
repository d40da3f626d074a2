"""Each outcome of the checks of a deployed stack."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from people_pathing.cli.doctor import check_stack
from people_pathing.cli.doctor.subjects import Resource, Stack
from people_pathing.common.finding import Outcome, ok
from tests.unit.cli.doctor.stubs import ACCOUNT_ID, ALARM_TOPIC, PARAMETERS, StubbedAws

IMAGE = f"{ACCOUNT_ID}.dkr.ecr.eu-west-1.amazonaws.com/worker@sha256:{'0' * 64}"


@pytest.fixture
def aws() -> StubbedAws:
    return StubbedAws()


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("UPDATE_COMPLETE", Outcome.OK),
        ("IMPORT_COMPLETE", Outcome.OK),
        ("IMPORT_ROLLBACK_COMPLETE", Outcome.WARNING),
        ("UPDATE_ROLLBACK_COMPLETE", Outcome.WARNING),
        ("ROLLBACK_COMPLETE", Outcome.FAILED),
        ("UPDATE_IN_PROGRESS", Outcome.FAILED),
        ("UPDATE_ROLLBACK_FAILED", Outcome.FAILED),
    ],
)
def test_the_last_change_must_be_complete(aws: StubbedAws, status: str, outcome: Outcome) -> None:
    finding = check_stack.check_status(aws.stack(status))

    assert finding.outcome is outcome
    assert status in finding.message


def test_a_changeset_that_was_declined_must_be_executed_or_deleted(aws: StubbedAws) -> None:
    finding = check_stack.check_status(aws.stack("REVIEW_IN_PROGRESS"))

    assert finding.outcome is Outcome.FAILED
    assert "changeset" in finding.message
    assert "aws cloudformation list-change-sets --stack-name people" in finding.advice
    assert "aws cloudformation delete-stack --stack-name people" in finding.advice
    assert "try again" not in finding.advice


def test_limits_beyond_the_quota_fail_and_say_what_fits(aws: StubbedAws) -> None:
    assert check_stack.check_limits(aws.quota(105).stack()).outcome is Outcome.OK

    finding = check_stack.check_limits(StubbedAws().quota(50).stack())

    assert finding.outcome is Outcome.FAILED
    assert "MaxConcurrentJobs (20) times MaxConcurrentSegments (5)" in finding.message
    assert finding.advice.endswith("set MaxConcurrentJobs to 9")


def test_the_limits_count_as_the_stack_sets_them(aws: StubbedAws) -> None:
    small = {**PARAMETERS, "MaxConcurrentJobs": "1"}

    assert check_stack.check_limits(aws.quota(10).stack(parameters=small)).outcome is Outcome.OK


@pytest.mark.parametrize(("quota", "outcome"), [(106, Outcome.FAILED), (107, Outcome.OK)])
def test_a_scheduled_smoke_test_needs_executions_of_its_own(quota: int, outcome: Outcome) -> None:
    finding = check_stack.check_limits(with_smoke_test(StubbedAws().quota(quota).stack()))

    assert finding.outcome is outcome
    assert "107" in finding.message


def with_smoke_test(stack: Stack) -> Stack:
    """Returns a stack that also has the function of the scheduled smoke test."""
    function = Resource("RunSmokeTest", "AWS::Lambda::Function", "people-RunSmokeTest")
    return replace(stack, resources={**stack.resources, function.logical_id: function})


def test_another_service_has_its_own_limits(aws: StubbedAws) -> None:
    finding = check_stack.check_limits(aws.stack(without="ArtifactBucketName"))

    assert finding.outcome is Outcome.NOT_CHECKED


@pytest.mark.parametrize(
    ("states", "outcome", "says"),
    [
        ({"State": "Active", "LastUpdateStatus": "Successful"}, Outcome.OK, "all 3 functions are active"),
        ({"State": "Inactive"}, Outcome.FAILED, "not used for weeks, so the next call fails: PlanJob"),
        ({"State": "Pending"}, Outcome.FAILED, "PlanJob is Pending"),
        (
            {"State": "Failed", "StateReason": "the image was deleted"},
            Outcome.FAILED,
            "PlanJob is Failed, its last update Successful the image was deleted",
        ),
        ({"State": "Active", "LastUpdateStatus": "Failed"}, Outcome.FAILED, "its last update Failed"),
    ],
)
def test_every_function_must_be_active(
    aws: StubbedAws, states: dict[str, Any], outcome: Outcome, says: str
) -> None:
    active = {"State": "Active", "LastUpdateStatus": "Successful"}
    for reply in (active, states, active):
        aws.answer("lambda", "get_function_configuration", **reply)

    finding = check_stack.check_functions(aws.stack())

    assert finding.outcome is outcome
    assert says in finding.message
    aws.assert_all_called()


VERSION = f"arn:aws:lambda:eu-west-1:{ACCOUNT_ID}:function:people-PlanJob:7"


def with_version(stack: Stack) -> Stack:
    """Returns the stack with a published version of PlanJob."""
    version = Resource("PlanJobVersion0a1b2c", "AWS::Lambda::Version", VERSION)
    return replace(stack, resources={**stack.resources, version.logical_id: version})


@pytest.mark.parametrize(
    ("latest", "version", "outcome"),
    [("Inactive", "Active", Outcome.OK), ("Active", "Inactive", Outcome.FAILED)],
)
def test_the_version_that_jobs_call_must_be_active_and_not_the_function_that_none_calls(
    aws: StubbedAws, latest: str, version: str, outcome: Outcome
) -> None:
    states = {"people-PlanJob": latest, VERSION: version}
    for name in ("people-StartTracking", VERSION, "people-DetectSegment"):
        reply = {"State": states.get(name, "Active"), "LastUpdateStatus": "Successful"}
        aws.answer_to("lambda", "get_function_configuration", {"FunctionName": name}, **reply)

    finding = check_stack.check_functions(with_version(aws.stack()))

    assert finding.outcome is outcome
    assert outcome is Outcome.OK or finding.message.endswith(": PlanJob")
    aws.assert_all_called()


def test_the_image_of_the_version_that_jobs_call_must_exist(aws: StubbedAws) -> None:
    for name in ("people-StartTracking", VERSION, "people-DetectSegment"):
        kind, code = ("Image", {"ResolvedImageUri": IMAGE}) if name == VERSION else ("Zip", {})
        configuration = {"PackageType": kind}
        aws.answer_to(
            "lambda", "get_function", {"FunctionName": name}, Configuration=configuration, Code=code
        )
    aws.refuse("ecr", "describe_images", "ImageNotFoundException")

    finding = check_stack.check_images(with_version(aws.stack()))

    assert "the image of PlanJob was deleted" in finding.message
    aws.assert_all_called()


def run_images(aws: StubbedAws, *uris: str | None) -> None:
    """Answers what each function runs: an image, or a zip file for None."""
    for uri in uris:
        kind = "Zip" if uri is None else "Image"
        code = {} if not uri else {"ResolvedImageUri": uri}
        aws.answer("lambda", "get_function", Configuration={"PackageType": kind}, Code=code)


def test_images_that_exist_are_found_by_their_digest(aws: StubbedAws) -> None:
    run_images(aws, None, IMAGE, IMAGE)
    for _ in range(2):
        aws.answer("ecr", "describe_images", imageDetails=[])

    assert check_stack.check_images(aws.stack()).outcome is Outcome.OK
    aws.assert_all_called()


@pytest.mark.parametrize("code", ["ImageNotFoundException", "RepositoryNotFoundException"])
def test_an_image_that_was_deleted_fails(aws: StubbedAws, code: str) -> None:
    run_images(aws, None, IMAGE, None)
    aws.refuse("ecr", "describe_images", code)

    finding = check_stack.check_images(aws.stack())

    assert finding.outcome is Outcome.FAILED
    assert "the image of PlanJob was deleted" in finding.message


@pytest.mark.parametrize("uri", ["", "worker:latest"])
def test_images_without_a_digest_are_not_checked(aws: StubbedAws, uri: str) -> None:
    run_images(aws, None, uri, None)

    assert check_stack.check_images(aws.stack()).outcome is Outcome.NOT_CHECKED


def test_a_stack_without_images_needs_none(aws: StubbedAws) -> None:
    run_images(aws, None, None, None)

    assert check_stack.check_images(aws.stack()).outcome is Outcome.OK


@pytest.mark.parametrize(
    ("function", "outcome"), [("people-StartTracking", Outcome.OK), ("other", Outcome.FAILED)]
)
def test_an_upload_must_start_the_pipeline(aws: StubbedAws, function: str, outcome: Outcome) -> None:
    arn = f"arn:aws:lambda:eu-west-1:{ACCOUNT_ID}:function:{function}"
    configuration = {"LambdaFunctionArn": arn, "Events": ["s3:ObjectCreated:*"]}
    aws.answer("s3", "get_bucket_notification_configuration", LambdaFunctionConfigurations=[configuration])

    assert check_stack.check_trigger(aws.stack()).outcome is outcome


def test_a_bucket_without_notifications_starts_nothing(aws: StubbedAws) -> None:
    aws.answer("s3", "get_bucket_notification_configuration")

    assert check_stack.check_trigger(aws.stack()).outcome is Outcome.FAILED


@pytest.mark.parametrize(("state", "outcome"), [("ENABLED", Outcome.OK), ("DISABLED", Outcome.FAILED)])
def test_rules_must_be_enabled(aws: StubbedAws, state: str, outcome: Outcome) -> None:
    finding = check_stack.check_schedules(aws.answer("events", "describe_rule", State=state).stack())

    assert finding.outcome is outcome
    assert outcome is Outcome.OK or finding.advice == "aws events enable-rule --name people-Tick"


@pytest.mark.parametrize(
    ("arns", "outcome", "says"),
    [
        ([f"{ALARM_TOPIC}:1"], Outcome.OK, "1 confirmed"),
        (["PendingConfirmation"], Outcome.WARNING, "me@example.com has not confirmed"),
        ([], Outcome.WARNING, "the alarm topic has no subscription"),
    ],
)
def test_the_alarm_topic_needs_a_confirmed_subscription(
    aws: StubbedAws, arns: list[str], outcome: Outcome, says: str
) -> None:
    subscriptions = [{"SubscriptionArn": arn, "Endpoint": "me@example.com"} for arn in arns]
    aws.answer("sns", "list_subscriptions_by_topic", Subscriptions=subscriptions)

    finding = check_stack.check_alarm_receivers(aws.stack())

    assert finding.outcome is outcome
    assert says in finding.message


def test_a_stack_without_a_scheduled_smoke_test_says_so(aws: StubbedAws) -> None:
    finding = check_stack.check_smoke_test(replace(aws.stack(), resources={}))

    assert finding == ok("no smoke test is scheduled (SmokeTestHours)")


@pytest.mark.parametrize(
    ("states", "ages_h", "outcome", "says"),
    [
        (["OK"], [23.9], Outcome.OK, "the last scheduled smoke test succeeded; one runs every 24 hours"),
        (["OK"], [100, 23.9], Outcome.OK, "the last scheduled smoke test succeeded"),
        (["OK"], [26.5], Outcome.WARNING, "no scheduled smoke test has run for 26 hours"),
        (["OK"], [], Outcome.WARNING, "no scheduled smoke test has run for 14 days"),
        (["ALARM"], [23.9], Outcome.FAILED, "the last scheduled smoke test failed"),
        (["INSUFFICIENT_DATA"], [], Outcome.WARNING, "no scheduled smoke test has run for 14 days"),
        (["INSUFFICIENT_DATA"], [0.01], Outcome.NOT_CHECKED, "CloudWatch has not evaluated it yet"),
        ([], [], Outcome.FAILED, "the alarm SmokeTestAlarm was deleted"),
    ],
)
def test_the_last_scheduled_smoke_test_is_known_from_its_alarm_and_its_age(
    aws: StubbedAws, states: list[str], ages_h: list[float], outcome: Outcome, says: str
) -> None:
    aws.answer("cloudwatch", "describe_alarms", MetricAlarms=[{"StateValue": state} for state in states])
    now = datetime.now(UTC)
    points = [{"Timestamp": now - timedelta(hours=age), "Sum": 1.0} for age in ages_h]
    aws.answer("cloudwatch", "get_metric_statistics", Datapoints=points)

    finding = check_stack.check_smoke_test(with_smoke_test(aws.stack()))

    assert finding.outcome is outcome
    assert says in finding.message

"""Checks the scheduled smoke test in the template: its schedule, its alarm, and that it is off by default."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import pytest
from moto import mock_aws

from people_pathing.common.smoke_clips import SCHEDULED_PREFIX
from people_pathing.pipeline.job_record import JobState
from people_pathing.smoke_test.scheduled import JOB_SHARE, RUNNING_JOB_SHARE, SmokeTestFailedError
from tests.template.cloudwatch import Stack
from tests.template.deployments import EXISTING_SERVICE, OWN_SERVICE, functions
from tests.template.test_alarms import Installation
from tests.template.test_rights import statements
from tests.template.translated import Json, deployed, of_type, source

HOUR_MIN = 60
EVERY_SIX_HOURS = deployed(SmokeTestHours="6")
DAILY = deployed(SmokeTestHours="24")
OF_ANOTHER_SERVICE = deployed(SmokeTestHours="6", RekognitionEndpointUrl="https://tracking.example")


def test_no_stack_has_the_test_by_default() -> None:
    for template in (OWN_SERVICE, EXISTING_SERVICE):
        assert "RunSmokeTest" not in functions(template)
        assert not [name for name in template["Resources"] if "Smoke" in name or name == "UnprivilegedRole"]


@pytest.mark.parametrize("hours", ["6", "24"])
def test_the_schedule_has_the_hours_of_the_parameter(hours: str) -> None:
    assert hours in source()["Parameters"]["SmokeTestHours"]["AllowedValues"]
    rule = of_type(deployed(SmokeTestHours=hours), "AWS::Events::Rule")["RunSmokeTestScheduled"]
    assert rule["ScheduleExpression"] == {"Fn::Sub": "rate(${SmokeTestHours} hours)"}


def test_a_run_has_time_for_its_job_its_report_and_its_erasure() -> None:
    assert functions(EVERY_SIX_HOURS)["RunSmokeTest"]["Timeout"] == 900
    assert 3 * JOB_SHARE + RUNNING_JOB_SHARE <= 0.9


def test_the_function_reserves_no_executions() -> None:
    assert "ReservedConcurrentExecutions" not in functions(EVERY_SIX_HOURS)["RunSmokeTest"]


# ---- rights


def granted(template: dict[str, Json], *owners: str) -> dict[str, list[Json]]:
    """Returns the resources of each action."""
    rights: dict[str, list[Json]] = {}
    for name, statement in statements(template):
        if name in owners:
            for action in (
                statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
            ):
                rights.setdefault(action, []).append(statement["Resource"])
    return rights


def test_objects_of_videos_and_results_are_touched_under_the_reserved_prefix_only() -> None:
    rights = granted(EVERY_SIX_HOURS, "RunSmokeTestRole")
    for action in ("s3:PutObject", "s3:GetObject", "s3:DeleteObjectVersion"):
        for resource in rights[action]:
            assert resource["Fn::Sub"].endswith(f"Bucket.Arn}}/{SCHEDULED_PREFIX}*"), action
    [listing] = [
        statement
        for name, statement in statements(EVERY_SIX_HOURS)
        if name == "RunSmokeTestRole" and statement["Resource"] == {"Fn::GetAtt": ["VideoBucket", "Arn"]}
    ]
    assert listing["Condition"] == {"StringLike": {"s3:prefix": f"{SCHEDULED_PREFIX}*"}}


def test_the_caller_without_the_policy_has_no_rights_and_only_the_test_may_be_it() -> None:
    role = of_type(EVERY_SIX_HOURS, "AWS::IAM::Role")["UnprivilegedRole"]
    assert role.keys() == {"AssumeRolePolicyDocument"}
    [trust] = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"AWS": {"Fn::GetAtt": ["RunSmokeTestRole", "Arn"]}}
    assert granted(EVERY_SIX_HOURS, "TestServicePolicy")["sts:AssumeRole"] == [
        {"Fn::GetAtt": ["UnprivilegedRole", "Arn"]}
    ]
    assert not [
        policy
        for policy in of_type(EVERY_SIX_HOURS, "AWS::IAM::Policy").values()
        if {"Ref": "UnprivilegedRole"} in policy["Roles"]
    ]


def test_another_service_is_only_asked_for_jobs() -> None:
    rights = granted(OF_ANOTHER_SERVICE, "RunSmokeTestRole", "TestServicePolicy")
    assert {action for action in rights if action.partition(":")[0] not in {"s3", "logs", "xray"}} == {
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:Query",
        "rekognition:GetPersonTracking",
    }
    assert "ManagedPolicyArns" not in of_type(OF_ANOTHER_SERVICE, "AWS::IAM::Role")["RunSmokeTestRole"]


def test_the_test_has_no_right_to_a_key_because_its_bucket_encrypts_clips_without_one() -> None:
    template = deployed(SmokeTestHours="6", VideoKmsKeyArn="a key")
    [rule] = of_type(template, "AWS::S3::Bucket")["VideoBucket"]["BucketEncryption"][
        "ServerSideEncryptionConfiguration"
    ]
    rights = granted(template, *(name for name, _ in statements(template) if "Smoke" in name))

    assert rule["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    assert not [action for action in rights if action.startswith("kms:")]


# ---- the alarm


@dataclass
class Scheduled:
    """A stack whose smoke test runs at its schedule.

    Attributes:
        installed: the stack.
        hours: from one run to the next.
    """

    installed: Installation
    hours: int

    def run(self, *errors: Exception | None) -> None:
        """Runs the test once for each entry, with its error, and lets the time until the next run pass."""
        for error in errors:
            self.installed.stack.send_event("RunSmokeTest", partial(self._end, error))
            self.installed.stack.pass_minutes(self.hours * HOUR_MIN)

    def _end(self, error: Exception | None) -> None:
        if error is not None:
            raise error

    @property
    def state(self) -> str:
        return self.installed.stack.states["SmokeTestAlarm"]

    @property
    def rung(self) -> set[str]:
        """The alarms that have rung, without those about the schedules of each minute, which stand still."""
        return self.installed.rung - {"NotReconcilingAlarm", "NotSweepingAlarm"}


FAILURE = SmokeTestFailedError("people: the clip shows 2 people, and 0 were found")


@pytest.fixture(params=[(EVERY_SIX_HOURS, 6), (DAILY, 24)], ids=["every six hours", "daily"])
def scheduled(request: pytest.FixtureRequest) -> Iterator[Scheduled]:
    template, hours = request.param
    with mock_aws():
        yield Scheduled(Installation(Stack(template=template)), hours)


def test_good_runs_raise_no_alarm_whenever_the_first_one_comes(scheduled: Scheduled) -> None:
    scheduled.installed.stack.pass_minutes(scheduled.hours * HOUR_MIN)
    scheduled.run(None, None, None)

    assert scheduled.state == "OK"
    assert scheduled.rung == set()


def test_a_run_that_is_a_few_minutes_late_raises_no_alarm(scheduled: Scheduled) -> None:
    scheduled.run(None)
    scheduled.installed.stack.pass_minutes(20)
    scheduled.run(None)

    assert scheduled.rung == set()


@pytest.mark.parametrize("before", [(), (None,), (None, None)], ids=["first", "second", "third"])
def test_a_run_that_fails_raises_one_alarm_within_an_hour_until_the_next_good_run(
    scheduled: Scheduled, before: tuple[None, ...]
) -> None:
    scheduled.run(*before)
    scheduled.installed.stack.send_event("RunSmokeTest", partial(scheduled._end, FAILURE))
    scheduled.installed.stack.pass_minutes(HOUR_MIN + 1)

    assert scheduled.state == "ALARM"
    assert scheduled.rung == {"SmokeTestAlarm"}

    scheduled.installed.stack.send_event("RunSmokeTest", partial(scheduled._end, None))
    scheduled.installed.stack.pass_minutes(1)
    assert scheduled.state == "OK"


def test_a_schedule_that_is_disabled_raises_one_alarm_four_hours_after_the_missing_run(
    scheduled: Scheduled,
) -> None:
    scheduled.run(None)
    assert scheduled.rung == set()
    scheduled.installed.stack.pass_minutes(4 * HOUR_MIN)

    assert scheduled.rung == {"NoSmokeTestAlarm"}

    scheduled.run(None)
    assert scheduled.installed.stack.states["NoSmokeTestAlarm"] == "OK"


def test_a_failing_test_is_one_that_runs(scheduled: Scheduled) -> None:
    scheduled.run(None, FAILURE, FAILURE)

    assert scheduled.rung == {"SmokeTestAlarm"}


def test_without_runs_the_result_of_the_last_one_stays(scheduled: Scheduled) -> None:
    scheduled.run(FAILURE)
    scheduled.installed.stack.pass_minutes(4 * 24 * HOUR_MIN)

    assert scheduled.state == "ALARM"
    assert scheduled.rung == {"SmokeTestAlarm", "NoSmokeTestAlarm"}


def test_more_frequent_tests_raise_the_alarm_until_the_first_of_them() -> None:
    with mock_aws():
        scheduled = Scheduled(Installation(Stack(template=DAILY)), 24)
        scheduled.installed.stack.send_event("RunSmokeTest", lambda: None)
        scheduled.installed.stack.pass_minutes(20 * HOUR_MIN)
        scheduled.installed.stack.template = EVERY_SIX_HOURS
        scheduled.installed.stack.pass_minutes(1)
        assert scheduled.rung == {"NoSmokeTestAlarm"}

        scheduled.installed.stack.send_event("RunSmokeTest", lambda: None)
        scheduled.installed.stack.pass_minutes(1)
        assert scheduled.installed.stack.states["NoSmokeTestAlarm"] == "OK"


def test_a_clip_whose_job_fails_raises_no_alarm_of_users(scheduled: Scheduled) -> None:
    pipeline = scheduled.installed.pipeline
    scheduled.installed.upload(f"{SCHEDULED_PREFIX}1.mp4")
    scheduled.installed.notify(pipeline.service.fail("job-1", "a defect"))
    assert pipeline.record().state is JobState.FAILED
    scheduled.installed.stack.pass_minutes(10)

    assert scheduled.rung == set()


def test_failures_of_the_test_are_not_kept_or_repeated() -> None:
    configurations = of_type(EVERY_SIX_HOURS, "AWS::Lambda::EventInvokeConfig").values()
    [configuration] = [one for one in configurations if one["FunctionName"] == {"Ref": "RunSmokeTest"}]
    assert configuration["MaximumRetryAttempts"] == 0
    assert "OnFailure" not in json.dumps(configuration)

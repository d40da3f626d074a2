"""CloudWatch: the states of alarms without data."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.aws_beliefs.queues import timeout_s
from tests.stack_under_test import StackUnderTest

pytestmark = pytest.mark.stack

SOURCE = "Configuring how CloudWatch alarms treat missing data in the Amazon CloudWatch User Guide"


def alarm(name: str, missing: str) -> dict[str, Any]:
    """Returns an alarm like NotReconcilingAlarm, about a function that does not exist."""

    def metric(kind: str) -> dict[str, Any]:
        dimensions = [{"Name": "FunctionName", "Value": name}]
        of = {"Namespace": "AWS/Lambda", "MetricName": kind, "Dimensions": dimensions}
        return {
            "Id": kind.lower(),
            "ReturnData": False,
            "MetricStat": {"Metric": of, "Period": 60, "Stat": "Sum"},
        }

    return {
        "AlarmName": name,
        "Metrics": [
            {"Id": "result", "Expression": "invocations - errors"},
            metric("Invocations"),
            metric("Errors"),
        ],
        "EvaluationPeriods": 1,
        "Threshold": 1,
        "ComparisonOperator": "LessThanThreshold",
        "TreatMissingData": missing,
    }


def state_of(cloudwatch: Any, name: str) -> str:
    [found] = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return str(found["StateValue"])


@pytest.mark.aws_belief(source=SOURCE, used_by="template.yaml")
def test_a_new_alarm_is_in_insufficient_data_and_stays_there_while_data_is_missing(
    account: StackUnderTest, new_name: Callable[[str], str]
) -> None:
    cloudwatch, name = account.client("cloudwatch"), new_name("missing")
    cloudwatch.put_metric_alarm(**alarm(name, "missing"))
    try:
        found = {state_of(cloudwatch, name)}
        # AWS evaluates an alarm of this period every minute.
        deadline = time.monotonic() + min(150, timeout_s(account) / 4)
        while time.monotonic() < deadline:
            time.sleep(5)
            found.add(state_of(cloudwatch, name))
    finally:
        cloudwatch.delete_alarms(AlarmNames=[name])
    assert found == {"INSUFFICIENT_DATA"}


@pytest.mark.aws_belief(
    source=SOURCE,
    used_by="template.yaml",
    differs_locally="MiniStack leaves an alarm without data as it is",
)
def test_an_alarm_that_does_not_mind_missing_data_becomes_ok_without_any(
    account: StackUnderTest, new_name: Callable[[str], str]
) -> None:
    cloudwatch, name = account.client("cloudwatch"), new_name("not-breaching")
    cloudwatch.put_metric_alarm(**alarm(name, "notBreaching"))
    try:
        deadline = time.monotonic() + timeout_s(account) / 2
        while (found := state_of(cloudwatch, name)) != "OK" and time.monotonic() < deadline:
            time.sleep(5)
    finally:
        cloudwatch.delete_alarms(AlarmNames=[name])
    assert found == "OK"

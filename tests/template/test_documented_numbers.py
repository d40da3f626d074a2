"""Checks what docs/operations.md and docs/privacy.md say in numbers and names, and the template decides."""

from __future__ import annotations

import re

import pytest

from tests.template.deployments import OWN_SERVICE, functions
from tests.template.test_alarms import MINUTES_UNTIL_REPORTED
from tests.template.test_retention import invoke_configurations
from tests.template.translated import REPOSITORY, Json, of_type, references, source

DAY_S = 24 * 3600
GUIDE = (REPOSITORY / "docs" / "operations.md").read_text()
PRIVACY = (REPOSITORY / "docs" / "privacy.md").read_text()
BUCKETS = of_type(OWN_SERVICE, "AWS::S3::Bucket")
WORDS = {"two": 2, "three": 3, "six": 6, "ten": 10}


def section(heading: str) -> str:
    """Returns the text of one section of the operations guide, in one line."""
    [text] = re.findall(rf"^## {heading}\n(.*?)(?=^## |\Z)", GUIDE, re.DOTALL | re.MULTILINE)
    return " ".join(text.split())


def alarm(name: str) -> Json:
    """Returns the properties of an alarm."""
    return of_type(OWN_SERVICE, "AWS::CloudWatch::Alarm")[name]


def row(begins: str) -> list[str]:
    """Returns the cells of the row of the privacy table that begins with a text."""
    [line] = [line for line in PRIVACY.splitlines() if line.startswith(f"| {begins}")]
    return [cell.strip() for cell in line.strip("|").split("|")]


def rule(bucket: str, name: str) -> Json:
    """Returns the lifecycle rule of a bucket."""
    [found] = [one for one in BUCKETS[bucket]["LifecycleConfiguration"]["Rules"] if one["Id"] == name]
    return found


def test_an_event_is_kept_after_the_attempts_and_the_time_that_the_guide_names() -> None:
    [attempts, hours] = re.findall(
        r"failed (\w+) times on an event, or had no free Lambda execution for it for (\w+) hours",
        section("FailedEventsAlarm"),
    )[0]
    for name, configuration in invoke_configurations(OWN_SERVICE).items():
        if configuration["DestinationConfig"]:
            assert configuration["MaximumRetryAttempts"] + 1 == WORDS[attempts], name
            assert configuration["MaximumEventAgeInSeconds"] == WORDS[hours] * 3600, name


@pytest.mark.parametrize("name", ["WaitingTooLongAlarm", "InProgressTooLongAlarm"])
def test_an_alarm_about_an_age_rings_at_the_age_that_the_guide_names(name: str) -> None:
    hours = re.findall(r"more than (\w+) hours ago", section(name))[0]

    assert alarm(name)["Threshold"] == (WORDS.get(hours) or int(hours)) * 3600


@pytest.mark.parametrize("name", ["NotReconcilingAlarm", "NotSweepingAlarm"])
def test_an_alarm_about_a_schedule_rings_after_the_minutes_that_the_guide_names(name: str) -> None:
    [minutes] = re.findall(r"has not completed without an error for (\w+) minutes", section(name))
    [period_s] = {one["MetricStat"]["Period"] for one in alarm(name)["Metrics"] if "MetricStat" in one}

    assert alarm(name)["EvaluationPeriods"] * period_s == WORDS[minutes] * 60


def test_an_alarm_about_a_disabled_schedule_rings_within_the_minutes_that_the_guide_names() -> None:
    assert f"about {MINUTES_UNTIL_REPORTED} minutes after" in section("NotReconcilingAlarm")


def test_the_api_is_stopped_after_the_seconds_that_the_guide_names() -> None:
    [seconds] = re.findall(r"took longer than its (\d+) seconds", section("TrackingApiAlarm"))

    assert functions(OWN_SERVICE)["TrackingApi"]["Timeout"] == int(seconds)


def test_failed_events_stay_in_their_queues_for_the_days_that_the_docs_name() -> None:
    [kept_s] = {one["MessageRetentionPeriod"] for one in of_type(OWN_SERVICE, "AWS::SQS::Queue").values()}

    assert row("events that could not be handled")[3].startswith(f"{kept_s // DAY_S} days")
    assert f"for {kept_s // DAY_S} days" in section("FailedEventsAlarm")


def test_logs_stay_for_the_days_that_the_docs_name() -> None:
    [days] = {one["RetentionInDays"] for one in of_type(OWN_SERVICE, "AWS::Logs::LogGroup").values()}

    assert row("keys, versions, JobIds")[3] == f"{days} days"


def test_the_settings_that_the_privacy_table_names_for_traces_are_those_of_the_template() -> None:
    tracing = source()["Globals"]["Function"]["Tracing"]
    [machine] = of_type(OWN_SERVICE, "AWS::StepFunctions::StateMachine")
    own = [function["TracingConfig"] for function in functions(OWN_SERVICE).values()]

    assert row("traces:")[4] == f"`Tracing: {tracing}` in `Globals`, and `Tracing` of `{machine}`"
    assert own == [{"Mode": tracing}] * len(own)


def test_parts_of_uploads_stay_in_every_bucket_for_the_days_that_the_docs_name() -> None:
    _, _, where, how_long, _ = row("parts of uploads that were broken off")
    days = {
        rule(name, "broken-uploads")["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"]
        for name in BUCKETS
    }

    assert where == f"all {['no', 'one', 'two', 'three'][len(BUCKETS)]} buckets"
    assert [how_long] == [f"{one} day" for one in days]


def test_chunks_and_artifacts_stay_for_the_days_that_the_docs_name() -> None:
    unfinished, jobs = rule("ResultsBucket", "unfinished-results"), rule("ArtifactBucket", "jobs")

    assert f"if they never are, {unfinished['ExpirationInDays']} days" in row("chunks of results")[3]
    assert row("boxes and appearance descriptors")[3].startswith(f"{jobs['ExpirationInDays']} days")


def test_events_wait_in_the_queue_of_lambda_for_the_hours_that_the_docs_name() -> None:
    kept = {
        one["MaximumEventAgeInSeconds"]
        for one in invoke_configurations(OWN_SERVICE).values()
        if one["DestinationConfig"]
    }

    assert [row("events that wait for a free execution")[3].split(";")[0]] == [
        f"{one // 3600} hours" for one in kept
    ]


def needs(name: str, found: set[str]) -> set[str]:
    """Returns what CloudFormation updates before a resource: everything that it refers to."""
    resources = OWN_SERVICE["Resources"]
    named = resources[name].get("DependsOn", [])
    for other in (*references(resources[name]), *([named] if isinstance(named, str) else named)):
        if other in resources and other not in found:
            found.add(other)
            needs(other, found)
    return found


def test_the_functions_that_the_guide_names_change_after_the_canary() -> None:
    later = {name for name in functions(OWN_SERVICE) if "TrackPeopleAliaslive" in needs(name, set())}

    assert later == {"TrackingApi", "SweepJobs", "StartTracking", "CollectResults", "ReconcileJobs"}
    assert "change only after the canary, `AnalyzeResults` at once" in section("Upgrades")

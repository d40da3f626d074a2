"""Checks that alarms and dashboard watch their own stack, and that every alarm is explained."""

import json
import re
from typing import get_args

from people_pathing.pipeline.job_record import JobState
from people_pathing.service.job import CompletionStatus
from people_pathing.service.protocol.api_model import model
from tests.template.deployments import DEPLOYMENTS, OWN_SERVICE, functions, metrics_of
from tests.template.translated import REPOSITORY, Json, of_type, references, translated


@DEPLOYMENTS
def test_metrics_alarms_and_dashboard_are_in_the_namespace_of_the_stack(template: dict[str, Json]) -> None:
    namespace = {"Fn::Sub": "PeoplePathing/${AWS::StackName}"}
    for name, function in functions(template).items():
        assert function["Environment"]["Variables"]["POWERTOOLS_METRICS_NAMESPACE"] == namespace, name
    for name, alarm in of_type(template, "AWS::CloudWatch::Alarm").items():
        for metric in metrics_of(alarm):
            used = metric["Namespace"]
            assert used == namespace or used.startswith("AWS/"), name
            # Two stacks in one account must not share what an alarm watches.
            assert used == namespace or list(references(metric["Dimensions"])), name
    [dashboard] = of_type(template, "AWS::CloudWatch::Dashboard").values()
    assert '"PeoplePathing"' not in dashboard["DashboardBody"]["Fn::Sub"]


@DEPLOYMENTS
def test_stacks_of_one_name_in_two_regions_have_different_dashboards(template: dict[str, Json]) -> None:
    [dashboard] = of_type(template, "AWS::CloudWatch::Dashboard").values()
    assert dashboard["DashboardName"] == {"Fn::Sub": "${AWS::StackName}-${AWS::Region}"}


def test_alarms_and_dashboard_use_metrics_that_the_functions_write() -> None:
    written = {(half, name) for half, names in written_metrics().items() for name in names}
    shown = {
        (metric["Dimensions"][0]["Value"], metric["MetricName"])
        for alarm in of_type(OWN_SERVICE, "AWS::CloudWatch::Alarm").values()
        for metric in metrics_of(alarm)
        if not str(metric["Namespace"]).startswith("AWS/")
    }
    assert shown
    assert shown <= written
    [dashboard] = of_type(OWN_SERVICE, "AWS::CloudWatch::Dashboard").values()
    widgets = json.loads(dashboard["DashboardBody"]["Fn::Sub"])["widgets"]
    names = {row[1] for widget in widgets for row in widget["properties"]["metrics"] if row[0] != "..."}
    ours = names - {"ApproximateNumberOfMessagesVisible", "Errors"}
    assert ours
    assert ours <= written_metrics()["pipeline"]


def written_metrics() -> dict[str, set[str]]:
    """Returns the names of the metrics that each half writes, by the value of the dimension `service`.

    The API also writes a metric for each kind of error, with the name of the error.
    """
    named = {
        half: {
            name
            for path in (REPOSITORY / "functions/people_pathing" / half).rglob("*.py")
            for name in re.findall(r'add_metric\(\s*"(\w+)"', path.read_text())
        }
        for half in ("pipeline", "service")
    }
    named["pipeline"] |= {f"Jobs{state.capitalize()}" for state in (JobState.SUCCEEDED, JobState.FAILED)}
    named["service"] |= {f"Job{status.capitalize()}" for status in get_args(CompletionStatus)}
    named["service"] |= set(model()["operations"])
    return named


@DEPLOYMENTS
def test_every_queue_raises_an_alarm(template: dict[str, Json]) -> None:
    alarms = of_type(template, "AWS::CloudWatch::Alarm").values()
    watched = {
        dimension["Value"]["Fn::GetAtt"][0]
        for alarm in alarms
        if alarm.get("MetricName") == "ApproximateNumberOfMessagesVisible" and alarm["Threshold"] == 0
        for dimension in alarm["Dimensions"]
    }
    assert watched == of_type(template, "AWS::SQS::Queue").keys()
    assert all(alarm["AlarmActions"] == [{"Ref": "AlarmTopic"}] for alarm in alarms)


# An alarm that ignores missing data keeps its state.
REPORTED_WITHOUT_DATA = {"missing": [{"Ref": "AlarmTopic"}], "notBreaching": None, "ignore": None}


@DEPLOYMENTS
def test_every_alarm_reports_the_state_that_it_enters_when_its_data_ends(template: dict[str, Json]) -> None:
    for name, alarm in of_type(template, "AWS::CloudWatch::Alarm").items():
        reported = REPORTED_WITHOUT_DATA[alarm["TreatMissingData"]]
        assert alarm.get("InsufficientDataActions") == reported, name


def test_the_operations_guide_has_a_heading_for_every_alarm_and_for_no_other() -> None:
    assert set(re.findall(r"^## (\w+Alarm)$", operations_guide(), re.MULTILINE)) == set(
        of_type(translated(), "AWS::CloudWatch::Alarm")
    )


def test_the_operations_guide_lists_the_metrics_that_each_half_writes_and_no_others() -> None:
    listed = {
        half: set(re.findall(r"`(\w+)`", " ".join(re.findall(r"^\| (.*?) \|", table, re.MULTILINE))))
        for half, table in re.findall(
            r"dimension `service=(\w+)`.*?\n\n(.*?)\n\n", operations_guide(), re.DOTALL
        )
    }

    assert listed == written_metrics()


def operations_guide() -> str:
    return (REPOSITORY / "docs" / "operations.md").read_text()

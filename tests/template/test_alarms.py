"""Drives the real code into every alarm of the template, and checks that no other alarm rings."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
from moto import mock_aws

from people_pathing.engine import VideoError
from people_pathing.pipeline.job_metrics import JobMetrics
from people_pathing.pipeline.job_record import JobState
from people_pathing.pipeline.observability import metrics as pipeline_metrics
from people_pathing.service.handlers.worker import count_refusals
from people_pathing.service.observability import metrics as service_metrics
from people_pathing.service.protocol.answering import answer
from people_pathing.service.protocol.errors import VideoRejectedError
from people_pathing.service.steps.context import JobEndedError
from people_pathing.service.steps.tasks import FailedStep, to_event
from tests.fakes.aws_errors import client_error
from tests.fakes.person_tracking import ServiceError, person
from tests.fakes.pipeline import MINUTE_MS, RESULTS, VIDEOS, FakePipeline, event, upload_event
from tests.template.cloudwatch import Stack
from tests.template.deployments import OWN_SERVICE
from tests.template.translated import REPOSITORY, deployed, of_type
from tests.unit.service.in_memory_service import CHANNEL, Service
from tests.unit.service.world import VIDEO, url_event

HOUR_MIN = 60
MINUTES_UNTIL_REPORTED = 15
"""How long a schedule is disabled before docs/operations.md says that its alarm rings."""
STATES: dict[str, Any] = json.loads((REPOSITORY / "statemachine" / "track_people.asl.json").read_text())[
    "States"
]


@dataclass
class Installation:
    """A stack, with the pipeline over a fake of the service, and the service itself."""

    stack: Stack = field(default_factory=Stack)
    pipeline: FakePipeline = field(default_factory=lambda: FakePipeline(job_metrics=JobMetrics()))  # type: ignore[arg-type]
    service: Service = field(default_factory=Service)

    def upload(self, key: str = "street.mp4") -> None:
        s3_event = self.pipeline.upload(key)
        self.stack.send_event("StartTracking", lambda: self.pipeline.on_upload(s3_event))

    def notify(self, notice: dict[str, Any]) -> None:
        self.stack.send_event("CollectResults", lambda: self.pipeline.on_notice(notice))

    def call_api(self, operation: str, parameters: dict[str, Any]) -> int:
        request = url_event(operation, json.dumps(parameters))
        replies: list[Any] = []
        succeeded = self.stack.invoke(
            "TrackingApi", lambda: replies.append(answer(request, "request", self.service.operations))
        )
        status = int(replies[0]["statusCode"]) if succeeded else 502
        self.stack.add("AWS/Lambda", "Url5xxCount", {"FunctionName": "TrackingApi"}, float(status >= 500))
        return status

    def end_execution(self, status: str) -> None:
        """Counts the end of an execution, as Step Functions does."""
        names = {
            "FAILED": "ExecutionsFailed",
            "TIMED_OUT": "ExecutionsTimedOut",
            "ABORTED": "ExecutionsAborted",
        }
        self.stack.add("AWS/States", names[status], {"StateMachineArn": "TrackPeople"}, 1)

    def pass_minutes(self, count: int, *, without: str | None = None, step_min: int = 1) -> None:
        """Lets time pass. The schedule runs both functions every minute, except one that is disabled."""

        def each_minute() -> None:
            self.pipeline.now_ms += step_min * MINUTE_MS
            self.service.wait(step_min * 60)
            if without != "ReconcileJobs":
                self.stack.send_event("ReconcileJobs", self.pipeline.on_schedule)
            if without != "SweepJobs":
                self.stack.send_event("SweepJobs", self.service.sweep)

        self.stack.pass_minutes(count, each_minute)

    @property
    def rung(self) -> set[str]:
        return set(self.stack.ringing)


@pytest.fixture
def new() -> Iterator[Installation]:
    before = pipeline_metrics.namespace, service_metrics.namespace
    # Another test may have recorded metrics without sending them.
    pipeline_metrics.clear_metrics()
    service_metrics.clear_metrics()
    with mock_aws():
        yield Installation()
    pipeline_metrics.namespace, service_metrics.namespace = before


@pytest.fixture
def installed(new: Installation) -> Installation:
    new.pass_minutes(10)
    return new


@pytest.mark.parametrize("minutes_without_a_run", [0, 3, 7])
@pytest.mark.parametrize("minutes_of_failing_runs", [0, 2, 5])
def test_a_new_stack_raises_no_alarm_before_its_schedules_run_and_its_roles_have_their_rights(
    new: Installation, minutes_without_a_run: int, minutes_of_failing_runs: int
) -> None:
    def fail() -> None:
        raise PermissionError("the role has no rights yet")

    def run_without_rights() -> None:
        for name in ("ReconcileJobs", "SweepJobs"):
            new.stack.send_event(name, fail)

    new.stack.pass_minutes(minutes_without_a_run)
    new.stack.pass_minutes(minutes_of_failing_runs, run_without_rights)
    new.pass_minutes(30)

    assert new.rung == set()
    assert {new.stack.states[name] for name in ("NotReconcilingAlarm", "NotSweepingAlarm")} == {"OK"}


def test_an_undisturbed_stack_raises_no_alarm(installed: Installation) -> None:
    installed.upload()
    installed.upload("stairs.mp4")
    installed.pass_minutes(3)
    for job_id in ("job-1", "job-2"):
        installed.notify(installed.pipeline.service.succeed(job_id, [person(0, 0, 0, 0)]))
    assert installed.call_api("StartPersonTracking", {"Video": VIDEO}) == 200
    assert installed.call_api("StartPersonTracking", {"Video": VIDEO, "JobTag": "not legal"}) == 400
    installed.pass_minutes(30)

    assert {record.state for record in installed.pipeline.records()} == {JobState.SUCCEEDED}
    assert installed.rung == set()


def test_trouble_that_a_retry_cures_raises_no_alarm(installed: Installation) -> None:
    installed.pipeline.service.before = failing_with("UnknownError")
    for number in range(30):
        installed.upload(f"{number}.mp4")
    installed.pass_minutes(5)
    installed.pipeline.service.before = lambda _operation: None
    installed.pass_minutes(30)

    assert len(installed.pipeline.service.jobs) == 20
    assert installed.rung == set()


def test_videos_that_cannot_be_tracked_do_not_count_as_a_failing_step(installed: Installation) -> None:
    rejected = STATES["PlanJob"]["Retry"][0]
    assert (rejected["MaxAttempts"], "VideoError" in rejected["ErrorEquals"]) == (0, True)
    for error in (VideoError("no video"), VideoRejectedError("no video"), JobEndedError("it has ended")):
        installed.stack.invoke("PlanJob", partial(refuse, error))
    installed.pass_minutes(10)

    assert installed.rung == set()


@count_refusals()
def refuse(error: Exception) -> None:
    raise error


def test_videos_that_cannot_be_tracked_hide_no_failing_step(installed: Installation) -> None:
    installed.stack.invoke("PlanJob", partial(refuse, VideoError("no video")))
    step_that_fails_until_its_second_retry(installed)

    assert installed.rung == {"StepsFailingAlarm"}


def failing_with(code: str) -> Callable[[str], None]:
    def fail(_operation: str) -> None:
        raise ServiceError(code)

    return fail


def video_that_cannot_be_tracked(installed: Installation) -> None:
    installed.upload()
    installed.notify(installed.pipeline.service.fail("job-1", "it is not a video"))
    installed.pass_minutes(10)


def event_that_cannot_be_handled(installed: Installation) -> None:
    installed.stack.send_event("StartTracking", lambda: installed.pipeline.on_upload({"unexpected": 1}))
    installed.pass_minutes(10)


def result_that_cannot_be_counted(installed: Installation) -> None:
    """The job has succeeded before counting starts, so it raises no alarm."""
    installed.upload()
    installed.notify(installed.pipeline.service.succeed("job-1", [person(0, 0, 0, 0)]))
    record = installed.pipeline.record()
    assert record.state is JobState.SUCCEEDED
    installed.pipeline.s3.put_object(Bucket=VIDEOS, Key="zones/.json", Body=b'{"version": 1}')
    observations, stored = record.results_prefix + "observations.jsonl.gz", record.results_prefix + "job.json"
    installed.pipeline.s3.put_object(Bucket=RESULTS, Key=observations, Body=b"damaged")
    created = upload_event(stored, None, record.updated_ms, bucket=RESULTS)
    installed.stack.send_event("AnalyzeResults", lambda: installed.pipeline.on_results(created))
    installed.pass_minutes(10)


def notice_whose_function_is_gone(installed: Installation) -> None:
    [subscription] = [
        one for one in of_type(OWN_SERVICE, "AWS::SNS::Subscription").values() if one["Protocol"] == "lambda"
    ]
    installed.stack.put_message(subscription["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0])
    installed.pass_minutes(10)


def video_that_waits_too_long(installed: Installation) -> None:
    installed.pipeline.service.limit = 0
    installed.upload()
    installed.pass_minutes(80, step_min=5)


def job_that_never_ends(installed: Installation) -> None:
    installed.upload()
    installed.pass_minutes(160, step_min=10)


def job_that_cannot_be_started(installed: Installation) -> None:
    installed.pipeline.service.before = failing_with("AccessDeniedException")
    installed.upload()
    installed.pass_minutes(45)


def result_that_cannot_be_collected(installed: Installation) -> None:
    installed.upload()
    notice = installed.pipeline.service.succeed("job-1", [person(0, 0, 0, 0)])
    installed.pipeline.service.before = failing_with("UnknownError")
    installed.notify(notice)
    installed.pass_minutes(45)


def schedule_of_the_pipeline_that_is_disabled(installed: Installation) -> None:
    installed.pass_minutes(MINUTES_UNTIL_REPORTED, without="ReconcileJobs")


def job_table_that_may_not_be_read(installed: Installation) -> None:
    installed.pipeline.dynamodb.delete_table(TableName=installed.pipeline.table._name)
    installed.pass_minutes(10)


def schedule_of_the_service_that_is_disabled(installed: Installation) -> None:
    installed.pass_minutes(MINUTES_UNTIL_REPORTED, without="SweepJobs")


def executions_that_may_not_be_described(installed: Installation) -> None:
    installed.call_api("StartPersonTracking", {"Video": VIDEO})

    def fail(call: Any) -> None:
        if call.operation == "DescribeExecution":
            raise PermissionError(call.operation)

    installed.service.log.before = fail
    installed.pass_minutes(10)


def api_that_cannot_reach_s3(installed: Installation) -> None:
    def fail(call: Any) -> None:
        if call.operation == "HeadObject":
            raise ConnectionError(call.operation)

    installed.service.log.before = fail
    assert installed.call_api("StartPersonTracking", {"Video": VIDEO}) == 500
    installed.service.log.before = lambda _call: None
    installed.pass_minutes(10)


def step_that_fails_for_no_fault_of_the_video(installed: Installation) -> None:
    ended = to_event(FailedStep("a job", "KeyError", "a defect").outcome())
    assert ended["status"] == "ERROR"
    [choice] = STATES[STATES["PublishCompletion"]["Next"]]["Choices"]
    assert choice["Condition"] == "{% $states.input.status = 'ERROR' %}"
    assert STATES[choice["Next"]]["Type"] == "Fail"
    installed.end_execution("FAILED")
    installed.pass_minutes(10)


def step_that_fails_until_its_second_retry(installed: Installation) -> None:
    [transient] = [one for one in STATES["PlanJob"]["Retry"] if one["ErrorEquals"] == ["States.ALL"]]
    assert (transient["IntervalSeconds"], transient["BackoffRate"]) == (15, 4)
    for _at_s in (0, 15, 75):
        installed.stack.invoke("PlanJob", fail_for_no_fault_of_the_video)
    installed.pass_minutes(10)


def fail_for_no_fault_of_the_video() -> None:
    raise KeyError("a defect")


def notice_that_cannot_be_published(installed: Installation) -> None:
    def refuse(call: Any) -> None:
        if call.operation == "Publish":
            raise client_error("NotFound", "Publish", 404)

    installed.service.log.before = refuse
    for token in ("one", "two", "three"):
        job_id = installed.service.start(token, NotificationChannel=CHANNEL)
        installed.stack.invoke("PublishCompletion", partial(installed.service.publish, job_id))
        installed.service.states.statuses[job_id] = "SUCCEEDED"
    installed.pass_minutes(120)


def last_step_that_fails_for_most_of_a_day(installed: Installation) -> None:
    """The state machine has no Catch for the last step, so the execution fails after all retries."""
    assert "Catch" not in STATES["PublishCompletion"]
    installed.end_execution("FAILED")
    installed.pass_minutes(10)


def execution_that_takes_too_long(installed: Installation) -> None:
    installed.end_execution("TIMED_OUT")
    installed.pass_minutes(10)


def execution_that_is_stopped_by_hand(installed: Installation) -> None:
    installed.end_execution("ABORTED")
    installed.pass_minutes(10)


FAULTS: dict[Callable[[Installation], None], str] = {
    video_that_cannot_be_tracked: "JobsFailedAlarm",
    event_that_cannot_be_handled: "FailedEventsAlarm",
    result_that_cannot_be_counted: "FailedEventsAlarm",
    notice_whose_function_is_gone: "UndeliveredEventsAlarm",
    video_that_waits_too_long: "WaitingTooLongAlarm",
    job_that_never_ends: "InProgressTooLongAlarm",
    job_that_cannot_be_started: "JobsStuckAlarm",
    result_that_cannot_be_collected: "JobsStuckAlarm",
    schedule_of_the_pipeline_that_is_disabled: "NotReconcilingAlarm",
    job_table_that_may_not_be_read: "NotReconcilingAlarm",
    schedule_of_the_service_that_is_disabled: "NotSweepingAlarm",
    executions_that_may_not_be_described: "NotSweepingAlarm",
    api_that_cannot_reach_s3: "TrackingApiAlarm",
    step_that_fails_for_no_fault_of_the_video: "TrackPeopleAlarm",
    step_that_fails_until_its_second_retry: "StepsFailingAlarm",
    notice_that_cannot_be_published: "NoticesOverdueAlarm",
    last_step_that_fails_for_most_of_a_day: "TrackPeopleAlarm",
    execution_that_takes_too_long: "TrackPeopleAlarm",
    execution_that_is_stopped_by_hand: "TrackPeopleAlarm",
}


@pytest.mark.parametrize(("cause", "alarm"), FAULTS.items(), ids=[cause.__name__ for cause in FAULTS])
def test_each_fault_raises_one_alarm(
    installed: Installation, cause: Callable[[Installation], None], alarm: str
) -> None:
    cause(installed)

    assert installed.rung == {alarm}


def test_every_alarm_of_the_template_is_raised_by_a_fault() -> None:
    assert set(FAULTS.values()) == of_type(OWN_SERVICE, "AWS::CloudWatch::Alarm").keys()


@pytest.mark.parametrize("cause", [job_that_cannot_be_started, result_that_cannot_be_collected])
def test_an_alarm_about_a_stuck_job_rings_until_the_trouble_ends(
    installed: Installation, cause: Callable[[Installation], None]
) -> None:
    cause(installed)
    rang_before = installed.stack.ringing["JobsStuckAlarm"]
    installed.pass_minutes(60)

    assert installed.stack.ringing["JobsStuckAlarm"] == rang_before + 60


def test_a_failed_job_of_another_stack_in_the_account_raises_no_alarm(installed: Installation) -> None:
    installed.stack.name = "another-stack"
    video_that_cannot_be_tracked(installed)
    assert installed.rung == {"JobsFailedAlarm"}
    installed.stack.name = "a-stack"
    installed.stack.ringing.clear()
    installed.stack.minute -= 10
    installed.stack.pass_minutes(5)

    assert "JobsFailedAlarm" not in installed.rung


def test_all_evaluated_periods_of_an_alarm_together_are_as_long_as_cloudwatch_allows() -> None:
    """Source: `Period` of PutMetricAlarm in the Amazon CloudWatch API Reference."""
    for template in (deployed(SmokeTestHours="6"), deployed(SmokeTestHours="24")):
        for name, alarm in of_type(template, "AWS::CloudWatch::Alarm").items():
            stats = [one["MetricStat"] for one in alarm.get("Metrics", []) if "MetricStat" in one] or [alarm]
            for period_s in {one["Period"] for one in stats}:
                most_days = 7 if period_s >= 3600 else 1
                assert period_s * alarm["EvaluationPeriods"] <= most_days * 86_400, name


EXAMPLES_OF_THE_GUIDE = {
    "0 - X - X": {"missing": "OK", "notBreaching": "OK"},
    "0 - - - -": {"missing": "OK", "notBreaching": "OK"},
    "- - - - -": {"missing": "INSUFFICIENT_DATA", "notBreaching": "OK"},
    "0 X X - X": {"missing": "ALARM", "notBreaching": "ALARM"},
    "- - X - -": {"missing": "ALARM", "notBreaching": "OK"},
}
"""The states of an alarm that evaluates three periods, by its treatment of missing data.

Source: "Configuring how CloudWatch alarms treat missing data" in the Amazon CloudWatch User Guide, where X is
a bad value, 0 a good one and - none, and the newest is the last.
"""


@pytest.mark.parametrize("values", EXAMPLES_OF_THE_GUIDE)
@pytest.mark.parametrize("treatment", ["missing", "notBreaching"])
def test_the_simulated_alarms_have_the_states_of_the_guides_examples(values: str, treatment: str) -> None:
    alarm = {
        "Namespace": "a",
        "MetricName": "b",
        "Dimensions": [],
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 3,
        "Threshold": 0,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": treatment,
    }
    stack = Stack(template={"Resources": {"Alarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": alarm}}})
    # The stack evaluates its alarms at the newest value only.
    for value in values.split():
        if value != "-":
            stack.add("a", "b", {}, {"X": 1.0, "0": 0.0}[value])
        stack.minute += 1
    stack.minute -= 1
    stack.pass_minutes(1)

    assert stack.states["Alarm"] == EXAMPLES_OF_THE_GUIDE[values][treatment]


def test_the_sample_events_raise_no_alarm(installed: Installation) -> None:
    installed.stack.send_event("StartTracking", lambda: installed.pipeline.on_upload(event("s3-test-event")))
    installed.pass_minutes(10)

    assert installed.rung == set()

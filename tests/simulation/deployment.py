"""The simulated stack: its buckets, tables, topics, settings and functions."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from tests.simulation import code_under_test, replacements
from tests.simulation.engine import Content
from tests.simulation.fakes.channels import Channels, Sns, Sts
from tests.simulation.fakes.dynamodb import Dynamodb, Index, Table
from tests.simulation.fakes.rekognition import Rekognition
from tests.simulation.fakes.s3 import S3, Bucket
from tests.simulation.fakes.stepfunctions import Execution, Executions, Stepfunctions
from tests.simulation.faults import STATE_MACHINE_ROLE, Network
from tests.simulation.state_machine import Machine, TaskError, task_failed
from tests.simulation.world import START_S, Died, End, Process, World

ACCOUNT = "111122223333"
STACK_ID = f"arn:aws:cloudformation:us-east-1:{ACCOUNT}:stack/sim/6f0d1c3e-0000-4000-8000-5f3a1c2b4d6e"
STATE_MACHINE_ARN = f"arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:TrackPeople"
INVOCATION_RETRIES_S = (60.0, 120.0)
SKEWS_S = (0.0, 0.4, -0.4, 5.0, -5.0)
WORK_S = (1.0, 20.0, 90.0)
FOREVER_S = 1e9


@dataclass(frozen=True, slots=True)
class Settings:
    """What a stack update can change."""

    job_limit: int
    role: str = "completion-role"
    topic: str = "completion-topic"
    video_buckets: tuple[str, ...] = ("videos",)

    @property
    def role_arn(self) -> str:
        """The role that the pipeline names in NotificationChannel."""
        return f"arn:aws:iam::{ACCOUNT}:role/{self.role}"

    @property
    def topic_arn(self) -> str:
        """The topic that the pipeline names in NotificationChannel."""
        return f"arn:aws:sns:us-east-1:{ACCOUNT}:AmazonRekognition-{self.topic}"


@dataclass(frozen=True, slots=True)
class FailedEvent:
    """An event whose invocation and both retries have failed. It is in the queue FailedEvents."""

    function: str
    event: Any


class Deployment:
    """The stack, as functions and people see it. This is the stage of `replacements`.

    Args:
        world: the clock and the processes.
        network: carries the calls.
        settings: the first settings.
    """

    def __init__(self, world: World, network: Network, settings: Settings) -> None:
        self.world = world
        self.network = network
        self.settings = settings
        self.buckets = {
            "videos": Bucket(is_versioned=True),
            "results": Bucket(is_versioned=True),
            "artifacts": Bucket(),
        }
        self.tables = {
            "jobs": Table(
                "video_id",
                {name: Index(*keys) for name, keys in code_under_test.job_indexes().items()},
            ),
            "job-store": Table("pk"),
        }
        self.executions = Executions(self._begin)
        self.machine = Machine(code_under_test.state_machine(), world, self._invoke_task)
        self.channels = Channels(self._deliver_notice, {settings.role_arn}, {settings.topic_arn})
        self.failed_events: list[FailedEvent] = []
        self.deliveries = 0
        self._old_limits: list[tuple[float, int]] = []
        self.metrics: dict[str, float] = defaultdict(float)
        self.on_execution: list[Callable[[Execution, Process], None]] = []
        self.on_execution_end: list[Callable[[Execution], None]] = []
        self.on_notice: list[Callable[[str], None]] = []
        self.notice_delays_s: Callable[[], list[float]] = lambda: [0.1]
        self.event_delays_s: Callable[[], list[float]] = lambda: [0.1]
        world.on_end.append(self._flush_metrics)
        replacements.begin(self)

    # ------------------------------------------------------------ what the code asks for

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment variables of all functions."""
        settings = self.settings
        return {
            "JOB_TABLE": "jobs",
            "RESULTS_BUCKET": "results",
            "COMPLETION_TOPIC_ARN": settings.topic_arn,
            "COMPLETION_ROLE_ARN": settings.role_arn,
            "SIGNING_NAME": "lambda",
            "STACK_ID": STACK_ID,
            "ARTIFACT_BUCKET": "artifacts",
            "JOB_STORE_TABLE": "job-store",
            "STATE_MACHINE_ARN": STATE_MACHINE_ARN,
            "MAX_CONCURRENT_JOBS": str(settings.job_limit),
            "VIDEO_BUCKETS": ",".join(settings.video_buckets),
            "NOTIFICATION_ROLE_ARNS": settings.role_arn,
            "SEGMENT_S": "60",
            "SAMPLE_FPS": "default",
            "INPUT_PX": "default",
            "DETECTOR": "hog",
        }

    def client(self, service: str, **options: Any) -> Any:
        """Returns the fake of a boto3 client."""
        match service:
            case "dynamodb":
                return Dynamodb(self.network, self.tables)
            case "s3":
                return S3(self.network, self.buckets)
            case "stepfunctions":
                return Stepfunctions(self.network, self.executions)
            case "sts":
                return Sts(self.network, self.channels)
            case "sns":
                return Sns(self.network, self.channels, options["aws_access_key_id"])
            case "rekognition":
                return Rekognition(self.network, self._answer, ACCOUNT)
        raise NotImplementedError(service)

    def work(self, content: Content) -> None:
        """Takes the time that searching a segment takes."""
        if content.is_too_large:
            self.world.current().notes["error"] = "Runtime.OutOfMemory"
            raise Died
        self.world.sleep(WORK_S[self.world.tape.choose(len(WORK_S))])

    def count_metric(self, name: str, value: float) -> None:
        """Keeps a metric until the invocation ends: the real code writes its metrics then."""
        process = self.world.process
        if process is not None:
            process.notes.setdefault("metrics", []).append((name, value))

    def write_metric(self, name: str, value: float) -> None:
        """Counts a metric at once."""
        self.metrics[name] += value

    def log(self, message: str, more: Mapping[str, Any]) -> None:
        """Adds a line to the trace."""
        trace, process = self.network.trace, self.world.process
        if trace is not None and process is not None:
            words = {name: value for name, value in more.items() if name != "exc_info"}
            at_s = self.world.now_s - START_S
            trace.append(f"{at_s:9.3f} {process.role:18} {process.number:4}   | {message} {words or ''}")

    # ------------------------------------------------------------ invocations

    def invoke(self, function: str, event: Any, task: str = "", **notes: Any) -> Process:
        """Starts one invocation of a function."""
        tape = self.world.tape
        process = Process(
            function,
            code_under_test.timeout_s(function),
            skew_s=SKEWS_S[tape.choose(len(SKEWS_S), 0.15)],
            task=task,
            notes=dict(notes),
        )
        return self.world.start(process, partial(code_under_test.handle, self, function, event))

    def deliver(self, function: str, event: Any, delay_s: float, *, is_kept: bool = True) -> None:
        """Invokes a function asynchronously: it is retried twice, then the event goes to a queue.

        Args:
            function: the function.
            event: the event.
            delay_s: when the event arrives.
            is_kept: whether the event is retried and kept. Ticks of the schedule are not.
        """
        retries_s = INVOCATION_RETRIES_S if is_kept else ()
        self.deliveries += 1

        def attempt(number: int) -> None:
            process = self.invoke(function, event)
            process.waiters.append(
                lambda: self._delivered(process, function, event, retries_s, number, attempt)
            )

        self.world.at(delay_s, lambda: attempt(0))

    def _delivered(
        self,
        process: Process,
        function: str,
        event: Any,
        retries_s: tuple[float, ...],
        number: int,
        attempt: Callable[[int], None],
    ) -> None:
        if process.end is not End.RETURNED and number < len(retries_s):
            self.world.at(retries_s[number], lambda: attempt(number + 1))
            return
        self.deliveries -= 1
        if process.end is not End.RETURNED and retries_s:
            self.failed_events.append(FailedEvent(function, event))

    def redrive(self) -> None:
        """Delivers the failed events again, as the operator does with the command `redrive`."""
        events, self.failed_events = self.failed_events, []
        for failed in events:
            self.deliver(failed.function, failed.event, 1.0)

    def update(self, **changes: Any) -> None:
        """Updates the stack. Roles and topics that are no longer named are deleted."""
        self._old_limits.append((self.world.now_s, self.settings.job_limit))
        self.settings = replace(self.settings, **changes)
        self.channels.roles = {self.settings.role_arn}
        self.channels.topics = {self.settings.topic_arn}
        replacements.settings_changed()

    def job_limits(self) -> list[tuple[float, int]]:
        """Returns every job limit there was, with the time until which it was valid."""
        return [*self._old_limits, (self.world.now_s, self.settings.job_limit)]

    def _answer(self, event: Mapping[str, Any], subject: str) -> Process:
        caller = self.world.process
        return self.invoke(
            "TrackingApi",
            event,
            caller=caller.role if caller else "",
            target=event["headers"]["x-amz-target"],
            request=event["body"],
            token=subject,
            job_limit=self.settings.job_limit,
        )

    def _flush_metrics(self, process: Process) -> None:
        # A process that dies takes along what it has counted.
        if process.end is not End.DIED:
            for name, value in process.notes.get("metrics", ()):
                self.metrics[name] += value

    # ------------------------------------------------------------ the state machine

    def _begin(self, execution: Execution, starter: Process) -> None:
        for observe in self.on_execution:
            observe(execution, starter)
        self._run_execution(execution)

    def redrive_execution(self, execution: Execution) -> None:
        """Runs an execution again from the state in which it ended."""
        execution.status, execution.ended_s, execution.is_redriven = "RUNNING", None, True
        self._run_execution(execution)

    def _run_execution(self, execution: Execution) -> None:
        def run() -> None:
            try:
                self.machine.run(execution)
                self.end_execution(execution, "SUCCEEDED")
            except TaskError as failed:
                execution.errors.append(failed.error)
                self.end_execution(execution, "FAILED")

        execution.process = self.world.start(Process(STATE_MACHINE_ROLE), run)

    def end_execution(self, execution: Execution, status: str) -> None:
        """Ends an execution. Functions that it has invoked go on, as on AWS."""
        if execution.status != "RUNNING":
            return
        execution.status, execution.ended_s = status, self.world.now_s
        if execution.process is not None and execution.process is not self.world.process:
            self.world.stop(execution.process)
        for observe in self.on_execution_end:
            observe(execution)
        if status != "SUCCEEDED" and "SweepJobs" in code_under_test.FUNCTIONS:
            detail = {"name": execution.name, "status": status}
            for delay_s in self.event_delays_s():
                self.deliver("SweepJobs", {"detail": detail}, delay_s, is_kept=False)

    def _invoke_task(self, function: str, event: Any, task: str) -> Any:
        network = self.network

        def effect() -> Process:
            has_slot = task.partition("/")[0] in code_under_test.slots(self.buckets, self.tables)
            return self.invoke(function, event, task, has_slot=has_slot)

        # What hits the invocation itself counts for the task, too.
        state_machine = self.world.current()
        state_machine.task = task
        try:
            process = network.call("lambda", "Invoke", function, effect)
        except ClientError as error:
            raise TaskError(error.response["Error"]["Code"]) from error
        except BotoCoreError as error:
            raise TaskError("Lambda.SdkClientException") from error
        self.world.wait(process, FOREVER_S)
        if process.end is End.RETURNED:
            return process.result
        if process.end is End.RAISED:
            raise task_failed(process.result)
        is_late = self.world.now_s >= process.started_s + process.timeout_s
        raise TaskError(
            process.notes.get("error") or ("Sandbox.Timedout" if is_late else "Runtime.ExitError")
        )

    # ------------------------------------------------------------ events

    def _deliver_notice(self, topic_arn: str, message: str) -> None:
        for observe in self.on_notice:
            observe(message)
        if topic_arn == self.settings.topic_arn:
            self.send_notice(message)

    def send_notice(self, message: str) -> None:
        """Delivers a message of the topic to the pipeline."""
        for delay_s in self.notice_delays_s():
            self.deliver("CollectResults", {"Records": [{"Sns": {"Message": message}}]}, delay_s)

    def job_records(self) -> list[dict[str, Any]]:
        """Returns the items of the pipeline's table, without types."""
        return [
            {name: next(iter(value.values())) for name, value in item.items()}
            for item in self.tables["jobs"].items.values()
        ]


def notice_of(message: str) -> dict[str, Any]:
    """Reads a completion notice."""
    loaded: dict[str, Any] = json.loads(message)
    return loaded

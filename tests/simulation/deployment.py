"""The simulated stack: its buckets, tables, topics, settings and functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tests.simulation import code_under_test, replacements
from tests.simulation.engine import Content
from tests.simulation.fakes.bucket import Bucket
from tests.simulation.fakes.channels import Channels, Sns, Sts
from tests.simulation.fakes.dynamodb import Dynamodb
from tests.simulation.fakes.rekognition import Rekognition
from tests.simulation.fakes.s3 import S3
from tests.simulation.fakes.stepfunctions import Stepfunctions
from tests.simulation.fakes.table import Index, Table
from tests.simulation.functions import Functions, one_prompt_delivery
from tests.simulation.machine_runs import MachineRuns
from tests.simulation.network import Network
from tests.simulation.world import START_S, Died, Process, World

ACCOUNT = "111122223333"
STACK_ID = f"arn:aws:cloudformation:us-east-1:{ACCOUNT}:stack/sim/6f0d1c3e-0000-4000-8000-5f3a1c2b4d6e"
STATE_MACHINE_ARN = f"arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:TrackPeople"
WORK_S = (1.0, 20.0, 90.0)


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
        self.functions = Functions(self)
        self.runs = MachineRuns(network, self.functions, lambda job_id: job_id in self.slots())
        self.channels = Channels(self._deliver_notice, {settings.role_arn}, {settings.topic_arn})
        self.on_notice: list[Callable[[str], None]] = []
        self.notice_delays_s: Callable[[], list[float]] = one_prompt_delivery
        self._old_limits: list[tuple[float, int]] = []
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
            "RECORDER_TIME_ZONE": "UTC",
            "RECORDED_AT_PATTERN": "default",
            "ARTIFACT_BUCKET": "artifacts",
            "JOB_STORE_TABLE": "job-store",
            "STATE_MACHINE_ARN": STATE_MACHINE_ARN,
            "MAX_CONCURRENT_JOBS": str(settings.job_limit),
            "VIDEO_BUCKETS": ",".join(settings.video_buckets),
            "NOTIFICATION_ROLE_ARNS": settings.role_arn,
            "SERVICE_ROLE_ARNS": settings.role_arn,
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
                return Stepfunctions(self.network, self.runs.executions)
            case "sts":
                return Sts(self.network, self.channels)
            case "sns":
                return Sns(self.network, self.channels)
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
        """Counts a metric that the current process writes at its end."""
        self.functions.count_metric(name, value)

    def write_metric(self, name: str, value: float) -> None:
        """Counts a metric that the current process writes at once."""
        self.functions.metrics[name] += value

    def log(self, message: str, more: Mapping[str, Any]) -> None:
        """Adds a line to the trace."""
        trace, process = self.network.trace, self.world.process
        if trace is not None and process is not None:
            words = {name: value for name, value in more.items() if name != "exc_info"}
            at_s = self.world.now_s - START_S
            trace.append(f"{at_s:9.3f} {process.role:18} {process.number:4}   | {message} {words or ''}")

    # ------------------------------------------------------------ updates and calls

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
        return self.functions.invoke(
            "TrackingApi",
            event,
            caller=caller.role if caller else "",
            target=event["headers"]["x-amz-target"],
            request=event["body"],
            token=subject,
            job_limit=self.settings.job_limit,
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
            self.functions.deliver("CollectResults", {"Records": [{"Sns": {"Message": message}}]}, delay_s)

    def slots(self) -> frozenset[str]:
        """Returns the JobIds of the jobs that hold a slot."""
        return code_under_test.slots(self.buckets, self.tables)

    def job_records(self) -> list[dict[str, Any]]:
        """Returns the items of the pipeline's table, without types."""
        return [
            {name: next(iter(value.values())) for name, value in item.items()}
            for item in self.tables["jobs"].items.values()
        ]

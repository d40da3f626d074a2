"""The people and programs outside the stack: who uploads, calls, attacks and operates."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from tests.simulation import code_under_test
from tests.simulation.deployment import Deployment
from tests.simulation.engine import Content
from tests.simulation.fakes.s3 import Version
from tests.simulation.scenario import Happening, PlannedUpload, Scenario
from tests.simulation.world import Process

EVENT_DELAYS_S = (0.1, 3.0, 70.0, 400.0)
DECOY = "decoy.mp4"
NEIGHBOUR_CALLS = 3
REPAIRED_AFTER_S = 300.0
"""An operator notices within five minutes that renaming a bucket made its videos unreadable."""

MINUTE_S = 60.0
REDRIVE_PAUSE_S = 10.0
ERASE_ATTEMPTS = 40
ERASE_PAUSE_S = 15.0


@dataclass(eq=False, slots=True)
class Upload:
    """A video that was uploaded.

    Attributes:
        key: its key in the bucket `videos`.
        version: its version.
        content: what it contains.
        is_deleted: whether somebody has deleted it since.
        is_erased: whether the command `erase` was carried out, or None if it was begun.
        eraser: the process of the last command `erase`.
    """

    key: str
    version: str
    content: Content
    is_deleted: bool = False
    is_erased: bool | None = False
    eraser: Process | None = None

    @property
    def video_id(self) -> str:
        """The key of its job record."""
        return code_under_test.video_id("videos", self.key, self.version)


@dataclass(eq=False)
class Actors:
    """Carries out a scenario.

    Attributes:
        deployment: the stack.
        scenario: what to do.
        uploads: the videos that were uploaded.
        interfered_executions: names of executions that somebody has stopped.
    """

    deployment: Deployment
    scenario: Scenario
    uploads: list[Upload] = field(default_factory=list)
    interfered_executions: set[str] = field(default_factory=set)
    is_quiet: bool = False
    ticks: int = 0

    def begin(self) -> None:
        """Schedules everything that the scenario contains."""
        world = self.deployment.world
        for planned in self.scenario.uploads:
            world.at(planned.after_s, lambda planned=planned: self._upload(planned))  # type: ignore[misc]
        for happening, after_s in self.scenario.happenings:
            world.at(after_s, lambda happening=happening: self._do(happening))  # type: ignore[misc]
        for begin_s, trouble in self.scenario.troubles:
            self.deployment.network.has_trouble = True
            world.at(
                begin_s,
                lambda trouble=trouble: self.deployment.network.troubles.append(trouble),  # type: ignore[misc]
            )
        if Happening.UNRELIABLE_EVENTS in dict(self.scenario.happenings):
            self.deployment.notice_delays_s = self._unreliable_delays_s
            self.deployment.event_delays_s = self._unreliable_delays_s
        world.at(7.0, self._tick_reconcile)
        world.at(31.0, self._tick_sweep)

    def end_chaos(self) -> None:
        """Lets the faults end. From now on nobody calls, and the operator does what the runbook says."""
        self.is_quiet = True
        self.deployment.network.plan.budget = 0
        self.deployment.network.troubles.clear()
        self.deployment.redrive()

    def finish_erasing(self) -> None:
        """Repeats a command `erase` that has failed halfway."""
        for upload in self.uploads:
            if upload.is_erased is None and upload.eraser and upload.eraser.end:
                self._erase(upload)

    # ------------------------------------------------------------ the schedule

    def _tick_reconcile(self) -> None:
        self.ticks += 1
        self.deployment.deliver("ReconcileJobs", {"source": "aws.scheduler"}, 0.0, is_kept=False)
        self.deployment.world.at(MINUTE_S, self._tick_reconcile)

    def _tick_sweep(self) -> None:
        if "SweepJobs" in code_under_test.FUNCTIONS:
            self.deployment.deliver("SweepJobs", {"source": "aws.scheduler"}, 0.0, is_kept=False)
            self.deployment.world.at(MINUTE_S, self._tick_sweep)

    def _unreliable_delays_s(self) -> list[float]:
        """Draws whether an event arrives in time, late, twice or never."""
        if self.is_quiet:
            return [0.1]
        tape = self.deployment.world.tape
        match tape.choose(4, 0.4):
            case 1:
                return [EVENT_DELAYS_S[tape.choose(len(EVENT_DELAYS_S))]]
            case 2:
                return [0.1, EVENT_DELAYS_S[tape.choose(len(EVENT_DELAYS_S))]]
            case 3:
                return []
        return [0.1]

    # ------------------------------------------------------------ uploads

    def _upload(self, planned: PlannedUpload) -> None:
        data = planned.content.to_bytes()
        version = self._store(planned.key, data)
        self.uploads.append(Upload(planned.key, version.version_id, planned.content))
        event = _upload_event(planned.key, version, len(data))
        # S3 does not lose events. It delivers them late and twice.
        for delay_s in self.deployment.event_delays_s() or [EVENT_DELAYS_S[-1]]:
            self.deployment.deliver("StartTracking", event, delay_s)

    def _store(self, key: str, data: bytes | None) -> Version:
        bucket = self.deployment.buckets["videos"]
        number = sum(map(len, bucket.versions.values())) + 1
        version = Version(f"upload-{number}", data, self.deployment.world.now_s)
        bucket.versions[key] = [*bucket.versions.get(key, []), version]
        return version

    # ------------------------------------------------------------ happenings

    def _do(self, happening: Happening) -> None:
        deployment = self.deployment
        match happening:
            case Happening.NEIGHBOUR:
                self._neighbours()
            case Happening.TAG_ATTACK | Happening.TOKEN_ATTACK:
                for victim in self._victims():
                    self._attack(happening, victim)
            case Happening.FORGED_NOTICE:
                for victim in self._victims():
                    self._forge(victim, "StartPersonTracking")
            case Happening.OTHER_NOTICE:
                for victim in self._victims():
                    self._forge(victim, "StartLabelDetection")
            case Happening.STOP:
                self._stop("ABORTED")
            case Happening.TIMEOUT:
                self._stop("TIMED_OUT")
            case Happening.REDRIVE:
                self._redrive()
            case Happening.ERASE:
                if self.uploads:
                    self._erase(self.uploads[0])
            case Happening.DELETE:
                if self.uploads:
                    self._store(self.uploads[-1].key, None)
                    self.uploads[-1].is_deleted = True
            case Happening.NEW_ROLE:
                deployment.update(role="other-role")
            case Happening.NEW_TOPIC:
                deployment.update(topic="other-topic")
            case Happening.LOWER_LIMIT:
                deployment.update(job_limit=1)
            case Happening.RENAME_BUCKET:
                deployment.update(video_buckets=("new-videos",))
                deployment.world.at(
                    REPAIRED_AFTER_S, lambda: deployment.update(video_buckets=("new-videos", "videos"))
                )

    def _victims(self) -> list[tuple[str, str]]:
        """Keys and versions that an attacker attacks: of one that is there, else of one that will be."""
        if self.uploads:
            return [(self.uploads[-1].key, self.uploads[-1].version)]
        # Versions of S3 cannot be guessed. An attacker sees one as soon as it exists.
        return []

    def _person(self, role: str, body: Any) -> Process:
        return self.deployment.world.start(Process(role), body)

    def _attack(self, happening: Happening, victim: tuple[str, str]) -> None:
        """Starts a job of the attacker's own that looks like the victim's."""
        settings = self.deployment.settings
        video_id = code_under_test.video_id("videos", *victim)
        kind = self.deployment.world.tape.choose(3)
        key, version = victim
        if kind < 2:
            decoy = self._store(DECOY, Content(people=2, is_broken=kind == 1).to_bytes())
            key, version = DECOY, decoy.version_id
        request: dict[str, Any] = {
            "Video": {"S3Object": {"Bucket": "videos", "Name": key, "Version": version}},
            "NotificationChannel": {"SNSTopicArn": settings.topic_arn, "RoleArn": settings.role_arn},
            "JobTag": video_id,
        }
        if happening is Happening.TOKEN_ATTACK:
            request["ClientRequestToken"] = video_id

        def body() -> None:
            client = self.deployment.client("rekognition")
            for _ in range(NEIGHBOUR_CALLS):
                try:
                    client.start_person_tracking(**request)
                    return
                except (ClientError, BotoCoreError):
                    self.deployment.world.sleep(10.0)

        self._person("Attacker", body)

    def _forge(self, victim: tuple[str, str], api: str) -> None:
        message = {
            "JobId": "f" * 64,
            "Status": ("FAILED", "SUCCEEDED")[self.deployment.world.tape.choose(2)],
            "API": api,
            "JobTag": code_under_test.video_id("videos", *victim),
            "Timestamp": 1,
            "Video": {"S3ObjectName": victim[0], "S3Bucket": "videos"},
        }
        self.deployment.send_notice(json.dumps(message))

    def _neighbours(self) -> None:
        """Two other callers start one job with one token, because one of them repeats the other's call."""
        world, tape = self.deployment.world, self.deployment.world.tape
        video = self._store("neighbour.mp4", Content(people=1).to_bytes())
        request = {
            "Video": {"S3Object": {"Bucket": "videos", "Name": "neighbour.mp4", "Version": video.version_id}},
            "ClientRequestToken": "neighbours-token",
        }

        def body() -> None:
            client = self.deployment.client("rekognition")
            for _ in range(1 + tape.choose(NEIGHBOUR_CALLS)):
                with suppress(ClientError, BotoCoreError):
                    client.start_person_tracking(**request)
                world.sleep((0.05, 1.0, 8.0)[tape.choose(3)])

        for _ in range(1 + tape.choose(2)):
            self._person("Neighbour", body)

    def _stop(self, status: str) -> None:
        running = [one for one in self.deployment.executions.by_name.values() if one.status == "RUNNING"]
        if running:
            execution = running[self.deployment.world.tape.choose(len(running))]
            self.interfered_executions.add(execution.name)
            self.deployment.end_execution(execution, status)

    def _redrive(self) -> None:
        """Starts an execution again that did not succeed, as the console of Step Functions offers."""
        ended = [
            one
            for one in self.deployment.executions.by_name.values()
            if one.status not in ("RUNNING", "SUCCEEDED")
        ]
        if ended:
            execution = ended[self.deployment.world.tape.choose(len(ended))]
            self.interfered_executions.add(execution.name)
            self.deployment.redrive_execution(execution)
        elif not self.is_quiet:
            self.deployment.world.at(REDRIVE_PAUSE_S, self._redrive)

    def _erase(self, upload: Upload) -> None:
        def body() -> None:
            for _ in range(ERASE_ATTEMPTS):
                upload.is_erased = None
                upload.is_erased = code_under_test.erase(self.deployment, "videos", upload.key)
                if upload.is_erased is not False:
                    return
                # A job is running. The operator tries again soon.
                self.deployment.world.sleep(ERASE_PAUSE_S)

        upload.eraser = self._person("Operator", body)


def _upload_event(key: str, version: Version, size_bytes: int) -> dict[str, Any]:
    at = datetime.fromtimestamp(version.written_s, UTC).isoformat(timespec="milliseconds")
    return {
        "Records": [
            {
                "eventVersion": "2.1",
                "eventSource": "aws:s3",
                "eventName": "ObjectCreated:Put",
                "eventTime": at.replace("+00:00", "Z"),
                "s3": {
                    "bucket": {"name": "videos"},
                    "object": {
                        "key": key,
                        "size": size_bytes,
                        "eTag": version.etag.strip('"'),
                        "versionId": version.version_id,
                        "sequencer": "00",
                    },
                },
            }
        ]
    }

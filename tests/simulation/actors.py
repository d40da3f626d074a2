"""The people and programs outside the stack: who uploads, calls, attacks and operates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

from tests.simulation import code_under_test
from tests.simulation.callers import Callers
from tests.simulation.code_under_test import Erasure
from tests.simulation.deployment import Deployment
from tests.simulation.engine import Content
from tests.simulation.fakes.bucket import Bucket, Version
from tests.simulation.functions import EVENT_DELAYS_S, one_prompt_delivery
from tests.simulation.scenario import Happening, PlannedUpload, Scenario
from tests.simulation.world import Process

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
        is_deleted: whether its owner has deleted it since.
        erasure: how far the command `erase` has come.
        eraser: the process of the last command `erase`.
    """

    key: str
    version: str
    content: Content
    is_deleted: bool = False
    erasure: Erasure = Erasure.NOT_BEGUN
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
        stops: the statuses that executions got when an operator stopped them, by name.
        s3_delays_s: draws when an event of S3 arrives, once or twice.
        is_quiet: whether the quiet time has begun.
    """

    deployment: Deployment
    scenario: Scenario
    uploads: list[Upload] = field(default_factory=list)
    stops: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    s3_delays_s: Callable[[], list[float]] = one_prompt_delivery
    is_quiet: bool = False

    @property
    def _videos(self) -> Bucket:
        return self.deployment.buckets["videos"]

    def begin(self) -> None:
        """Schedules everything that the scenario contains."""
        world = self.deployment.world
        for planned in self.scenario.uploads:
            world.at(planned.after_s, partial(self._upload, planned))
        for happening, after_s in self.scenario.happenings:
            world.at(after_s, partial(self._do, happening))
        for begin_s, trouble in self.scenario.troubles:
            world.at(begin_s, partial(self.deployment.network.troubles.append, trouble))
        if Happening.UNRELIABLE_EVENTS in dict(self.scenario.happenings):
            self.deployment.notice_delays_s = self._unreliable_delays_s
            self.deployment.runs.event_delays_s = self.s3_delays_s = self._unreliable_delays_s
        world.at(7.0, partial(self._tick, "ReconcileJobs"))
        if "SweepJobs" in code_under_test.FUNCTIONS:
            world.at(31.0, partial(self._tick, "SweepJobs"))

    def end_chaos(self) -> None:
        """Lets the faults end. From now on there are no new calls, and the operator follows the runbook."""
        self.is_quiet = True
        self.deployment.network.plan.budget = 0
        self.deployment.network.troubles.clear()
        self.deployment.functions.redrive()

    def finish_erasing(self) -> None:
        """Repeats a command `erase` that has failed halfway."""
        for upload in self.uploads:
            if upload.erasure is Erasure.BEGUN and upload.eraser and upload.eraser.end:
                self._erase(upload)

    # ------------------------------------------------------------ the schedule

    def _tick(self, function: str) -> None:
        self.deployment.functions.deliver(function, {"source": "aws.scheduler"}, 0.0, is_kept=False)
        self.deployment.world.at(MINUTE_S, partial(self._tick, function))

    def _unreliable_delays_s(self) -> list[float]:
        """Draws whether an event arrives in time, late, twice or never."""
        if self.is_quiet:
            return one_prompt_delivery()
        tape = self.deployment.world.tape
        match tape.choose(4, 0.4):
            case 1:
                return [EVENT_DELAYS_S[tape.choose(len(EVENT_DELAYS_S))]]
            case 2:
                return [*one_prompt_delivery(), EVENT_DELAYS_S[tape.choose(len(EVENT_DELAYS_S))]]
            case 3:
                return []
        return one_prompt_delivery()

    # ------------------------------------------------------------ uploads

    def _upload(self, planned: PlannedUpload) -> None:
        data = planned.content.to_bytes()
        version = self._videos.store(planned.key, data, self.deployment.world.now_s)
        self.uploads.append(Upload(planned.key, version.version_id, planned.content))
        event = _upload_event(planned.key, version, len(data))
        # S3 does not lose events. It delivers them late and twice.
        for delay_s in self.s3_delays_s() or [EVENT_DELAYS_S[-1]]:
            self.deployment.functions.deliver("StartTracking", event, delay_s)

    # ------------------------------------------------------------ happenings

    def _do(self, happening: Happening) -> None:
        deployment, callers = self.deployment, Callers(self.deployment)
        match happening:
            case Happening.NEIGHBOUR:
                callers.share_a_job()
            case Happening.TAG_ATTACK | Happening.TOKEN_ATTACK:
                if victim := self._victim():
                    callers.attack(happening, victim)
            case Happening.FORGED_NOTICE:
                if victim := self._victim():
                    callers.forge(victim, "StartPersonTracking")
            case Happening.OTHER_NOTICE:
                if victim := self._victim():
                    callers.forge(victim, "StartLabelDetection")
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
                    self._videos.store(self.uploads[-1].key, None, deployment.world.now_s)
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

    def _victim(self) -> tuple[str, str] | None:
        """Returns the key and the version of the newest upload, which an attacker attacks."""
        # Versions of S3 cannot be guessed. An attacker sees one as soon as it exists.
        return (self.uploads[-1].key, self.uploads[-1].version) if self.uploads else None

    def _stop(self, status: str) -> None:
        running = [one for one in self.deployment.runs.executions.by_name.values() if one.status == "RUNNING"]
        if running:
            execution = running[self.deployment.world.tape.choose(len(running))]
            self.stops[execution.name].append(status)
            self.deployment.runs.end(execution, status)

    def _redrive(self) -> None:
        """Starts an execution again that did not succeed, as the console of Step Functions offers."""
        ended = [
            one
            for one in self.deployment.runs.executions.by_name.values()
            if one.status not in ("RUNNING", "SUCCEEDED")
        ]
        if ended:
            execution = ended[self.deployment.world.tape.choose(len(ended))]
            self.deployment.runs.redrive(execution)
        elif not self.is_quiet:
            self.deployment.world.at(REDRIVE_PAUSE_S, self._redrive)

    def _erase(self, upload: Upload) -> None:
        def body() -> None:
            for _ in range(ERASE_ATTEMPTS):
                before, upload.erasure = upload.erasure, Erasure.BEGUN
                erasure = code_under_test.erase(self.deployment, "videos", upload.key)
                if erasure is not Erasure.NOT_BEGUN:
                    upload.erasure = erasure
                    return
                # What an earlier command has begun stays begun.
                upload.erasure = before
                # A job is running. The operator tries again soon.
                self.deployment.world.sleep(ERASE_PAUSE_S)

        upload.eraser = self.deployment.world.start(Process("Operator"), body)


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

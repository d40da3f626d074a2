"""What happened in a schedule, and the rules that must hold at every moment."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from tests.simulation import code_under_test
from tests.simulation.deployment import Deployment
from tests.simulation.fakes.stepfunctions import Execution
from tests.simulation.faults import Fault
from tests.simulation.world import End, Process

RELEASE_LIMIT_S = 120.0
RELEASE_SLACK_S = 10.0
SWEEP_S = 110.0
"""How long after an execution is redriven a sweep may still know it as stopped: the sweep's timeout."""

OLD_LIMIT_S = 240.0
"""How long after a stack update a call that began before it may still take effect."""

RECORDS_AT_ONCE = frozenset({Fault.REPLY_LOST, Fault.REPEATED, Fault.DIES_AFTER})
"""The call has its effect at once, although a fault hits it."""

WORKERS = frozenset({"PlanJob", "DetectSegment", "AssociateWindow", "LinkTracks"})
OPEN_STATES = ("WAITING", "IN_PROGRESS")
REFUSALS = frozenset(
    {
        "AccessDeniedException",
        "IdempotentParameterMismatchException",
        "InvalidParameterException",
        "InvalidS3ObjectException",
        "LimitExceededException",
        "VideoTooLargeException",
    }
)


@dataclass(frozen=True, slots=True)
class Violation:
    """A broken rule.

    Attributes:
        rule: the rule's name, see docs/simulation.md.
        detail: what exactly happened.
    """

    rule: str
    detail: str


@dataclass(frozen=True, slots=True)
class Ending:
    """The pipeline or the service has ended a job.

    Attributes:
        state: SUCCEEDED or FAILED, or ERROR in the service.
        process: which invocation did it, or None if its write came late.
        call: which of that invocation's calls has told it that its write succeeded. If the reply of the
            write was lost, it is the next one, which reads what is stored.
    """

    state: str
    process: Process | None
    call: int

    @property
    def is_known(self) -> bool:
        """Tells whether the invocation has learned that its write succeeded."""
        return self.process is not None and self.call not in self.process.failed_calls

    @property
    def is_counted(self) -> bool:
        """Tells whether a metric must count it: its invocation has learned of it, and did not die at once."""
        if self.process is None or not self.is_known:
            return False
        return self.process.end is not End.DIED or self.process.calls > self.call


@dataclass(eq=False)
class History:
    """Observes a deployment.

    Attributes:
        violations: the rules that were broken so far.
        starts: the JobIds that StartPersonTracking returned, by client token.
        requests: the parameters of the call that started a job, by JobId.
        callers: the roles whose calls started a job, by JobId.
        executions_by_token: the executions that were started, by client token.
        notices: the statuses of the notices, by JobId.
        doubtful_notices: JobIds whose notice may be published again, because of a fault. A fault after the
            record that it is published is no reason.
        recorded_notices: JobIds whose notice is recorded as published.
        reported: the final JobStatus that GetPersonTracking has reported, by JobId.
        endings: the jobs that the pipeline has ended.
        job_endings: the jobs that the service has ended.
    """

    deployment: Deployment
    violations: list[Violation] = field(default_factory=list)
    starts: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    requests: dict[str, dict[str, Any]] = field(default_factory=dict)
    callers: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    executions_by_token: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    notices: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    doubtful_notices: set[str] = field(default_factory=set)
    recorded_notices: set[str] = field(default_factory=set)
    reported: dict[str, str] = field(default_factory=dict)
    endings: list[Ending] = field(default_factory=list)
    job_endings: list[Ending] = field(default_factory=list)
    slots: frozenset[str] = frozenset()

    def observe(self) -> None:
        """Begins to observe."""
        deployment = self.deployment
        deployment.world.on_end.append(self._on_process_end)
        deployment.network.on_incident.append(self._on_incident)
        deployment.runs.on_begin.append(self._on_execution)
        deployment.runs.on_end.append(self._on_execution_end)
        deployment.on_notice.append(self._on_notice)
        deployment.tables["jobs"].watchers.append(self._on_record)
        deployment.tables["job-store"].watchers.append(lambda key, _old, _new: self._on_slot_item(key))
        deployment.tables["job-store"].watchers.append(self._on_job)
        deployment.buckets["artifacts"].watchers.append(lambda key, _data: self._on_slot_item(key))
        deployment.buckets["artifacts"].watchers.append(self._on_artifact)

    def broken(self, rule: str, detail: str) -> None:
        """Records a violation."""
        violation = Violation(rule, detail)
        if violation not in self.violations:
            self.violations.append(violation)

    def _on_process_end(self, process: Process) -> None:
        if process.role == "TrackingApi":
            if process.end is End.RETURNED:
                self._on_reply(process)
        elif process.end is End.DIED:
            self._doubt(*_published_by(process))

    def _on_reply(self, process: Process) -> None:
        body = json.loads(process.result["body"])
        operation = process.notes["target"].rpartition(".")[2]
        if process.result["statusCode"] == 200:
            if operation == "StartPersonTracking":
                self._accepted(body["JobId"], process)
            else:
                self._on_status(body["JobId"], body["JobStatus"])
        elif operation == "StartPersonTracking" and body["__type"] in REFUSALS:
            self._refused(body["__type"], process)

    def _refused(self, error: str, process: Process) -> None:
        if process.writes:
            what = ", ".join(name[-60:] for name in process.writes)
            self.broken("a refused start writes nothing", f"{error} after writing {what}")

    def _accepted(self, job_id: str, process: Process) -> None:
        token = process.notes["token"]
        self.callers[job_id].add(process.notes["caller"])
        self.requests.setdefault(job_id, json.loads(process.notes["request"]))
        if token:
            self.starts[token].add(job_id)
            if len(self.starts[token]) > 1:
                self.broken("one execution per token", f"two JobIds for the token {token[:12]}")

    def _on_status(self, job_id: str, status: str) -> None:
        before = self.reported.get(job_id)
        if before is not None and before != status:
            self.broken(
                "notice and GetPersonTracking agree", f"GetPersonTracking reports {before}, then {status}"
            )
        if status != "IN_PROGRESS":
            self.reported[job_id] = status

    def _on_incident(
        self, process: Process, service: str, operation: str, subject: str, fault: Fault | None
    ) -> None:
        if operation == "Publish" and fault is not None and fault not in (Fault.FAILS, Fault.THROTTLED):
            self._doubt(json.loads(subject).get("JobId", ""))
        if operation == "Invoke" and subject == "PublishCompletion":
            # Two invocations of the last step may run at once. Each takes the other's claim for its own.
            self._doubt(process.task.partition("/")[0])
        if fault not in RECORDS_AT_ONCE:
            self._doubt(
                *(job_id for job_id in _published_by(process) if code_under_test.is_job_item(subject, job_id))
            )

    def _doubt(self, *job_ids: str) -> None:
        self.doubtful_notices.update(set(job_ids) - self.recorded_notices)

    def _on_execution(self, execution: Execution, starter: Process) -> None:
        token = starter.notes.get("token")
        if starter.role == "TrackingApi":
            self.callers[execution.name].add(starter.notes["caller"])
            self.requests.setdefault(execution.name, json.loads(starter.notes["request"]))
        if token:
            self.executions_by_token[token].add(execution.name)
            if len(self.executions_by_token[token]) > 1:
                self.broken("one execution per token", f"two executions for the token {token[:12]}")
        if execution.name not in self.slots:
            self.broken("the job limit is exact", "an execution was started without a slot")

    def _on_execution_end(self, execution: Execution) -> None:
        self._check_slot_after(execution, self.deployment.world.now_s)

    def _check_slot_after(self, execution: Execution, since_s: float) -> None:
        """Checks that a slot comes back, measured from a time or from the last fault after it."""
        world, incidents = self.deployment.world, self.deployment.network.incidents

        def check() -> None:
            if execution.name not in self.slots or execution.status == "RUNNING":
                return
            if incidents and incidents[-1].at_s > since_s:
                self._check_slot_after(execution, incidents[-1].at_s)
                return
            self.broken(
                "slots come back in two minutes",
                f"its execution {execution.status.lower()} without a fault since",
            )

        world.at(since_s + RELEASE_LIMIT_S + RELEASE_SLACK_S - world.now_s, check)

    def _on_slot_item(self, name: str) -> None:
        if not code_under_test.is_slot_item(name):
            return
        before, self.slots = self.slots, self.deployment.slots()
        now_s = self.deployment.world.now_s
        # A call that began before a stack update still knows the old limit.
        limits = self.deployment.job_limits()
        allowed = max(limit for until_s, limit in limits if until_s + OLD_LIMIT_S > now_s)
        if len(self.slots) > max(len(before), allowed):
            self.broken(
                "the job limit is exact", f"{len(self.slots)} slots are taken, the limit is {allowed}"
            )
        for job_id in before - self.slots:
            execution = self.deployment.runs.executions.by_name.get(job_id)
            if execution is None or _was_just_redriven(execution, now_s):
                # A sweep that saw the execution stopped still ends the job. The redriven steps stop then.
                continue
            if execution.status == "RUNNING" and execution.state != "PublishCompletion":
                self.broken("the job limit is exact", f"a slot was released in the state {execution.state}")

    def _on_artifact(self, key: str, data: bytes | None) -> None:
        process = self.deployment.world.process
        if process is None or not process.task or process.role not in WORKERS or data is None:
            return
        if not process.notes["has_slot"]:
            self.broken("the job limit is exact", f"{process.role} works without a slot")

    def _on_job(self, _key: str, old: dict[str, Any] | None, new: dict[str, Any] | None) -> None:
        if old and new and "notice_after_s" in old and "notice_after_s" not in new:
            self.recorded_notices.add(new["job_id"]["S"])
        was_running = old is not None and old.get("state") == {"S": "RUNNING"}
        state = (new or {}).get("state", {}).get("S")
        if was_running and state in ("SUCCEEDED", "FAILED", "ERROR"):
            self.job_endings.append(self._ending(state))

    def _ending(self, state: str) -> Ending:
        process = self.deployment.world.process
        is_reply_lost = self.deployment.network.fault is Fault.REPLY_LOST
        return Ending(state, process, process.calls + is_reply_lost if process else 0)

    def _on_notice(self, message: str) -> None:
        notice = json.loads(message)
        self.notices[notice["JobId"]].append(notice["Status"])

    def _on_record(self, _key: str, old: dict[str, Any] | None, new: dict[str, Any] | None) -> None:
        state = new.get("state", {}).get("S") if new else None
        was_open = old is not None and old.get("state", {}).get("S") in OPEN_STATES
        process = self.deployment.world.process
        if was_open and state in ("SUCCEEDED", "FAILED") and (process is None or process.role != "Operator"):
            self.endings.append(self._ending(state))


def _published_by(process: Process) -> list[str]:
    return [json.loads(message)["JobId"] for message in process.notes.get("published", ())]


def _was_just_redriven(execution: Execution, now_s: float) -> bool:
    return execution.redriven_s is not None and now_s - execution.redriven_s < SWEEP_S

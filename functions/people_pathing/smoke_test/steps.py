"""The steps of a smoke test: upload, job, people, report, API, erasure."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from people_pathing.common.clock import now_ms
from people_pathing.common.finding import Finding, Line, Outcome, failed, not_checked, ok
from people_pathing.pipeline.job_record import JobRecord, JobState
from people_pathing.pipeline.video import Video
from people_pathing.report import page_file
from people_pathing.results.files import observations
from people_pathing.smoke_test import clip
from people_pathing.smoke_test.api_calls import Api, ApiReply, forged
from people_pathing.smoke_test.clip_erasure import erase_clip
from people_pathing.smoke_test.stack import StackResources
from people_pathing.smoke_test.waiting import busy_reason

_POLL_S = 0.5
_SAY_EVERY_S = 15.0
_AFTER_A_FAILURE = not_checked("an earlier step failed")
_FORBIDDEN, _THROTTLED = 403, 429


@dataclass(slots=True)
class SmokeTest:
    """One smoke test.

    Attributes:
        stack: the stack under test.
        api: its API.
        credentials: botocore's credentials of the caller.
        key: the key of the clip in the video bucket.
        timeout_s: how long the job may wait for its start, then how long it may run, and then how long the
            report may take.
        running_job_timeout_s: how long the erasure waits for a job that is still running.
        say: receives a line now and then about what is slow.
        describe_error: returns a line about an error of AWS or of the network, or None for other errors.
        unprivileged: returns credentials that may not call the API; None if the test has none.
        sleep: waits for a number of seconds.
        busy_step: the step that failed because the stack had no room for it; None if no step did. The steps
            after it were not done.
        video: the uploaded clip; None before the upload.
        record: the job record; None before the job has ended.
    """

    stack: StackResources
    api: Api
    credentials: Any
    key: str
    timeout_s: float
    running_job_timeout_s: float
    say: Callable[[str], None]
    describe_error: Callable[[Exception], str | None]
    unprivileged: Callable[[], Any] | None = None
    sleep: Callable[[float], None] = time.sleep
    busy_step: str | None = field(default=None, init=False)
    video: Video | None = field(default=None, init=False)
    record: JobRecord | None = field(default=None, init=False)
    _is_busy: bool = field(default=False, init=False)

    def run(self, *, keep: bool) -> Iterator[Line]:
        """Runs the steps and yields how each ended. The clip is erased even after a failure.

        Args:
            keep: leave the clip and its results in the stack.
        """
        steps = {
            "upload": self._upload,
            "job": self._wait_for_job,
            "people": self._compare_people,
            "report": self._wait_for_report,
            "API": self._call_api,
            "refusals": self._call_api_without_right,
        }
        has_failed = False
        try:
            for name, step in steps.items():
                finding = _AFTER_A_FAILURE if has_failed else self._finding(step)
                has_failed = has_failed or finding.outcome is Outcome.FAILED
                if self._is_busy and self.busy_step is None:
                    self.busy_step = name
                yield Line(name, finding)
        except BaseException:
            if not keep and (erasure := self._finding(self._erase)).outcome is Outcome.FAILED:
                self.say(f"{erasure.message}; {erasure.advice}")
            raise
        if keep:
            yield Line(
                "erasure", not_checked(f"the clip stays as {self.key}", f"people-pathing erase {self.key}")
            )
        else:
            yield Line("erasure", self._finding(self._erase))

    def _upload(self) -> Finding:
        bucket = self.stack.video_bucket
        reply = self.stack.s3.put_object(Bucket=bucket, Key=self.key, Body=clip.PATH.read_bytes())
        self.video = Video(bucket, self.key, reply["VersionId"], reply["VersionId"])
        return ok(f"uploaded a clip of {clip.DURATION_MS // 1000} seconds as {self.key}")

    def _wait_for_job(self) -> Finding:
        assert self.video is not None
        began_s = time.monotonic()
        started_s = None
        said_s = began_s
        while True:
            record = self.stack.job_table.get(self.video.video_id)
            now_s = time.monotonic()
            if record is not None and not record.is_open:
                break
            if started_s is None and record is not None and record.state is JobState.IN_PROGRESS:
                # The job has the same time to run, however late it started.
                started_s = now_s
            if now_s - (started_s or began_s) >= self.timeout_s:
                return self._unfinished_job(record)
            if now_s - said_s >= _SAY_EVERY_S:
                self.say(f"after {now_s - began_s:.0f} s: {self._what_is_slow(record)}")
                said_s = now_s
            self.sleep(_POLL_S)
        if record.state is not JobState.SUCCEEDED:
            return failed(f"the job ended as {record.state.value}: {record.reason}", "see docs/operations.md")
        self.record = record
        return ok(f"SUCCEEDED after {now_s - began_s:.0f} s")

    def _unfinished_job(self, record: JobRecord | None) -> Finding:
        """Returns the finding about a job whose time is up."""
        is_waiting = record is not None and record.state is JobState.WAITING
        if record is not None and is_waiting:
            reason = busy_reason(self.stack.job_table, record, now_ms())
            if reason is not None:
                return self._busy(f"the job had no turn in {self.timeout_s:.0f} s: {reason}")
        phase = "end" if record is not None and not is_waiting else "start"
        return failed(
            f"the job did not {phase} in {self.timeout_s:.0f} s: {self._what_is_slow(record)}",
            "give more time with --timeout; `people-pathing doctor` says more",
        )

    def _busy(self, message: str) -> Finding:
        """Returns the finding about a step that the stack has no room for."""
        self._is_busy = True
        return failed(message, "run the test again when the stack has less to do")

    def _what_is_slow(self, record: JobRecord | None) -> str:
        if record is None:
            return "StartTracking has not recorded the upload; S3 did not invoke it, or it failed"
        if record.state is JobState.WAITING:
            return f"the job waits for its start: {record.reason or 'StartTracking is at work'}"
        share = self.stack.progress(record)
        if share is None:
            return "the job runs, or its results are being collected"
        if share == 0:
            return "the job runs, and no segment is done; the first call after a deployment is slow"
        if share < 1:
            return f"the job runs, and {share:.0%} of its work is done"
        return "all work is done, and the results are not collected yet; the notice may be late or lost"

    def _compare_people(self) -> Finding:
        assert self.record is not None
        body = self._read(self.record.results_prefix + observations.NAME)
        problem = clip.problem_of(json.loads(line) for line in gzip.decompress(body).splitlines())
        if problem is None:
            return ok(f"the {len(clip.PEOPLE)} people of the clip were found on their paths")
        return failed(problem, "compare the stack's Detector and model with docs/deploy.md")

    def _wait_for_report(self) -> Finding:
        assert self.record is not None
        key = self.record.results_prefix + page_file.NAME
        deadline_s = time.monotonic() + self.timeout_s
        while True:
            listed = self.stack.s3.list_objects_v2(Bucket=self.stack.results_bucket, Prefix=key)
            if listed.get("Contents"):
                break
            if time.monotonic() >= deadline_s:
                return failed(
                    f"there is no {page_file.NAME} after {self.timeout_s:.0f} s",
                    "see what AnalyzeResults writes into the log group of the pipeline",
                )
            self.sleep(_POLL_S)
        if b"</html>" not in self._read(key):
            return failed(f"{page_file.NAME} is not complete", "see the log group of the pipeline")
        return ok(f"{page_file.NAME} is beside the results")

    def _call_api(self) -> Finding:
        assert self.record is not None
        reply = self.api.call(self.credentials, job_id=str(self.record.job_id))
        if reply.status == 200:
            return ok("the API returns the job to a caller who signs the request")
        if reply.status == _THROTTLED:
            return self._busy(f"the API answered {reply}: Lambda has no free execution")
        return failed(
            f"the API answered {reply} to a signed request for the job",
            "attach the policy in the output CallTrackingPolicyArn to the caller",
        )

    def _call_api_without_right(self) -> Finding:
        if self.stack.artifact_bucket is None:
            return not_checked("the stack calls another service, which decides about its callers")
        replies: dict[str, ApiReply] = {
            "without a signature": self.api.call(),
            "with the signature of another secret": self.api.call(forged(self.credentials)),
            "signed for Rekognition": self.api.call(self.credentials, signed_for="rekognition"),
        }
        if self.unprivileged is not None:
            replies["of a caller without the policy"] = self.api.call(self.unprivileged())
        wrong = [
            f"{how}: {reply}"
            for how, reply in replies.items()
            if reply.status not in {_FORBIDDEN, _THROTTLED}
        ]
        if wrong:
            return failed(
                f"the API did not refuse requests with 403 {'; '.join(wrong)}",
                "set the AuthType of the Function URL to AWS_IAM: deploy the template again",
            )
        if any(reply.status == _THROTTLED for reply in replies.values()):
            return self._busy("the API did not answer each request: Lambda has no free execution")
        return ok(f"the API refuses requests {', '.join(replies)}")

    def _read(self, key: str) -> bytes:
        body: bytes = self.stack.s3.get_object(Bucket=self.stack.results_bucket, Key=key)["Body"].read()
        return body

    def _erase(self) -> Finding:
        timeout_s = self.running_job_timeout_s
        if self._is_busy:
            # The clip may have had its turn just now. The time for its job is left.
            timeout_s += self.timeout_s
        return erase_clip(self.stack, self.key, timeout_s, self.sleep)

    def _finding(self, step: Callable[[], Finding]) -> Finding:
        """Runs a step. An error of AWS or of the network becomes its finding.

        Raises:
            Exception: the error is a defect of this program.
        """
        try:
            return step()
        except Exception as error:
            problem = self.describe_error(error)
            if problem is None:
                raise
            return failed(problem, "`people-pathing doctor` says more")

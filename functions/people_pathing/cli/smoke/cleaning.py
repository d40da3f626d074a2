"""Erases everything that a smoke test stored."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from people_pathing.cli.deployed_stack import DeployedStack
from people_pathing.cli.doctor.finding import Finding, failed, ok
from people_pathing.cli.erasing.videos import Selection, VideoErasure
from people_pathing.cli.errors import CommandError
from people_pathing.common.clock import now_ms

_PAUSE_S = 2.0


@dataclass(slots=True)
class ImpatientClock:
    """A clock that goes forward instead of waiting.

    An erasure waits twenty minutes, in case a function that stalls writes once more about a person. The clip
    shows drawn figures only, so such a file would contain no personal data.

    Attributes:
        ahead_ms: by how much this clock is ahead of time.
    """

    ahead_ms: int = 0

    def now_ms(self) -> int:
        """Returns the time in milliseconds since the epoch, as this clock shows it."""
        return now_ms() + self.ahead_ms

    def wait_until(self, time_ms: int) -> None:
        """Sets the clock to a later time."""
        self.ahead_ms += max(0, time_ms - self.now_ms())


def erase_clip(
    stack: DeployedStack, key: str, running_job_timeout_s: float, sleep: Callable[[float], None] = time.sleep
) -> Finding:
    """Erases the clip, its job and its results.

    Args:
        stack: the stack that has them.
        key: the key of the clip.
        running_job_timeout_s: how long to wait for a job that is running, which cannot be erased.
        sleep: waits for a number of seconds.

    Raises:
        BotoCoreError, ClientError: something cannot be read or deleted.
    """
    deadline_s = time.monotonic() + running_job_timeout_s
    while True:
        try:
            return _erase(stack, key)
        except CommandError as error:
            if time.monotonic() >= deadline_s:
                return failed(f"the clip was not erased: {error}", f"later: people-pathing erase {key}")
        sleep(_PAUSE_S)


def _erase(stack: DeployedStack, key: str) -> Finding:
    clock = ImpatientClock()
    erasure = VideoErasure(stack, Selection(stack.video_bucket, key), False, clock.wait_until, clock.now_ms)
    found = erasure.find()
    erasure.run(found)
    left = [
        f"s3://{bucket}/{key}"
        for bucket in (stack.video_bucket, stack.results_bucket)
        if _has_versions(stack, bucket, key)
    ]
    if left:
        return failed(f"something is left under {' and '.join(left)}", f"people-pathing erase {key}")
    return ok(
        f"erased the clip, {erasure.erased.job_records} job record, {erasure.erased.jobs} job of the service "
        f"and {erasure.erased.objects} objects"
    )


def _has_versions(stack: DeployedStack, bucket: str, key: str) -> bool:
    reply = stack.s3.list_object_versions(Bucket=bucket, Prefix=key, MaxKeys=1)
    return bool(reply.get("Versions") or reply.get("DeleteMarkers"))

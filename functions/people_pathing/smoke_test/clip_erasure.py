"""Erases the clips of smoke tests, and everything that both halves of the system store about them.

What there is to erase is found from the versions of the clips in the bucket. So they go last: a later run can
continue an erasure that was interrupted. Records are looked up one by one, because the job table has a record
of every video that the stack has ever tracked.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from people_pathing.common.clock import epoch_ms, now_ms
from people_pathing.common.finding import Finding, failed, ok
from people_pathing.common.smoke_clips import SCHEDULED_PREFIX, is_scheduled_key
from people_pathing.pipeline import erasure as pipeline_erasure
from people_pathing.pipeline.video import Video
from people_pathing.service import erasure as service_erasure
from people_pathing.smoke_test.stack import StackResources

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


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """A version, or a delete marker, of an object.

    Attributes:
        key: the object's key.
        version_id: its version id.
        stored_ms: when it was stored, in milliseconds since the epoch.
        is_marker: whether it is a delete marker.
    """

    key: str
    version_id: str
    stored_ms: int
    is_marker: bool


def erase_clip(
    stack: StackResources,
    key: str,
    running_job_timeout_s: float,
    sleep: Callable[[float], None] = time.sleep,
) -> Finding:
    """Erases the clip with a key, its job and its results.

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
        except (pipeline_erasure.JobInProgressError, service_erasure.JobInProgressError) as error:
            if time.monotonic() >= deadline_s:
                return failed(f"the clip was not erased: {error}", f"later: people-pathing erase {key}")
        sleep(_PAUSE_S)


def keys_of_left_clips(stack: StackResources, before_ms: int) -> list[str]:
    """Returns the keys of scheduled smoke tests whose clips were all stored before a time, sorted.

    Args:
        stack: the stack that may have clips.
        before_ms: the time, in milliseconds since the epoch.

    Raises:
        BotoCoreError, ClientError: the bucket cannot be listed.
    """
    newest_ms: dict[str, int] = {}
    for version in _versions(stack, SCHEDULED_PREFIX):
        if is_scheduled_key(version.key):
            newest_ms[version.key] = max(version.stored_ms, newest_ms.get(version.key, 0))
    return sorted(key for key, stored_ms in newest_ms.items() if stored_ms < before_ms)


def _erase(stack: StackResources, key: str) -> Finding:
    clock = ImpatientClock()
    versions = [version for version in _versions(stack, key) if version.key == key]
    videos = [
        Video(stack.video_bucket, one.key, one.version_id, one.version_id)
        for one in versions
        if not one.is_marker
    ]
    records = {video.video_id: record for video in videos if (record := stack.job_table.get(video.video_id))}
    pipeline = pipeline_erasure.Eraser(stack.s3, stack.job_table, stack.results_bucket, clock.now_ms)
    # From here on, no job of the clip starts.
    plan = pipeline.mark(pipeline.plan(records.values()))
    pipeline.bury_unrecorded(video for video in videos if video.video_id not in records)
    object_count = pipeline.erase(plan)
    job_count = 0
    if stack.artifact_bucket is not None and stack.job_store is not None:
        service = service_erasure.Eraser(stack.job_store, stack.s3, stack.artifact_bucket)
        jobs = service.prepare(lambda job: (job.video.bucket, job.video.name) == (stack.video_bucket, key))
        # The store may have forgotten a job whose artifacts are still there.
        object_count += service.erase(replace(jobs, job_ids=jobs.job_ids | plan.job_ids))
        job_count = service.finish(jobs)
    clock.wait_until(plan.settled_ms)
    finished = pipeline.finish(plan)
    for version in versions:
        stack.s3.delete_object(Bucket=stack.video_bucket, Key=version.key, VersionId=version.version_id)
    left = [
        f"s3://{bucket}/{key}"
        for bucket in (stack.video_bucket, stack.results_bucket)
        if _has_versions(stack, bucket, key)
    ]
    if left:
        return failed(f"something is left under {' and '.join(left)}", f"people-pathing erase {key}")
    return ok(
        f"erased the clip, {finished.record_count} job record, {job_count} job of the service "
        f"and {object_count + finished.object_count} objects"
    )


def _versions(stack: StackResources, prefix: str) -> Iterator[StoredVersion]:
    """Yields the versions and delete markers in the bucket of the videos whose keys begin with a prefix."""
    pages = stack.s3.get_paginator("list_object_versions").paginate(Bucket=stack.video_bucket, Prefix=prefix)
    for page in pages:
        for kind in ("Versions", "DeleteMarkers"):
            for entry in page.get(kind, []):
                stored: datetime = entry["LastModified"]
                yield StoredVersion(
                    entry["Key"], entry["VersionId"], epoch_ms(stored), kind == "DeleteMarkers"
                )


def _has_versions(stack: StackResources, bucket: str, key: str) -> bool:
    reply = stack.s3.list_object_versions(Bucket=bucket, Prefix=key, MaxKeys=1)
    return bool(reply.get("Versions") or reply.get("DeleteMarkers"))

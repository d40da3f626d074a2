"""Erases what the tests have stored in a stack, and nothing else."""

from __future__ import annotations

import time
from collections.abc import Iterator

from people_pathing.cli.deployed_stack import DeployedStack
from people_pathing.cli.erasing.videos import Selection, VideoErasure
from people_pathing.cli.errors import CommandError
from people_pathing.common.clock import now_ms
from people_pathing.common.s3_erasure import abort_uploads, erase_versions
from people_pathing.common.zones_objects import ZONES_PREFIX
from tests.stack.jobs import HOUR_MS
from tests.stack_under_test import StackUnderTest

RUNNING_JOBS_TIMEOUT_S = 300


def erase_everything(deployed: StackUnderTest, pipeline: DeployedStack, prefix: str) -> None:
    """Erases all videos under a prefix, their jobs, their results and the zones files for them.

    The tests' videos show drawn people. So this does not wait for functions that stall, as an erasure does.

    Raises:
        AssertionError: something is left.
    """
    erase_versions(pipeline.s3, pipeline.video_bucket, ZONES_PREFIX + prefix)
    deadline = time.monotonic() + RUNNING_JOBS_TIMEOUT_S
    while True:
        erasure = VideoErasure(
            pipeline,
            Selection(pipeline.video_bucket, prefix=prefix),
            keep_video=False,
            wait_until=lambda _ms: time.sleep(1),
            # An hour from now, no function that stalls can be running.
            now_ms=lambda: now_ms() + HOUR_MS,
        )
        try:
            erasure.run(erasure.find())
            break
        except CommandError:
            # A job is running, and cannot be erased.
            if time.monotonic() > deadline:
                raise
        time.sleep(1)
    abort_uploads(pipeline.s3, pipeline.results_bucket, prefix)
    erase_versions(pipeline.s3, pipeline.results_bucket, prefix)
    assert list(stored_objects(deployed, prefix)) == []
    assert list(pipeline.job_table.find(pipeline.video_bucket, prefix)) == []


def stored_objects(deployed: StackUnderTest, prefix: str) -> Iterator[str]:
    """Yields the address of every version and delete marker under a prefix, in the buckets of users."""
    s3 = deployed.client("s3")
    for name in ("VideoBucketName", "ResultsBucketName"):
        bucket = deployed.outputs[name]
        for beginning in (prefix, ZONES_PREFIX + prefix):
            pages = s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=beginning)
            for page in pages:
                for entry in (*page.get("Versions", []), *page.get("DeleteMarkers", [])):
                    yield f"s3://{bucket}/{entry['Key']}"

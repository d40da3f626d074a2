"""Waits for jobs of a deployed stack and reads their results."""

from __future__ import annotations

import gzip
import json
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from people_pathing.cli.deployed_stack import DeployedStack
from people_pathing.pipeline.job_record import JobRecord, JobState
from people_pathing.pipeline.video import Video
from people_pathing.service.job_items import StoredJob, item_key

if TYPE_CHECKING:
    from devstack.stack import LocalStack
    from tests.stack_under_test import StackUnderTest

HOUR_MS = 3_600_000
# In an account, the first job after a deployment waits for images to be loaded.
JOB_TIMEOUT_S = 300


def wait_for_job(pipeline: DeployedStack, video: Video, timeout_s: float = JOB_TIMEOUT_S) -> JobRecord:
    """Waits until the job of an uploaded video has ended, and returns its record."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        record = pipeline.record(video)
        if record is not None and not record.is_open:
            return record
        time.sleep(0.2)
    raise AssertionError(f"the job of {video.key} did not end in {timeout_s} s: {pipeline.record(video)}")


def make_job_old(deployed: StackUnderTest | LocalStack, pipeline: DeployedStack, record: JobRecord) -> None:
    """Dates the end of a job an hour back, so that an erasure need not wait for functions to end."""
    current = pipeline.job_table.get(record.video_id)
    assert current is not None
    assert pipeline.job_store is not None
    _make_record_old(pipeline, current)
    stored = pipeline.job_store.get_even_expired(str(record.job_id))
    assert stored is not None
    _make_stored_job_old(deployed, stored)


def make_ended_jobs_old(deployed: StackUnderTest | LocalStack, pipeline: DeployedStack) -> None:
    """Does the same with all jobs of a stack, which must be the local one."""
    for state in (JobState.SUCCEEDED, JobState.FAILED):
        for record in pipeline.job_table.in_state(state):
            _make_record_old(pipeline, record)
    assert pipeline.job_store is not None
    for stored in pipeline.job_store.all_jobs():
        if stored.state != "RUNNING":
            _make_stored_job_old(deployed, stored)


def _make_record_old(pipeline: DeployedStack, record: JobRecord) -> None:
    pipeline.job_table.replace(record, replace(record, updated_ms=record.updated_ms - HOUR_MS))


def _make_stored_job_old(deployed: StackUnderTest | LocalStack, stored: StoredJob) -> None:
    deployed.client("dynamodb").update_item(
        TableName=deployed.outputs["JobStoreTableName"],
        Key={"pk": {"S": item_key(stored.job.job_id)}},
        UpdateExpression="SET expires_s = :earlier_s",
        ExpressionAttributeValues={":earlier_s": {"N": str(stored.expires_s - HOUR_MS // 1000)}},
    )


def read_observations(folder: Path) -> list[dict[str, Any]]:
    """Reads the observations among a job's result files."""
    with gzip.open(folder / "observations.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]

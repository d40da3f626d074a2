"""Waits for jobs of a deployed stack and reads their results."""

import gzip
import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from devstack.stack import LocalStack
from people_pathing.cli.deployed_stack import DeployedStack
from people_pathing.pipeline.job_record import JobRecord, JobState
from people_pathing.pipeline.video import Video
from people_pathing.service.job_items import item_key

HOUR_MS = 3_600_000


def wait_for_job(pipeline: DeployedStack, video: Video, timeout_s: float = 120) -> JobRecord:
    """Waits until the job of an uploaded video has ended, and returns its record."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        record = pipeline.record(video)
        if record is not None and not record.is_open:
            return record
        time.sleep(0.2)
    raise AssertionError(f"the job of {video.key} did not end in {timeout_s} s: {pipeline.record(video)}")


def make_ended_jobs_old(stack: LocalStack, pipeline: DeployedStack) -> None:
    """Dates the ends of all jobs an hour back, so that an erasure need not wait for functions to end."""
    for state in (JobState.SUCCEEDED, JobState.FAILED):
        for record in pipeline.job_table.in_state(state):
            pipeline.job_table.replace(record, replace(record, updated_ms=record.updated_ms - HOUR_MS))
    assert pipeline.job_store is not None
    for stored in pipeline.job_store.all_jobs():
        if stored.state != "RUNNING":
            stack.client("dynamodb").update_item(
                TableName=stack.outputs["JobStoreTableName"],
                Key={"pk": {"S": item_key(stored.job.job_id)}},
                UpdateExpression="SET expires_s = :earlier_s",
                ExpressionAttributeValues={":earlier_s": {"N": str(stored.expires_s - HOUR_MS // 1000)}},
            )


def read_observations(folder: Path) -> list[dict[str, Any]]:
    """Reads the observations among a job's result files."""
    with gzip.open(folder / "observations.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]

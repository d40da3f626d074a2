"""Waits for jobs of a deployed stack and reads their results."""

import gzip
import json
import time
from pathlib import Path
from typing import Any

from people_pathing.cli.deployed_stack import DeployedStack
from people_pathing.pipeline.job_record import JobRecord
from people_pathing.pipeline.video import Video


def wait_for_job(pipeline: DeployedStack, video: Video, timeout_s: float = 120) -> JobRecord:
    """Waits until the job of an uploaded video has ended, and returns its record."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        record = pipeline.record(video)
        if record is not None and not record.is_open:
            return record
        time.sleep(0.2)
    raise AssertionError(f"the job of {video.key} did not end in {timeout_s} s: {pipeline.record(video)}")


def read_observations(folder: Path) -> list[dict[str, Any]]:
    """Reads the observations among a job's result files."""
    with gzip.open(folder / "observations.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]

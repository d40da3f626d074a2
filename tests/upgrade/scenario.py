"""What the tests of updates do with a stack: start jobs, wait for them and read their pages."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from devstack.parameters import stack_parameters
from devstack.sam import Release
from devstack.stack import LocalStack, rekognition_client
from people_pathing.cli.deployed_stack import DeployedStack
from people_pathing.pipeline.job_record import JobRecord
from people_pathing.pipeline.video import Video
from tests.stack.jobs import wait_for_job
from tests.stack.walkers import Walker
from tests.upgrade.held_steps import HeldSteps
from tests.upgrade.previous_release import unpack

__all__ = ["wait_for_job"]

FRAME_COUNT = 24
WALKERS = [
    Walker(140, 9, 380, 200, coat=(60, 30, 30), legs=(40, 40, 45)),
    Walker(500, -9, 450, 250, coat=(30, 30, 110), legs=(50, 40, 30)),
]
JOB_LIMIT = 2
PAGE_SIZE = 7


def parameters() -> dict[str, str]:
    """Returns the parameters of the stack. HOG needs no model."""
    chosen = stack_parameters("hog", None, None, None, print, "none")
    return chosen | {"MaxConcurrentJobs": str(JOB_LIMIT), "SegmentSeconds": "2"}


def previous_release(folder: Path, steps: HeldSteps) -> Release:
    """Unpacks the previous release, with an image whose steps can be held."""
    unpacked = unpack(folder / "previous")
    return Release(unpacked.root, steps.image_of(unpacked.image_root, folder / "previous-image"))


def deployed(stack: LocalStack) -> DeployedStack:
    """Returns the resources of a stack."""
    return DeployedStack.of(stack.outputs, stack.client("s3"), stack.client("dynamodb"))


def job_of(record: JobRecord) -> str:
    """Returns the JobId of a video that is not waiting."""
    assert record.job_id is not None
    return record.job_id


def start(stack: LocalStack, token: str, key: str) -> str:
    """Starts a job as another caller, and returns its JobId."""
    s3_object = {"Bucket": stack.outputs["VideoBucketName"], "Name": key}
    reply = rekognition_client(stack).start_person_tracking(
        Video={"S3Object": s3_object}, ClientRequestToken=token
    )
    return str(reply["JobId"])


def get_page(stack: LocalStack, job_id: str, token: str | None = None) -> dict[str, Any]:
    """Returns one page of a job's results."""
    more = {"NextToken": token} if token else {}
    page: dict[str, Any] = rekognition_client(stack).get_person_tracking(
        JobId=job_id, MaxResults=PAGE_SIZE, **more
    )
    del page["ResponseMetadata"]
    return page


def get_all_pages(stack: LocalStack, job_id: str) -> list[dict[str, Any]]:
    """Returns all pages of a job's results."""
    pages = [get_page(stack, job_id)]
    while token := pages[-1].get("NextToken"):
        pages.append(get_page(stack, job_id, token))
    return pages


def wait_for_api_job(stack: LocalStack, job_id: str, timeout_s: float = 120) -> str:
    """Waits until a job has ended, and returns its JobStatus."""
    deadline = time.monotonic() + timeout_s
    while (status := str(get_page(stack, job_id)["JobStatus"])) == "IN_PROGRESS":
        assert time.monotonic() < deadline, f"the job did not end in {timeout_s} s"
        time.sleep(0.2)
    return status


def wait_until_waiting(pipeline: DeployedStack, video: Video, timeout_s: float = 60) -> JobRecord:
    """Waits until the job of a video has met the job limit, and returns its record."""
    deadline = time.monotonic() + timeout_s
    while True:
        record = pipeline.record(video)
        if record is not None and record.limit_reached_ms is not None:
            return record
        assert time.monotonic() < deadline, f"the job limit was not reached: {record}"
        time.sleep(0.2)

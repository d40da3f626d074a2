"""Tracks a video with boto3: starts a job, waits for its end and reads every page of the result.

    people-pathing connect --stack-name people-pathing
    python examples/boto3_tracking.py VIDEO_BUCKET street.mp4

Prints one line for each person: the index, and when the person is first and last seen.
"""

import sys
import time
from collections.abc import Iterator
from typing import Any

import boto3

POLL_INTERVAL_S = 2
PAGE_SIZE = 1000


def main(bucket: str, key: str) -> int:
    rekognition = boto3.client("rekognition")
    job_id = rekognition.start_person_tracking(Video={"S3Object": {"Bucket": bucket, "Name": key}})["JobId"]
    if error := wait(rekognition, job_id):
        print(f"{key}: {error}", file=sys.stderr)
        return 1

    times_ms: dict[int, list[int]] = {}
    for detection in detections(rekognition, job_id):
        times_ms.setdefault(detection["Person"]["Index"], []).append(detection["Timestamp"])
    for index, timestamps_ms in sorted(times_ms.items()):
        print(f"person {index}: {min(timestamps_ms)} to {max(timestamps_ms)} ms")
    return 0


def wait(rekognition: Any, job_id: str) -> str | None:
    """Waits until the job ends. Returns the reason if it failed.

    A program that starts many jobs should pass a NotificationChannel instead, and wait for the notices.
    """
    while True:
        reply = rekognition.get_person_tracking(JobId=job_id, MaxResults=1)
        if reply["JobStatus"] != "IN_PROGRESS":
            return reply.get("StatusMessage") if reply["JobStatus"] == "FAILED" else None
        time.sleep(POLL_INTERVAL_S)


def detections(rekognition: Any, job_id: str) -> Iterator[Any]:
    """Yields every detection of a finished job, page after page, sorted by time."""
    request = {"JobId": job_id, "MaxResults": PAGE_SIZE, "SortBy": "TIMESTAMP"}
    while True:
        page = rekognition.get_person_tracking(**request)
        yield from page["Persons"]
        if "NextToken" not in page:
            return
        request["NextToken"] = page["NextToken"]


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: boto3_tracking.py BUCKET KEY")
    sys.exit(main(sys.argv[1], sys.argv[2]))

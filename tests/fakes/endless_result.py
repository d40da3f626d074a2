"""A result of any length that needs no memory.

Its pages are made when they are requested. Its files are on disk.
"""

from __future__ import annotations

import os
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from people_pathing.pipeline.job_record import JobRecord, JobState
from people_pathing.pipeline.result_collection import ResultCollector
from people_pathing.pipeline.results_bucket import ResultsBucket
from people_pathing.pipeline.tracking_client import TrackingClient
from people_pathing.pipeline.video import Video
from tests.fakes.memory_table import MemoryTable
from tests.fakes.pipeline import CountedMetrics

VIDEO = Video("videos", "a.mp4", "v1", "v1")


@dataclass(frozen=True, slots=True)
class EndlessPages:
    """A rekognition client that makes each page of a result when it is requested.

    Attributes:
        observation_count: how many observations the result has.
        person_count: how many people they are about, each of them about as many.
        page_size: observations on a page.
    """

    observation_count: int
    person_count: int
    page_size: int = 1000

    def get_person_tracking(self, **request: Any) -> dict[str, Any]:
        start = int(request.get("NextToken", 0))
        end = min(start + self.page_size, self.observation_count)
        page: dict[str, Any] = {
            "JobStatus": "SUCCEEDED",
            "Video": {"S3Object": {"Bucket": VIDEO.bucket, "Name": VIDEO.key, "Version": VIDEO.version}},
            "VideoMetadata": {},
            "Persons": [self.person(number) for number in range(start, end)],
        }
        return page | ({"NextToken": str(end)} if end < self.observation_count else {})

    def person(self, number: int) -> dict[str, Any]:
        """Returns an observation in the form and order of botocore's replies."""
        index, step = divmod(number, self.observation_count // self.person_count)
        left, top = (1 + step % 1000) / 1920, (1 + index % 500) / 1080
        box = {"Width": 96 / 1920, "Height": 216 / 1080, "Left": left, "Top": top}
        return {"Timestamp": 66 * step, "Person": {"Index": index, "BoundingBox": box}}


@dataclass(frozen=True, slots=True)
class DiskBucket:
    """An S3 client that stores objects in a folder. The parts of an upload must arrive in their order."""

    folder: Path

    def put_object(self, **request: Any) -> None:
        self._write(request, "wb")

    def get_object(self, **request: Any) -> dict[str, Any]:
        return {"Body": BytesIO(self.content(request["Key"]))}

    def delete_objects(self, **request: Any) -> None:
        for entry in request["Delete"]["Objects"]:
            os.remove(self._name(entry["Key"]))  # noqa: PTH107 - see _name

    def create_multipart_upload(self, **request: Any) -> dict[str, Any]:
        self._write(request | {"Body": b""}, "wb")
        return {"UploadId": "upload"}

    def upload_part(self, **request: Any) -> dict[str, Any]:
        self._write(request, "ab")
        return {"ETag": "etag"}

    def complete_multipart_upload(self, **_: Any) -> None:
        pass

    def content(self, key: str) -> bytes:
        """Returns an object."""
        with open(self._name(key), "rb") as file:  # noqa: PTH123 - see _name
            return file.read()

    def _write(self, request: dict[str, Any], mode: str) -> None:
        with open(self._name(request["Key"]), mode) as file:  # noqa: PTH123 - see _name
            file.write(request["Body"])

    def _name(self, key: str) -> str:
        # pathlib would add every name to Python's table of interned strings, which would grow.
        return f"{self.folder}/{key.replace('/', '_')}"


def collect(pages: EndlessPages, bucket: DiskBucket, background: Executor) -> JobRecord:
    """Collects a result as CollectResults does.

    Returns:
        The record of the job, which has succeeded.
    """
    table = MemoryTable()
    running = replace(JobRecord.of(VIDEO, 0, 0), state=JobState.IN_PROGRESS, job_id="job")
    table.add(running)
    rekognition: Any = pages
    s3: Any = bucket
    unknown: Any = SimpleNamespace(of=lambda *_: None)
    ResultCollector(
        table,
        TrackingClient(rekognition, "topic", "role", "secret"),
        ResultsBucket(s3, "results", background),
        unknown,
        CountedMetrics(),
        lambda: 1,
        lambda: False,
        background,
    ).poll(running)
    finished = table.get(running.video_id)
    assert finished is not None
    assert finished.state is JobState.SUCCEEDED, finished.reason
    return finished

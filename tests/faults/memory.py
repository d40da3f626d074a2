"""Measures the memory that the collection of one large result needs.

    python -m tests.faults.memory 10000000

prints the number of observations, the peak of the resident memory in MB, and the duration in seconds. Each
run needs its own process, because a process rarely returns memory to the operating system.
"""

from __future__ import annotations

import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from people_pathing.pipeline.job_record import JobRecord, JobState
from people_pathing.pipeline.observability import logger
from people_pathing.pipeline.result_collection import ResultCollector
from people_pathing.pipeline.results_bucket import ResultsBucket
from people_pathing.pipeline.tracking_client import TrackingClient
from people_pathing.pipeline.video import Video
from tests.fakes.memory_table import MemoryTable
from tests.fakes.pipeline import CountedMetrics

PAGE_SIZE = 1000
PEOPLE = 50


class _EndlessPages:
    """A rekognition client that makes each page of a result when it is requested, so it needs no memory."""

    def __init__(self, observation_count: int) -> None:
        self._observation_count = observation_count
        self._observations_per_person = observation_count // PEOPLE

    def get_person_tracking(self, **request: Any) -> dict[str, Any]:
        start = int(request.get("NextToken", 0))
        end = min(start + PAGE_SIZE, self._observation_count)
        page: dict[str, Any] = {
            "JobStatus": "SUCCEEDED",
            "Video": {"S3Object": {"Bucket": "videos", "Name": "a.mp4", "Version": "v1"}},
            "VideoMetadata": {},
            "Persons": [self._person(number) for number in range(start, end)],
        }
        return page | ({"NextToken": str(end)} if end < self._observation_count else {})

    def _person(self, number: int) -> dict[str, Any]:
        index, step = divmod(number, self._observations_per_person)
        box = {"Left": step % 1900 / 1920, "Top": index / 1080, "Width": 96 / 1920, "Height": 216 / 1080}
        return {"Timestamp": 66 * step, "Person": {"Index": index, "BoundingBox": box}}


class _Bucket:
    """An S3 client that stores small objects on disk, and only counts the bytes of multipart uploads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.multipart_bytes = 0

    def put_object(self, **request: Any) -> None:
        self._path(request).write_bytes(request["Body"])

    def get_object(self, **request: Any) -> dict[str, Any]:
        return {"Body": self._path(request).open("rb")}

    def delete_objects(self, **request: Any) -> None:
        for key in request["Delete"]["Objects"]:
            self._path(key).unlink()

    def create_multipart_upload(self, **_: Any) -> dict[str, Any]:
        return {"UploadId": "upload"}

    def upload_part(self, **request: Any) -> dict[str, Any]:
        self.multipart_bytes += len(request["Body"])
        return {"ETag": "etag"}

    def complete_multipart_upload(self, **_: Any) -> None:
        pass

    def _path(self, request: dict[str, str]) -> Path:
        return self._folder / request["Key"].replace("/", "_")


def main() -> None:
    """Collects a result with as many observations as the command line says."""
    # The pipeline logs to standard output, which is for the result here.
    logger.setLevel("CRITICAL")
    observation_count = int(sys.argv[1])
    table = MemoryTable()
    record = JobRecord.of(Video("videos", "a.mp4", "v1", "v1"), 0, 0)
    running = replace(record, state=JobState.IN_PROGRESS, job_id="job")
    table.add(running)
    pages: Any = _EndlessPages(observation_count)
    begin_s = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(1) as background:
        bucket: Any = _Bucket(Path(folder))
        results = ResultsBucket(bucket, "results", background)
        unknown: Any = SimpleNamespace(of=lambda *_: None)
        tracking = TrackingClient(pages, "topic", "role", "secret")
        collector = ResultCollector(
            table, tracking, results, unknown, CountedMetrics(), lambda: 1, lambda: False, background
        )
        collector.poll(running)
    finished = table.get(record.video_id)
    assert finished is not None
    assert finished.state is JobState.SUCCEEDED, finished.reason
    print(f"{observation_count} {_peak_mb():.1f} {time.monotonic() - begin_s:.1f}")


def _peak_mb() -> float:
    """Returns the peak of this process. getrusage would include the size of the forked parent process."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


if __name__ == "__main__":
    main()

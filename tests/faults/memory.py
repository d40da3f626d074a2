"""How much memory collecting takes: one run a process, because memory once taken is not given back.

    python -m tests.faults.memory 10000000

prints the observations, the peak of the resident memory in MB, and the seconds taken.
"""

from __future__ import annotations

import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from people_pathing.pipeline.job_record import JobRecord, JobState
from people_pathing.pipeline.result_collection import ResultCollector
from people_pathing.pipeline.results_bucket import ResultsBucket
from people_pathing.pipeline.tracking_client import TrackingClient
from people_pathing.pipeline.video import Video
from tests.fakes.memory_table import MemoryTable
from tests.fakes.pipeline import CountedMetrics

PAGE_SIZE = 1000
PEOPLE = 50


class _EndlessPages:
    """A rekognition client with so many observations of so many people, made as they are asked for."""

    def __init__(self, observation_count: int) -> None:
        self._observation_count = observation_count
        self._each = observation_count // PEOPLE

    def get_person_tracking(self, **request: Any) -> dict[str, Any]:
        start = int(request.get("NextToken", 0))
        end = min(start + PAGE_SIZE, self._observation_count)
        page: dict[str, Any] = {
            "JobStatus": "SUCCEEDED",
            "VideoMetadata": {},
            "Persons": [self._person(number) for number in range(start, end)],
        }
        return page | ({"NextToken": str(end)} if end < self._observation_count else {})

    def _person(self, number: int) -> dict[str, Any]:
        index, step = divmod(number, self._each)
        box = {"Left": step % 1900 / 1920, "Top": index / 1080, "Width": 96 / 1920, "Height": 216 / 1080}
        return {"Timestamp": 66 * step, "Person": {"Index": index, "BoundingBox": box}}


class _Bucket:
    """An S3 client that keeps whole objects on disk, and of those that come in parts only their size."""

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
    observation_count = int(sys.argv[1])
    table = MemoryTable()
    record = JobRecord.of(Video("videos", "a.mp4", "v1", "v1"), 0, 0)
    running = replace(record, state=JobState.IN_PROGRESS, job_id="job")
    table.add(running)
    pages: Any = _EndlessPages(observation_count)
    begin_s = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        bucket: Any = _Bucket(Path(folder))
        results = ResultsBucket(bucket, "results")
        tracking = TrackingClient(pages, "topic", "role")
        app = ResultCollector(table, tracking, results, CountedMetrics(), lambda: 1, lambda: False)
        app.poll(running)
    finished = table.get(record.video_id)
    assert finished is not None, "the record is gone"
    assert finished.state is JobState.SUCCEEDED, finished.reason
    print(f"{observation_count} {_peak_mb():.1f} {time.monotonic() - begin_s:.1f}")


def _peak_mb() -> float:
    """Of this process alone: what getrusage says includes the size of the parent that it was forked from."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


if __name__ == "__main__":
    main()

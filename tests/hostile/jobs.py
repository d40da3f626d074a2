"""Runs the steps of a job for hostile files, each in a process of its own with limits.

    python -m tests.hostile.jobs FOLDER

reads the names of files in that folder from standard input, one a line, and prints an `Ending` as JSON for
each. The processes are forked from this one, which has imported everything.
"""

from __future__ import annotations

import io
import json
import os
import resource
import signal
import sys
import time
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from people_pathing.engine import FrameDetections, VideoError
from people_pathing.service.artifacts import ArtifactStore
from people_pathing.service.job import VideoObject
from people_pathing.service.observability import logger
from people_pathing.service.protocol.errors import VideoRejectedError
from people_pathing.service.steps.associate import associate
from people_pathing.service.steps.context import Models, WorkerContext
from people_pathing.service.steps.detect import detect
from people_pathing.service.steps.link import link
from people_pathing.service.steps.plan import plan
from people_pathing.service.steps.tasks import JobTask, SegmentTask, WindowTask
from people_pathing.service.worker_settings import WorkerSettings
from tests.unit.service.world import a_job

PROCESSES = 2
ADDRESS_SPACE_BYTES = 4 << 30
PROCESSOR_S = 60


@dataclass(frozen=True, slots=True)
class Ending:
    """How the job for one file ended.

    Attributes:
        name: the file.
        kind: "tracked", "rejected", or what went wrong.
        message: the reason of a rejection, or the error.
        seconds: elapsed time.
        peak_mb: the largest resident memory.
    """

    name: str
    kind: str
    message: str
    seconds: float
    peak_mb: float


class MemoryS3:
    """An S3 client whose buckets are one dictionary."""

    def __init__(self, video: bytes) -> None:
        self.objects = {"video": video}

    def get_object(self, **request: Any) -> dict[str, Any]:
        data = self.objects[request["Key"]]
        if "Range" in request:
            start, end = (int(number) for number in request["Range"].removeprefix("bytes=").split("-"))
            data = data[start : end + 1]
        return {"Body": io.BytesIO(data), "Metadata": {}}

    def put_object(self, **request: Any) -> None:
        self.objects[request["Key"]] = request["Body"]

    def upload_fileobj(self, stream: Any, _bucket: str, key: str, **_: Any) -> None:
        self.objects[key] = stream.read()

    def get_paginator(self, operation: str) -> Any:
        """Lists objects on one page."""
        assert operation == "list_objects_v2"

        def paginate(**request: str) -> list[dict[str, Any]]:
            keys = [key for key in self.objects if key.startswith(request["Prefix"])]
            return [{"Contents": [{"Key": key} for key in keys]}]

        return SimpleNamespace(paginate=paginate)


class OnePerson:
    """A detector that finds one person in every image, and needs no time."""

    name = "one person"
    pixel_s = 1e-9

    def input_size(self, width_px: int, height_px: int) -> tuple[int, int]:
        return min(width_px, 320), min(height_px, 240)

    def detect(self, image: NDArray[np.uint8]) -> FrameDetections:
        height, width = image.shape[:2]
        box = [width / 4, height / 4, width / 2, height / 2]
        return FrameDetections(np.array([box], np.float32), np.array([0.9], np.float32))


def run(content: bytes, name: str) -> int:
    """Runs all steps of a job and returns the number of detections. Raises what a step raises."""
    s3: Any = MemoryS3(content)
    video = VideoObject("hostile", "video", None, None, "etag", len(content))
    job = a_job(video=video)
    jobs: Any = SimpleNamespace(get=lambda _: SimpleNamespace(state="RUNNING", job=job))
    settings = WorkerSettings("artifacts", "jobs", 60, None, None, "auto", None, None, None)
    context = WorkerContext(settings, s3, ArtifactStore(s3, "artifacts"), jobs, lambda: Models(OnePerson()))
    planned = plan(JobTask(name), context)
    found = sum(detect(SegmentTask(name, index), context).detections for index in planned.segments)
    for index in planned.windows:
        associate(WindowTask(name, index), context)
    link(JobTask(name), context)
    return found


def _report(path: Path) -> tuple[str, str]:
    try:
        return "tracked", f"{run(path.read_bytes(), path.name)} detections"
    except (VideoError, VideoRejectedError) as error:
        return "rejected", str(error)
    except BaseException as error:
        return "failed", f"{type(error).__name__}: {error}"


def _start(path: Path, output: Path) -> int:
    """Forks a process that runs one job and writes how it ended."""
    process = os.fork()
    if process:
        return process
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE_BYTES, ADDRESS_SPACE_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_S, PROCESSOR_S))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    status = 1
    try:
        output.write_text(json.dumps(_report(path)))
        status = 0
    finally:
        os._exit(status)


def _ending(path: Path, output: Path, status: int, usage: resource.struct_rusage, seconds: float) -> Ending:
    if os.WIFSIGNALED(status):
        kind, message = "crashed", signal.Signals(os.WTERMSIG(status)).name
    else:
        kind, message = json.loads(output.read_text()) if output.exists() else ("crashed", "no report")
    return Ending(path.name, kind, message, round(seconds, 2), usage.ru_maxrss / 1024)


def main() -> None:
    """Runs the jobs, two at a time."""
    for module in ("trackers", "people_pathing.engine.segments", "people_pathing.engine.tracking.paths"):
        import_module(module)  # so that the processes need not

    logger.setLevel("CRITICAL")  # it logs to standard output
    folder = Path(sys.argv[1])
    waiting = [folder / line.rstrip("\n") for line in sys.stdin]
    running: dict[int, tuple[Path, float]] = {}
    while waiting or running:
        while waiting and len(running) < PROCESSES:
            path = waiting.pop(0)
            running[_start(path, path.with_suffix(".ending"))] = (path, time.monotonic())
        process, status, usage = os.wait4(-1, 0)
        path, started = running.pop(process)
        ending = _ending(path, path.with_suffix(".ending"), status, usage, time.monotonic() - started)
        print(json.dumps(asdict(ending)), flush=True)


if __name__ == "__main__":
    main()

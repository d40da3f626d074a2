"""The processor time of collecting a result, beside botocore's reading of the same pages.

This is the pyperf script of `python -m benchmarks.functions results`.
"""

from __future__ import annotations

import contextlib
import gc
import io
import os
import time
from argparse import Namespace
from dataclasses import replace
from typing import Any

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from benchmarks.functions import pages
from benchmarks.functions.environment import ENVIRONMENT
from benchmarks.functions.recorded_calls import Answer
from benchmarks.functions.rounds import runner
from people_pathing.common.clock import now_ms
from people_pathing.pipeline import composition
from people_pathing.pipeline.job_record import JobRecord, JobState
from people_pathing.pipeline.observability import logger
from people_pathing.pipeline.video import Video

SCRIPT = "benchmarks.functions.collecting"
VERSION = "version"
FIXED = {
    "s3.HeadObject": Answer(),
    "s3.CreateMultipartUpload": Answer(
        b"<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>"
    ),
    "s3.UploadPart": Answer(headers={"ETag": "part"}),
    "s3.CompleteMultipartUpload": Answer(b"<CompleteMultipartUploadResult/>"),
    "s3.DeleteObjects": Answer(b"<DeleteResult/>"),
    "dynamodb.PutItem": Answer(b"{}"),
}


class Aws:
    """Answers all calls of the collector in memory.

    Args:
        page_count: how many pages the result has.
    """

    def __init__(self, page_count: int) -> None:
        self._page_count = page_count
        self._objects: dict[str, bytes] = {}

    def client(self, *arguments: Any, **more: Any) -> Any:
        """Creates a client."""
        client = boto3.client(*arguments, **more)
        client.meta.events.register_first("before-send", self._send)
        return client

    def has_job_summary(self) -> bool:
        """Tells whether a whole result is stored, and forgets all objects."""
        found = any(url.endswith("/job.json") for url in self._objects)
        self._objects.clear()
        return found

    def _send(self, request: AWSPreparedRequest, event_name: str, **_: Any) -> AWSResponse:
        return self._answer(request, event_name.removeprefix("before-send.")).response(request.url)

    def _answer(self, request: AWSPreparedRequest, operation: str) -> Answer:
        if operation == "rekognition.GetPersonTracking":
            return pages.answer(request, self._page_count, VERSION)
        if operation == "s3.PutObject":
            body: Any = request.body
            self._objects[request.url] = body if isinstance(body, bytes) else body.read()
            return Answer()
        if operation == "s3.GetObject":
            content = self._objects[request.url]
            return Answer(content, {"content-length": str(len(content))})
        return FIXED[operation]


def collect(pipeline: composition.Pipeline, aws: Aws) -> None:
    """Collects the result as CollectResults does."""
    record = JobRecord.of(Video("videos", "a.mp4", VERSION, VERSION), now_ms(), now_ms())
    running = replace(record, state=JobState.IN_PROGRESS, job_id="job", started_ms=now_ms())
    with contextlib.redirect_stdout(io.StringIO()):
        pipeline.result_collector(lambda: 600_000).poll(running)
    assert aws.has_job_summary(), "the result was not collected"


def read_pages(pipeline: composition.Pipeline) -> None:
    """Reads the pages and does nothing with them."""
    token: str | None = ""
    while token is not None:
        reply = pipeline.rekognition.get_person_tracking(
            JobId="job", MaxResults=1000, SortBy="INDEX", NextToken=token
        )
        token = reply.get("NextToken")


def make_pages(page_count: int) -> None:
    """Makes the pages, as both of the others do before they are answered."""
    for number in range(page_count):
        pages.page(number, page_count, VERSION)


def main() -> None:
    """Runs the benchmarks."""

    def forward(command: list[str], options: Namespace) -> None:
        command += ["--pages", str(options.pages)]

    pyperf = runner(SCRIPT, add_cmdline_args=forward)
    pyperf.argparser.add_argument("--pages", type=int, default=40)
    options = pyperf.parse_args()
    os.environ.update(ENVIRONMENT)
    logger.setLevel("CRITICAL")
    aws = Aws(options.pages)
    pipeline = composition.compose(os.environ, aws.client)
    gc.freeze()  # as the handler of CollectResults does

    def measured(action: Any) -> Any:
        def seconds(loops: int) -> float:
            begun = time.process_time()
            for _ in range(loops):
                action()
            spent = time.process_time() - begun
            begun = time.process_time()
            for _ in range(loops):
                make_pages(options.pages)
            return spent - (time.process_time() - begun)

        return seconds

    make_pages(pages.DIFFERENT_PATHS)
    pyperf.bench_time_func("CollectResults", measured(lambda: collect(pipeline, aws)))
    pyperf.bench_time_func("botocore alone", measured(lambda: read_pages(pipeline)))


if __name__ == "__main__":
    main()

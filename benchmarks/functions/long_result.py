"""The processor time of the first and the last page of a result of ten million observations.

This is a pyperf script of `python -m benchmarks.functions results`. The result object has 2.3 GB. It is one
block that repeats, so it needs the memory of one.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from functools import partial
from types import SimpleNamespace
from typing import Any

import boto3
import numpy as np
from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from benchmarks.functions import pages
from benchmarks.functions.environment import ACCOUNT, ENVIRONMENT
from benchmarks.functions.recorded_calls import Answer
from benchmarks.functions.rounds import runner
from people_pathing.common.clock import now_ms
from people_pathing.service.artifacts import ArtifactStore
from people_pathing.service.operations.get import GetPersonTracking
from people_pathing.service.protocol.wire import Request, reply
from people_pathing.service.result_pages.from_tracks import FACE, PERSON, Observations, blocks
from people_pathing.service.result_pages.layout import PAGE_SIZE, Header
from people_pathing.service.result_pages.page_token import PageToken

SCRIPT = "benchmarks.functions.long_result"
OBSERVATION_COUNT = 10_000_000
HEADER = Header(
    job_id="j" * 64,
    account=ACCOUNT,
    secret="00" * 32,
    ended_ms=now_ms(),
    observation_count=OBSERVATION_COUNT,
    video={"S3Object": {"Bucket": "videos", "Name": "a.mp4"}},
    job_tag=None,
    metadata=pages.METADATA,
)


class RepeatedBlock:
    """The result object, whose blocks are all the same."""

    def __init__(self) -> None:
        persons = np.zeros(PAGE_SIZE, PERSON)
        persons["timestamp_ms"] = np.arange(PAGE_SIZE) * pages.FRAME_MS
        persons["box"] = pages.path(0)
        (self._block,) = blocks(HEADER, Observations(persons, np.zeros(0, np.int64), np.zeros(0, FACE)))

    def answer(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        """Answers a ranged read."""
        headers: Any = request.headers
        found = re.fullmatch(rb"bytes=(\d+)-(\d+)", headers["Range"])
        assert found
        start, end = int(found[1]), int(found[2]) + 1
        first = start // len(self._block) * len(self._block)
        body = (self._block * 2)[start - first : end - first]
        assert len(body) == end - start
        return Answer(body, {"content-length": str(len(body))}, 206).response(request.url)


def get_pages() -> Iterator[tuple[str, Callable[[], object]]]:
    """Yields what reads the first page and the last one."""
    s3 = boto3.client("s3")
    events: Any = s3.meta.events
    events.register_first("before-send", RepeatedBlock().answer)
    jobs: Any = SimpleNamespace()
    store = ArtifactStore(s3, "artifacts")
    for name, first in (("first page", 0), ("last page", OBSERVATION_COUNT - PAGE_SIZE)):
        token = str(PageToken.issue(HEADER, "INDEX", first, now_ms() // 1000))
        parameters = {"JobId": HEADER.job_id, "MaxResults": PAGE_SIZE, "SortBy": "INDEX", "NextToken": token}
        request = Request("GetPersonTracking", parameters, ACCOUNT, None)
        yield name, partial(_read_page, jobs, store, request)


def _read_page(jobs: Any, store: ArtifactStore, request: Request) -> object:
    """Reads a page with an operation that has no pages in its memory."""
    return reply("GetPersonTracking", GetPersonTracking(jobs, store)(request), "request")


def seconds(loops: int, get_page: Callable[[], object]) -> float:
    """Returns the processor time of reading a page as many times."""
    begun = time.process_time()
    for _ in range(loops):
        get_page()
    return time.process_time() - begun


def main() -> None:
    """Runs the benchmarks."""
    pyperf = runner(SCRIPT)
    pyperf.parse_args()
    os.environ.update(ENVIRONMENT)
    for name, get_page in get_pages():
        pyperf.bench_time_func(name, seconds, get_page)


if __name__ == "__main__":
    main()

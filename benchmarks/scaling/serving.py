"""Measures the pages of a result that a client requests in turn, with the API's handler and boto3's clients.

    python -m benchmarks.scaling.serving

No call reaches a network: the answers of moto are recorded and given again.
"""

from __future__ import annotations

import json
import statistics
from functools import partial

from benchmarks.functions.scenarios import CONTEXT, Stack, drop_logs, quietly, url_event
from benchmarks.timing import timed

PAGES = 24
"""They are read in 1, 1, 2, 4, 8 and 8 pages."""
ROUNDS = 7


def page_s() -> float:
    """Returns the processor time of a page, in seconds: of its request, its reply and its share of a read."""
    stack = Stack()
    drop_logs()
    collect = partial(_collect, stack.finished_job(PAGES))
    recording = stack.record(collect)
    times = []
    for _ in range(ROUNDS):
        recording.rewind()
        times.append(timed(partial(quietly, collect)).processor / PAGES)
    return round(statistics.median(times), 5)


def _collect(job_id: str) -> None:
    """Requests all pages in turn, and writes the replies as Lambda's runtime client does."""
    from people_pathing.service.handlers import api

    token = ""
    for number in range(PAGES):
        parameters = {"JobId": job_id, "MaxResults": 1000, "SortBy": "INDEX", "NextToken": token}
        reply = api.handler(url_event("GetPersonTracking", parameters), CONTEXT)
        json.dumps(reply)
        _, found, rest = reply["body"].rpartition('"NextToken":"')
        assert bool(found) == (number < PAGES - 1), "the result has another number of pages"
        token = rest.removesuffix('"}')


if __name__ == "__main__":
    print(json.dumps(page_s()))

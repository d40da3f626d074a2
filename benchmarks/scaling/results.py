"""Measures collecting and analysing a result, with the pipeline's own code and botocore's clients.

    python -m benchmarks.scaling.results OBSERVATIONS

moto and a fake of the two operations answer in the same process, so the times are upper bounds.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import partial
from itertools import islice
from typing import Any

from moto import mock_aws

from benchmarks.timing import timed
from tests.fakes.pipeline import RESULTS, FakePipeline, upload_event

SAMPLED_FPS = 15
PEOPLE = 8


@dataclass(frozen=True, slots=True)
class ResultTime:
    """What a result takes after its job, in seconds of one processor.

    Attributes:
        observations: how many it has.
        collect_s: reading its pages and storing its files.
        analyze_s: writing its tables and its report.
        collect_calls: the calls to S3 of the first, by operation.
        analyze_calls: the calls to S3 of the second, by operation.
        stored_bytes: size of all its files.
    """

    observations: int
    collect_s: float
    analyze_s: float
    collect_calls: dict[str, int]
    analyze_calls: dict[str, int]
    stored_bytes: int


def result_time(observations: int) -> ResultTime:
    """Measures a result with so many observations."""
    with mock_aws():
        pipeline = FakePipeline()
        calls = Counter[str]()
        pipeline.s3.meta.events.register("before-call.s3", lambda model, **_: calls.update([str(model.name)]))
        pipeline.on_upload(pipeline.upload("street.mp4"))
        job_id = str(pipeline.record().job_id)
        notice = pipeline.service.succeed(job_id, list(islice(_persons(), observations)))
        calls.clear()
        collect_s = timed(partial(pipeline.on_notice, notice)).processor
        collect_calls = dict(sorted(calls.items()))
        record = pipeline.record()
        created = upload_event(
            f"{record.results_prefix}job.json", "version", record.updated_ms, bucket=RESULTS
        )
        calls.clear()
        analyze_s = timed(partial(pipeline.on_results, created)).processor
        analyze_calls = dict(sorted(calls.items()))
        stored_bytes = sum(map(len, pipeline.stored().values()))
    return ResultTime(
        observations, round(collect_s, 3), round(analyze_s, 3), collect_calls, analyze_calls, stored_bytes
    )


def _persons() -> Iterator[dict[str, Any]]:
    """Yields observations of people who walk from left to right and begin again."""
    frame = 0
    while True:
        for index in range(PEOPLE):
            left = (frame * 0.002 + index / PEOPLE) % 0.9
            box = {"Left": left, "Top": 0.1 + index * 0.08, "Width": 0.05, "Height": 0.21}
            person = {"Index": index, "BoundingBox": box}
            yield {"Timestamp": frame * 1000 // SAMPLED_FPS, "Person": person}
        frame += 1


if __name__ == "__main__":
    print(json.dumps(asdict(result_time(int(sys.argv[1])))))

"""How many calls were made, by what they were made for."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.simulation.world import Process

MINUTE_S = 60

SCHEDULED = frozenset({"ReconcileJobs", "SweepJobs"})
"""They look after all uploads or jobs."""

EVENT_DRIVEN = frozenset({"StartTracking", "CollectResults"})
"""Each of their events is about one upload."""


@dataclass(slots=True)
class CallCounts:
    """Counts calls. Those of people count for the total only.

    Attributes:
        total: all calls.
        by_upload: the calls of functions that events about an upload have invoked, by the upload.
        by_job: the calls of a job's steps and of its execution, by JobId.
        by_request: the calls of the API during one request, by the number of the invocation.
        by_minute: the calls of the functions that the schedule invokes, by minute.
    """

    total: int = 0
    by_upload: Counter[str] = field(default_factory=Counter)
    by_job: Counter[str] = field(default_factory=Counter)
    by_request: Counter[int] = field(default_factory=Counter)
    by_minute: Counter[int] = field(default_factory=Counter)

    def count(self, process: Process, now_s: float) -> None:
        """Counts a call of a process."""
        self.total += 1
        if process.task:
            self.by_job[process.task.partition("/")[0]] += 1
        elif process.role == "TrackingApi":
            self.by_request[process.number] += 1
        elif process.role in SCHEDULED:
            self.by_minute[int(now_s // MINUTE_S)] += 1
        elif process.role in EVENT_DRIVEN:
            self.by_upload[process.notes["upload"]] += 1


def upload_of(event: Mapping[str, Any]) -> str | None:
    """Returns which upload an event is about: the key of S3's event, or the JobTag of a notice, or None."""
    match event:
        case {"Records": [{"s3": {"object": {"key": key}}}]}:
            return str(key)
        case {"Records": [{"Sns": {"Message": message}}]}:
            return str(json.loads(message).get("JobTag"))
    return None

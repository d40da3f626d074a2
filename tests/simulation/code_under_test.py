"""The only module that knows the code's names: what is called, and where the facts are that the rules need.

Everything that a Lambda function would call is called through the real handlers, without the decorators that
log and trace. The simulator also runs the code before the job store, whose faults it has to find.
"""

from __future__ import annotations

import importlib
import inspect
import json
import re
import sys
from collections.abc import Callable, Mapping
from enum import Enum
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import people_pathing
from tests.simulation.fakes.bucket import Bucket
from tests.simulation.fakes.table import Table
from tests.simulation.replacements import Stage

SOURCE = Path(people_pathing.__file__).parents[1]
CHECKOUT = SOURCE.parent

HAS_JOB_STORE = (SOURCE / "people_pathing/service/job_store.py").exists()
"""The code before the job store kept its books in S3 objects."""

KEY_DIGITS = 32
"""How long the key of a job's item is. A JobId begins with it."""

_HANDLERS = "people_pathing.{}.handlers.{}"
FUNCTIONS: Mapping[str, tuple[str, str]] = {
    "StartTracking": (_HANDLERS.format("pipeline", "start_tracking"), "handler"),
    "CollectResults": (_HANDLERS.format("pipeline", "collect_results"), "handler"),
    "ReconcileJobs": (_HANDLERS.format("pipeline", "reconcile_jobs"), "handler"),
    "TrackingApi": (_HANDLERS.format("service", "api"), "handler"),
    "PlanJob": (_HANDLERS.format("service", "worker"), "plan"),
    "DetectSegment": (_HANDLERS.format("service", "worker"), "detect"),
    "AssociateWindow": (_HANDLERS.format("service", "worker"), "associate"),
    "LinkTracks": (_HANDLERS.format("service", "worker"), "link"),
    "PublishCompletion": (_HANDLERS.format("service", "finish"), "publish"),
    **(
        {"SweepJobs": (_HANDLERS.format("service", "sweep"), "handler")}
        if HAS_JOB_STORE
        else {"RecordFailure": (_HANDLERS.format("service", "finish"), "fail")}
    ),
}
"""Every function of the template: the module and name of its handler."""

PIPELINE_ROLES = ("StartTracking", "CollectResults", "ReconcileJobs")


def handle(stage: Stage, function: str, event: Any) -> Any:
    """Runs a function's handler in the current process."""
    module, name = FUNCTIONS[function]
    process = stage.world.current()
    context = SimpleNamespace(
        aws_request_id=f"request-{process.number}",
        get_remaining_time_in_millis=lambda: int(
            (process.started_s + process.timeout_s - stage.world.now_s) * 1000
        ),
    )
    return _handler(module, name)(event, context)


def job_indexes() -> dict[str, tuple[str, str]]:
    """Returns the hash key and the range key of every index of the pipeline's table, as the template says."""
    keys = r"\[\{AttributeName: (\w+), KeyType: HASH\}, \{AttributeName: (\w+), KeyType: RANGE\}\]"
    found = re.findall(rf"IndexName: (\S+)\n +KeySchema: {keys}", _template())
    assert found, "template.yaml has no index of the job table"
    return {name: (hash_key, range_key) for name, hash_key, range_key in found}


@cache
def _template() -> str:
    return (CHECKOUT / "template.yaml").read_text("utf-8")


@cache
def timeout_s(function: str) -> float:
    """Returns when Lambda kills an invocation of a function, as the template says."""
    template = _template()
    resource = re.search(rf"^  {function}:\n(?:    .*\n| *\n)+", template, re.MULTILINE)
    assert resource, f"template.yaml has no function {function}"
    found = re.search(r"^      Timeout: (\d+)$", resource[0], re.MULTILINE)
    # Otherwise the value in Globals counts, which is less indented.
    found = found or re.search(r"^    Timeout: (\d+)$", template, re.MULTILINE)
    assert found
    return float(found[1])


def state_machine() -> dict[str, Any]:
    """Returns the definition of the state machine."""
    text = (CHECKOUT / "statemachine/track_people.asl.json").read_text("utf-8")
    loaded: dict[str, Any] = json.loads(text.replace("${MaxConcurrentSegments}", "2"))
    return loaded


def slots(buckets: Mapping[str, Bucket], tables: Mapping[str, Table]) -> frozenset[str]:
    """Returns the JobIds of the jobs that hold a slot."""
    if HAS_JOB_STORE:
        register = tables["job-store"].items.get("#register", {})
        return frozenset(value.hex() for value in register.get("running", {"BS": []})["BS"])
    stored = buckets["artifacts"].current("job-slots.json")
    return frozenset(json.loads(stored.data or b"")["admitted_ms"]) if stored else frozenset()


def owed_notices(tables: Mapping[str, Table]) -> frozenset[str]:
    """Returns the JobIds of the jobs whose notice the service has yet to publish."""
    register = tables["job-store"].items.get("#register", {})
    return frozenset(value.hex() for value in register.get("ending", {"BS": []})["BS"])


def is_slot_item(name: str) -> bool:
    """Tells whether an object or item is the one that lists the slots."""
    return name == ("#register" if HAS_JOB_STORE else "job-slots.json")


def is_job_item(name: str, job_id: str) -> bool:
    """Tells whether an object or item is a job's own."""
    return len(name) >= KEY_DIGITS and job_id.startswith(name) if HAS_JOB_STORE else job_id in name


def jobs_about(bucket: str, key: str, tables: Mapping[str, Table]) -> list[str]:
    """Returns the JobIds of all items of the job store that name a video."""
    items = [item for item in tables["job-store"].items.values() if "request" in item]
    requests = [json.loads(item["request"]["S"]) for item in items]
    return [
        request["job_id"]
        for request in requests
        if (request["video"]["bucket"], request["video"]["name"]) == (bucket, key)
    ]


def video_id(bucket: str, key: str, version: str) -> str:
    """Returns the video id. Every caller who knows the three can compute it."""
    from people_pathing.pipeline.video import Video

    return Video(bucket, key, version, version).video_id


class Erasure(Enum):
    """How far the command `erase` has come with a video."""

    NOT_BEGUN = "not begun: it was never run, or it has refused and changed nothing"
    BEGUN = "begun: it has to be repeated"
    DONE = "done: everything is erased"


def erase(stage: Stage, bucket: str, key: str) -> Erasure:
    """Runs the command `erase` in the current process."""
    from people_pathing.cli.errors import CommandError
    from people_pathing.pipeline.job_table import JobTable

    table = JobTable(stage.client("dynamodb"), "jobs")
    try:
        if HAS_JOB_STORE:
            return _erase(stage, table, bucket, key)
        erase_module: Any = importlib.import_module("people_pathing.cli.commands.erase")
        stack = SimpleNamespace(
            s3=stage.client("s3"),
            job_table=table,
            results_bucket="results",
            artifact_bucket="artifacts",
            video_bucket=bucket,
        )
        erase_module.erase_video(stack, key, None, keep_video=False)
    except CommandError:
        return Erasure.NOT_BEGUN
    return Erasure.DONE


def _erase(stage: Stage, table: Any, bucket: str, key: str) -> Erasure:
    from people_pathing.cli.deployed_stack import DeployedStack
    from people_pathing.cli.erasing.videos import Selection, VideoErasure
    from people_pathing.cli.errors import CommandError
    from people_pathing.service.job_store import JobStore

    s3, jobs = stage.client("s3"), JobStore(stage.client("dynamodb"), "job-store")
    stack = DeployedStack(s3, table, bucket, "results", "artifacts", jobs)

    def wait_until(time_ms: int) -> None:
        stage.world.sleep(time_ms / 1000 - stage.world.now_s + 0.001)

    erasure = VideoErasure(stack, Selection(bucket, key), keep_video=False, wait_until=wait_until)
    found = erasure.find()
    try:
        erasure.run(found)
    except CommandError:
        return Erasure.BEGUN
    return Erasure.DONE


@cache
def _handler(module: str, name: str) -> Callable[[Any, Any], Any]:
    handler: Callable[[Any, Any], Any] = inspect.unwrap(getattr(sys.modules[module], name))
    return handler

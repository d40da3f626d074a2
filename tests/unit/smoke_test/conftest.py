"""A stack over moto, as the smoke test uses it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from moto import mock_aws

from people_pathing.common.clock import now_ms
from people_pathing.service.job_store import JobStore
from people_pathing.smoke_test.stack import OwnStack
from tests.fakes.pipeline import RESULTS, VIDEOS, FakePipeline, make_bucket
from tests.unit.service.world import make_job_store

ARTIFACTS = "people-pathing-artifacts"
STORE = "people-pathing-job-store"


@dataclass
class World:
    """A stack whose pipeline runs when a test says so.

    Attributes:
        app: the pipeline, with a fake of the service.
        stack: the resources of the stack.
    """

    app: FakePipeline = field(default_factory=lambda: FakePipeline(now_ms=now_ms()))
    stack: OwnStack = field(init=False)

    def __post_init__(self) -> None:
        make_bucket(self.app.s3, ARTIFACTS, versioned=False)
        make_job_store(self.app.dynamodb, STORE)
        store = JobStore(self.app.dynamodb, STORE)
        self.stack = OwnStack(self.app.s3, self.app.table, VIDEOS, RESULTS, ARTIFACTS, store)

    def stored(self, bucket: str) -> set[str]:
        """Returns the keys in a bucket, with those of old versions and of delete markers."""
        reply = self.app.s3.list_object_versions(Bucket=bucket)
        return {entry["Key"] for entry in [*reply.get("Versions", []), *reply.get("DeleteMarkers", [])]}

    def everything(self) -> list[set[str]]:
        """Returns all that is stored: keys of objects, keys of videos with records, and JobIds."""
        store = self.stack.job_store
        return [
            *(self.stored(bucket) for bucket in (VIDEOS, RESULTS, ARTIFACTS)),
            {record.key for record in self.app.records()},
            {stored.job.job_id for stored in store.all_jobs()} if store else set(),
        ]


@pytest.fixture
def world() -> Iterator[World]:
    with mock_aws():
        yield World()

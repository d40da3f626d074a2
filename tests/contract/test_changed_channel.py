"""Starts jobs while an update gives the stack another role or topic for completion notices."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from moto import mock_aws

from people_pathing.pipeline.job_record import JobRecord, JobState
from people_pathing.pipeline.start_queue import StartQueue
from people_pathing.pipeline.tracking_client import TrackingClient
from people_pathing.pipeline.video import Video
from people_pathing.service.handlers import api
from people_pathing.service.job import NotificationChannel
from tests.contract.in_process_api import InProcessApi
from tests.fakes.memory_table import MemoryTable
from tests.fakes.pipeline import TOKEN_SECRET, CountedMetrics
from tests.unit.service.in_memory_service import ROLE, TOPIC, Service
from tests.unit.service.world import VIDEO_BUCKET, VIDEO_NAME

OLD_CHANNEL = NotificationChannel(TOPIC, ROLE)
VIDEO = Video(VIDEO_BUCKET, VIDEO_NAME, None, "content")
SLOTS = 1
NEW_ROLE, NEW_TOPIC = f"{ROLE}-new", f"{TOPIC}-new"
MINUTE_S = 60


@dataclass
class Stack:
    """A pipeline and its service. Their parts are real, and the network between them is not."""

    service: Service = field(default_factory=lambda: Service(limit=SLOTS))
    network: InProcessApi = field(default_factory=InProcessApi)
    table: MemoryTable = field(default_factory=MemoryTable)
    channel: NotificationChannel = OLD_CHANNEL
    video: Video = VIDEO

    def update(self, *, topic: str = TOPIC, role: str = ROLE) -> None:
        """Gives the stack another topic, or another role. The service accepts the new role only."""
        self.channel = NotificationChannel(topic, role)
        self.service.roles = {role}

    @property
    def queue(self) -> StartQueue:
        tracking = TrackingClient(
            self.network.client(), self.channel.topic_arn, self.channel.role_arn, TOKEN_SECRET
        )
        s3: Any = self.service.s3
        metrics: Any = CountedMetrics()
        table: Any = self.table
        return StartQueue(table, tracking, s3, metrics, self.service.clock.now_ms, lambda: False)

    def upload(self) -> None:
        now_ms = self.service.clock.now_ms()
        assert self.table.add(JobRecord.of(self.video, now_ms, now_ms))

    def tick(self) -> None:
        """Lets the schedule start waiting jobs, a minute later."""
        self.service.wait(MINUTE_S)
        self.queue.start()

    @property
    def record(self) -> JobRecord:
        record = self.table.get(self.video.video_id)
        assert record is not None
        return record

    def channel_of_job(self) -> NotificationChannel | None:
        assert self.record.job_id is not None
        return self.service.job(self.record.job_id).channel


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    with mock_aws():
        stack = Stack()
        monkeypatch.setattr(api, "compose_operations", lambda: stack.service.operations())
        yield stack


def is_started(stack: Stack) -> bool:
    return stack.record.state is JobState.IN_PROGRESS


UPDATES = pytest.mark.parametrize(
    "change", [{"role": NEW_ROLE}, {"topic": NEW_TOPIC}], ids=["another role", "another topic"]
)


@UPDATES
def test_a_start_whose_reply_was_lost_finds_its_job_after_the_update(
    stack: Stack, change: dict[str, str]
) -> None:
    stack.upload()
    stack.network.replies_to_lose = 1
    stack.queue.start()
    [accepted] = stack.service.jobs.all_jobs()
    assert not is_started(stack)

    stack.update(**change)
    stack.tick()

    assert stack.record.job_id == accepted.job.job_id
    assert len(list(stack.service.jobs.all_jobs())) == 1


@UPDATES
def test_a_start_that_the_service_never_received_is_made_with_the_new_channel_after_the_update(
    stack: Stack, change: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stack.upload()
    with monkeypatch.context() as broken:
        broken.setattr(InProcessApi, "_send", refuse_connections)
        stack.queue.start()
    assert not is_started(stack)

    stack.update(**change)
    for _ in range(2):
        stack.tick()

    # Nothing shows that the request did not arrive, so it is repeated first. Only a gone role makes it fail.
    assert is_started(stack)
    expected = stack.channel if "role" in change else OLD_CHANNEL
    assert stack.channel_of_job() == expected


def refuse_connections(_self: object, request: Any, **_: Any) -> None:
    raise EndpointConnectionError(endpoint_url=request.url)


@UPDATES
def test_a_job_that_waited_for_a_slot_starts_with_the_new_channel_after_the_update(
    stack: Stack, change: dict[str, str]
) -> None:
    other = stack.service.start("other")
    stack.upload()
    stack.queue.start()
    assert stack.record.limit_reached_ms is not None

    stack.update(**change)
    stack.service.end(other)
    stack.tick()

    assert is_started(stack)
    assert stack.channel_of_job() == stack.channel


def test_a_start_that_arrives_late_is_found_although_the_new_channel_was_tried_first(stack: Stack) -> None:
    other = stack.service.start("other")
    stack.upload()
    stack.queue.start()
    requests = stack.record.requests
    assert requests is not None
    stack.update(topic=NEW_TOPIC)
    stack.service.end(other)
    # An earlier try of the same call was on its way for long.
    late = stack.queue.tracking.start(requests.current)
    for _ in range(2):
        stack.tick()

    assert is_started(stack)
    assert stack.record.job_id == getattr(late, "job_id", None)


def test_the_job_of_a_role_that_is_gone_is_polled_because_its_notice_cannot_be_published(
    stack: Stack,
) -> None:
    stack.upload()
    stack.queue.start()
    job_id = stack.record.job_id
    assert job_id is not None
    stack.update(role=NEW_ROLE)
    stack.service.sts.error_code = "AccessDenied"

    stack.service.end(job_id, "FAILED", "it is not a video")

    [stored] = stack.service.jobs.all_jobs()
    assert (stored.state, stored.is_notice_owed) == ("FAILED", True)
    assert not stack.service.jobs.register().running
    assert stack.record.due_ms - stack.service.clock.now_ms() <= MINUTE_S * 1000

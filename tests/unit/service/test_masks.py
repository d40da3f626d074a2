"""Masks of the service: read when a job is planned, kept in its plan, and used when people are detected."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from botocore.exceptions import ClientError

from people_pathing.results.provenance_header import read_header
from people_pathing.service.artifacts import plan_key
from people_pathing.service.composition.worker import compose_worker
from people_pathing.service.handlers.finish import publish
from people_pathing.service.job import VideoObject
from people_pathing.service.protocol.errors import VideoRejectedError, VideoUnreadableError
from people_pathing.service.steps.context import WorkerContext, read_plan
from people_pathing.service.steps.detect import detect
from people_pathing.service.steps.link import link
from people_pathing.service.steps.plan import plan
from people_pathing.service.steps.tasks import JobTask, SegmentTask, to_event
from people_pathing.service.videos.masks import masks_of
from tests.fakes.aws_errors import client_error
from tests.faults.injection import hooked
from tests.unit.service.test_worker import bright_models, draw_walker
from tests.unit.service.world import CONTEXT, VIDEO_BUCKET, VIDEO_NAME, World, call, put_video

EVERYTHING = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


@pytest.fixture
def context(world: World) -> WorkerContext:
    put_video(world.s3, body=draw_walker(Fraction(10), 10))
    return replace(compose_worker(), models=bright_models)


def put_zones(world: World, zones: object, key: str = "zones/lobby/.json") -> None:
    body = zones if isinstance(zones, bytes) else json.dumps(zones).encode()
    world.s3.put_object(Bucket=VIDEO_BUCKET, Key=key, Body=body)


def with_masks(*polygons: Any) -> dict[str, Any]:
    masks = [{"name": f"mask {number}", "polygon": polygon} for number, polygon in enumerate(polygons)]
    return {"version": 1, "masks": masks}


def test_the_plan_keeps_the_masks_of_the_videos_bucket_and_detection_uses_them(
    world: World, context: WorkerContext
) -> None:
    put_zones(world, with_masks(EVERYTHING))
    job_id = world.start()
    plan(JobTask(job_id), context)
    # What changes after the plan concerns later jobs only.
    put_zones(world, with_masks())

    assert read_plan(context.store, job_id).masks == (EVERYTHING,)
    assert detect(SegmentTask(job_id, 0), context).detections == 0
    publish(to_event(link(JobTask(job_id), context)), CONTEXT)
    reply = call("GetPersonTracking", {"JobId": job_id})
    assert reply.body["Persons"] == []
    made = read_header(reply.headers["x-people-pathing-provenance"])
    assert (made.masked_areas, made.masks) == (1, (EVERYTHING,))


def test_a_video_without_masks_is_analysed_as_a_whole(world: World, context: WorkerContext) -> None:
    put_zones(world, with_masks(EVERYTHING), "zones/stairs/.json")
    job_id = world.start()
    plan(JobTask(job_id), context)

    assert read_plan(context.store, job_id).masks == ()
    assert read_plan(context.store, job_id).provenance.masked_areas == 0
    assert detect(SegmentTask(job_id, 0), context).detections == 10


def test_a_plan_that_an_earlier_release_stored_has_no_masks(world: World, context: WorkerContext) -> None:
    job_id = world.start()
    plan(JobTask(job_id), context)
    stored = json.loads(context.store.read_existing(plan_key(job_id)))
    del stored["masks"]
    context.store.write(plan_key(job_id), json.dumps(stored).encode())

    assert read_plan(context.store, job_id).masks == ()


@pytest.mark.parametrize(
    ("zones", "reason"),
    [
        (b"{", "this is not JSON"),
        (b"\xff", "not UTF-8"),
        ({"version": 1, "mask": [EVERYTHING]}, 'did you mean "masks"'),
        (with_masks(EVERYTHING[:2]), "the polygon has 2 vertices"),
        ({"version": 2}, "this release reads version 1"),
    ],
)
def test_a_video_whose_masks_are_not_known_is_rejected(
    world: World, context: WorkerContext, zones: object, reason: str
) -> None:
    put_zones(world, zones)
    job_id = world.start()

    with pytest.raises(VideoRejectedError, match="correct it, then upload the video again") as rejected:
        plan(JobTask(job_id), context)
    assert f"s3://{VIDEO_BUCKET}/zones/lobby/.json" in str(rejected.value)
    assert reason in str(rejected.value)


def test_mistakes_that_do_not_concern_the_masks_do_not_stop_a_job(
    world: World, context: WorkerContext
) -> None:
    wrong = {"lines": [{"name": "door", "start": [0, 0], "end": [0, 0]}], "timezone": "nowhere", "zones": [7]}
    put_zones(world, {**with_masks(EVERYTHING), **wrong})
    job_id = world.start()
    plan(JobTask(job_id), context)

    assert read_plan(context.store, job_id).masks == (EVERYTHING,)


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [("AccessDenied", 403, VideoUnreadableError), ("SlowDown", 503, ClientError)],
)
def test_masks_that_cannot_be_read_now_let_the_step_fail_so_that_it_is_retried(
    world: World, code: str, status: int, error: type[Exception]
) -> None:
    s3 = world.s3

    def fail(**_: object) -> None:
        raise client_error(code, "ListObjectsV2", status)

    video = VideoObject(VIDEO_BUCKET, VIDEO_NAME, None, None, "etag", 1)
    with hooked(s3, "before-call", "ListObjectsV2", fail), pytest.raises(error):
        masks_of(s3, video)

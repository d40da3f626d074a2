"""Erasing the clips of smoke tests, also after an earlier erasure was interrupted."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest
from moto import mock_aws

from people_pathing.common.clock import now_ms
from people_pathing.common.finding import Outcome
from people_pathing.common.smoke_clips import SCHEDULED_PREFIX, new_scheduled_key
from people_pathing.pipeline.job_record import JobState
from people_pathing.service.job import Job, VideoObject
from people_pathing.service.job_items import new_job_id, token_key
from people_pathing.smoke_test.clip_erasure import erase_clip, keys_of_left_clips
from tests.fakes.person_tracking import person
from tests.fakes.pipeline import RESULTS, VIDEOS, FakePipeline
from tests.unit.smoke_test.conftest import ARTIFACTS, World

# Test ids contain it, and every process of pytest-xdist must have the same ids.
KEY = f"{SCHEDULED_PREFIX}5ad4d514-cddf-4192-918c-d6db6ca3714a.mp4"
NOTHING: list[set[str]] = [set()] * 5


def start_job(world: World, key: str, *, is_running: bool = False) -> dict[str, Any]:
    """Uploads a video and starts its job in both halves. Returns the event of the upload."""
    uploaded = world.app.upload(key)
    world.app.on_upload(uploaded)
    [record] = [record for record in world.app.records() if record.key == key]
    store = world.stack.job_store
    assert store is not None
    job_id = new_job_id(token_key("123456789012", key))
    video = VideoObject(VIDEOS, key, None, record.version, "etag", 1)
    store.add(Job(job_id, "123456789012", video, None, None, "0" * 64, world.app.now_ms), "digest", 20)
    if not is_running:
        store.end(job_id, "SUCCEEDED", None, "execution")
        store.remove(job_id)
    for of_half in (job_id, str(record.job_id)):
        world.app.s3.put_object(Bucket=ARTIFACTS, Key=f"jobs/{of_half}/observations.bin", Body=b"-")
    return uploaded


def track(world: World, key: str) -> None:
    start_job(world, key)
    world.app.on_notice(world.app.service.succeed(str(world.app.records()[-1].job_id), [person(0, 0, 0, 0)]))


def test_everything_about_a_clip_is_erased_and_other_videos_stay(world: World) -> None:
    for key in ("street.mp4", f"{KEY}.other.mp4"):
        track(world, key)
    before = world.everything()
    track(world, KEY)
    world.app.s3.delete_object(Bucket=VIDEOS, Key=KEY)

    finding = erase_clip(world.stack, KEY, 0)

    # The bucket has another key that begins with this one.
    assert f"left under s3://{VIDEOS}/{KEY}" in finding.message
    assert world.everything() == before


def test_an_erasure_says_how_much_it_erased(world: World) -> None:
    track(world, KEY)

    finding = erase_clip(world.stack, KEY, 0)

    assert finding.outcome is Outcome.OK
    assert finding.message == "erased the clip, 1 job record, 1 job of the service and 5 objects"
    assert world.everything() == NOTHING


def test_a_clip_that_waits_for_its_turn_is_erased_and_never_starts(world: World) -> None:
    world.app.service.limit = 0
    uploaded = world.app.upload(KEY)
    world.app.on_upload(uploaded)
    assert world.app.record().state is JobState.WAITING

    assert erase_clip(world.stack, KEY, 0).outcome is Outcome.OK
    world.app.service.limit = 20
    world.app.on_schedule()
    world.app.on_upload(uploaded)

    assert world.app.service.jobs == {}
    assert world.everything() == NOTHING


def test_an_event_that_arrives_after_the_erasure_records_nothing(world: World) -> None:
    uploaded = world.app.upload(KEY)

    assert erase_clip(world.stack, KEY, 0).outcome is Outcome.OK
    world.app.on_upload(uploaded)

    assert world.everything() == NOTHING


@pytest.mark.parametrize("runs_in", ["pipeline", "service"])
def test_a_clip_whose_job_runs_stays_until_the_job_has_ended(world: World, runs_in: str) -> None:
    start_job(world, KEY, is_running=runs_in == "service")
    if runs_in == "service":
        world.app.on_notice(world.app.service.succeed(str(world.app.record().job_id), [person(0, 0, 0, 0)]))

    finding = erase_clip(world.stack, KEY, 0)

    assert finding.outcome is Outcome.FAILED
    assert finding.message == f"the clip was not erased: s3://{VIDEOS}/{KEY} is being tracked; " + (
        "erase it when its job has ended"
    )
    assert world.stored(VIDEOS) == {KEY}


def test_an_erasure_that_was_interrupted_anywhere_is_completed_by_the_next_one() -> None:
    for interrupted_call in count(1):
        with mock_aws():
            world = World()
            track(world, KEY)
            if not is_interrupted(world, interrupted_call):
                break
            left = keys_of_left_clips(world.stack, now_ms() + 60_000)
            assert left == [KEY] or world.everything() == NOTHING
            erase_clip(world.stack, KEY, 0)
            assert world.everything() == NOTHING, interrupted_call
    assert interrupted_call > 15


def is_interrupted(world: World, interrupted_call: int) -> bool:
    """Begins an erasure whose process ends before one of its calls. Returns False if it makes fewer calls."""
    numbers = count(1)

    def interrupt(**_: object) -> None:
        if next(numbers) == interrupted_call:
            raise KeyboardInterrupt

    clients(world.app, "register", interrupt)
    try:
        erase_clip(world.stack, KEY, 0)
    except KeyboardInterrupt:
        return True
    finally:
        clients(world.app, "unregister", interrupt)
    return False


def clients(app: FakePipeline, action: str, hook: Any) -> None:
    for client in (app.s3, app.dynamodb):
        getattr(client.meta.events, action)("before-call", hook)


def test_only_clips_that_are_old_enough_are_left_ones(world: World) -> None:
    other = new_scheduled_key()
    for key in (KEY, other, "people-pathing-smoke/of-a-user.mp4", "street.mp4"):
        world.app.upload(key)

    assert keys_of_left_clips(world.stack, now_ms() + 60_000) == sorted([KEY, other])
    assert keys_of_left_clips(world.stack, now_ms() - 60_000) == []


@pytest.mark.parametrize(
    "key",
    [
        f"{SCHEDULED_PREFIX}users-own.mp4",
        f"{KEY}.mp4",
        KEY.removesuffix(".mp4"),
        KEY.replace(SCHEDULED_PREFIX, f"{SCHEDULED_PREFIX}mine/"),
        KEY.upper().replace(SCHEDULED_PREFIX.upper(), SCHEDULED_PREFIX),
        f"{SCHEDULED_PREFIX}00000000-0000-1000-8000-000000000000.mp4",
        f"{KEY}\n",
    ],
)
def test_an_object_with_a_key_that_no_run_makes_is_not_a_left_clip(world: World, key: str) -> None:
    world.app.upload(key)

    assert keys_of_left_clips(world.stack, now_ms() + 60_000) == []


def test_something_that_cannot_be_deleted_is_a_failure(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    track(world, KEY)
    monkeypatch.setattr(world.stack.s3, "delete_object", lambda **_: None)

    finding = erase_clip(world.stack, KEY, 0)

    assert finding.outcome is Outcome.FAILED
    assert f"s3://{VIDEOS}/{KEY} and s3://{RESULTS}/{KEY}" in finding.message
    assert finding.advice == f"people-pathing erase {KEY}"

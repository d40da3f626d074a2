"""Erasing the jobs of videos, and what is stored about them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from botocore.exceptions import ClientError

from people_pathing.service.erasure import LONGEST_STEP_MS, Eraser, JobInProgressError
from people_pathing.service.handlers import finish
from people_pathing.service.job import Job
from people_pathing.service.job_items import new_job_id, token_key
from tests.fakes.aws_errors import client_error
from tests.faults.injection import hooked
from tests.unit.service.world import ARTIFACT_BUCKET, CONTEXT, World, a_job


@pytest.fixture
def eraser(world: World) -> Eraser:
    return Eraser(world.jobs, world.s3, ARTIFACT_BUCKET)


def _add_job(world: World, token: str, name: str, *files: str, version: str = "v1", end: bool = True) -> str:
    job = a_job(new_job_id(token_key("another account", token)))
    job = replace(job, video=replace(job.video, name=name, version=version))
    world.jobs.add(job, "digest", 20)
    for file in files:
        world.store.write(f"jobs/{job.job_id}/{file}", b"artifact")
    if end:
        finish.publish({"job_id": job.job_id, "status": "SUCCEEDED"}, CONTEXT)
    return job.job_id


def _named(name: str) -> Callable[[Job], bool]:
    return lambda job: job.video.name == name


def _keys(world: World) -> list[str]:
    listed = world.s3.list_object_versions(Bucket=ARTIFACT_BUCKET)
    return sorted(entry["Key"] for entry in [*listed.get("Versions", []), *listed.get("DeleteMarkers", [])])


def test_the_jobs_of_a_video_are_found_and_erased_whoever_started_them(world: World, eraser: Eraser) -> None:
    one = _add_job(world, "one", "a.mp4", "observations.bin", "segments/0.npz")
    two = _add_job(world, "two", "a.mp4", "plan.json")
    other = _add_job(world, "other", "other.mp4", "observations.bin")

    plan = eraser.prepare(_named("a.mp4"))

    assert plan.job_ids == {one, two}
    assert eraser.erase(plan) == 3
    assert eraser.finish(plan) == 2
    assert _keys(world) == [f"jobs/{other}/observations.bin"]
    assert [stored.job.job_id for stored in world.jobs.all_jobs()] == [other]


def test_the_video_of_every_job_is_compared(world: World, eraser: Eraser) -> None:
    old = _add_job(world, "old", "a.mp4", version="v1")
    _add_job(world, "new", "a.mp4", version="v2")

    assert eraser.prepare(lambda job: job.video.version == "v1").job_ids == {old}
    assert eraser.prepare(lambda job: job.video.bucket == "another bucket").job_ids == frozenset()


def test_a_running_job_is_an_error_and_nothing_is_erased(world: World, eraser: Eraser) -> None:
    _add_job(world, "running", "a.mp4", "segments/0.npz", end=False)
    before = _keys(world)

    with pytest.raises(JobInProgressError, match=r"s3://videos/a\.mp4 is being tracked"):
        eraser.prepare(_named("a.mp4"))
    assert _keys(world) == before
    assert eraser.prepare(_named("other.mp4")).job_ids == frozenset()


def test_erasing_is_final_once_no_step_of_a_stopped_job_can_be_running(world: World, eraser: Eraser) -> None:
    job_id = _add_job(world, "one", "a.mp4")
    stored = world.jobs.get(job_id)
    assert stored is not None

    assert eraser.prepare(_named("a.mp4")).settled_ms == stored.ended_s * 1000 + LONGEST_STEP_MS


def test_what_a_late_step_wrote_is_erased_by_the_second_pass(world: World, eraser: Eraser) -> None:
    job_id = _add_job(world, "one", "a.mp4", "segments/0.npz")
    plan = eraser.prepare(_named("a.mp4"))
    eraser.erase(plan)

    world.store.write(f"jobs/{job_id}/observations.bin", b"late")

    assert eraser.erase(plan) == 1
    assert eraser.finish(plan) == 1
    assert _keys(world) == []


def test_erasing_can_be_taken_up_again_by_another_process(world: World, eraser: Eraser) -> None:
    _add_job(world, "one", "a.mp4", "observations.bin")
    eraser.erase(eraser.prepare(_named("a.mp4")))

    again = eraser.prepare(_named("a.mp4"))

    assert len(again.job_ids) == 1
    assert (eraser.erase(again), eraser.finish(again), eraser.finish(again)) == (0, 1, 1)
    assert eraser.prepare(_named("a.mp4")).job_ids == frozenset()


def test_a_job_that_has_started_since_is_not_deleted(world: World, eraser: Eraser) -> None:
    job_id = _add_job(world, "one", "a.mp4")
    plan = eraser.prepare(_named("a.mp4"))
    eraser.finish(plan)
    again = _add_job(world, "one", "a.mp4", end=False)

    assert eraser.finish(plan) == 0
    assert world.jobs.get(again) is not None
    assert again != job_id


def test_a_running_job_is_not_deleted(world: World) -> None:
    job_id = _add_job(world, "one", "a.mp4", end=False)

    assert not world.jobs.delete(job_id)
    assert world.jobs.get(job_id) is not None


def test_all_versions_delete_markers_and_unfinished_uploads_are_erased(world: World, eraser: Eraser) -> None:
    world.s3.put_bucket_versioning(Bucket=ARTIFACT_BUCKET, VersioningConfiguration={"Status": "Enabled"})
    job_id = _add_job(world, "one", "a.mp4", "observations.bin")
    key = f"jobs/{job_id}/observations.bin"
    world.store.write(key, b"again")
    world.s3.delete_object(Bucket=ARTIFACT_BUCKET, Key=key)
    world.s3.create_multipart_upload(Bucket=ARTIFACT_BUCKET, Key=key)

    assert eraser.erase(eraser.prepare(_named("a.mp4"))) == 3
    assert _keys(world) == []
    assert "Uploads" not in world.s3.list_multipart_uploads(Bucket=ARTIFACT_BUCKET)


@pytest.mark.parametrize(("code", "is_raised"), [("NoSuchUpload", False), ("AccessDenied", True)])
def test_an_upload_that_ended_after_it_was_listed_is_no_error(
    world: World, eraser: Eraser, code: str, is_raised: bool
) -> None:
    job_id = _add_job(world, "one", "a.mp4", "observations.bin")
    world.s3.create_multipart_upload(Bucket=ARTIFACT_BUCKET, Key=f"jobs/{job_id}/observations.bin")
    plan = eraser.prepare(_named("a.mp4"))

    def fail(**_: object) -> None:
        raise client_error(code, "AbortMultipartUpload")

    with hooked(eraser.s3, "before-call", "AbortMultipartUpload", fail):
        if is_raised:
            with pytest.raises(ClientError, match=code):
                eraser.erase(plan)
        else:
            assert eraser.erase(plan) == 1
            assert _keys(world) == []


def test_what_an_upload_stores_while_it_is_aborted_is_erased(world: World, eraser: Eraser) -> None:
    job_id = _add_job(world, "one", "a.mp4")
    key = f"jobs/{job_id}/observations.bin"
    world.s3.create_multipart_upload(Bucket=ARTIFACT_BUCKET, Key=key)

    def complete(**_: object) -> None:
        world.store.write(key, b"late")

    with hooked(eraser.s3, "before-call", "AbortMultipartUpload", complete):
        assert eraser.erase(eraser.prepare(_named("a.mp4"))) == 1
    assert _keys(world) == []

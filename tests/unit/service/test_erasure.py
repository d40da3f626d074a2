"""Erasing a video's jobs from the service's private bucket."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from people_pathing.common.json_values import to_json
from people_pathing.service import erasure
from people_pathing.service.erasure import Eraser, JobInProgressError
from tests.unit.service.world import ARTIFACT_BUCKET, VIDEO_BUCKET, World, a_job


@pytest.fixture
def eraser(world: World) -> Eraser:
    return Eraser(world.s3, ARTIFACT_BUCKET)


def _store_job(world: World, job_id: str, name: str, *files: str, version: str = "v1") -> None:
    job = a_job(job_id)
    job = replace(job, video=replace(job.video, name=name, version=version))
    world.store.write(f"jobs/{job_id}/request.json", to_json(job).encode())
    for file in files:
        world.store.write(f"jobs/{job_id}/{file}", b"artifact")


def _keys(world: World) -> list[str]:
    listed = world.s3.list_object_versions(Bucket=ARTIFACT_BUCKET)
    return sorted(entry["Key"] for entry in [*listed.get("Versions", []), *listed.get("DeleteMarkers", [])])


def test_the_jobs_of_a_video_are_found_and_erased_whoever_started_them(world: World, eraser: Eraser) -> None:
    _store_job(world, "one", "a.mp4", "observations.bin", "segments/0.npz")
    _store_job(world, "two", "a.mp4", "outcome.json")
    _store_job(world, "other", "other.mp4", "observations.bin")
    world.store.write("job-slots.json", b"{}")
    world.store.write("tokens/1/client/a", b"{}")

    job_ids = eraser.prepare(VIDEO_BUCKET, "a.mp4")

    assert job_ids == {"one", "two"}
    assert eraser.erase(job_ids) == 5
    assert _keys(world) == [
        "job-slots.json",
        "jobs/other/observations.bin",
        "jobs/other/request.json",
        "tokens/1/client/a",
    ]


def test_a_key_in_another_bucket_is_another_video(world: World, eraser: Eraser) -> None:
    _store_job(world, "one", "a.mp4", "observations.bin")

    assert eraser.prepare("another-bucket", "a.mp4") == frozenset()


def test_only_the_named_version_of_a_video_is_erased(world: World, eraser: Eraser) -> None:
    _store_job(world, "old", "a.mp4", "observations.bin", version="v1")
    _store_job(world, "new", "a.mp4", "observations.bin", version="v2")

    assert eraser.prepare(VIDEO_BUCKET, "a.mp4", "v1") == {"old"}
    assert eraser.prepare(VIDEO_BUCKET, "a.mp4") == {"old", "new"}


def test_a_job_that_may_be_running_is_an_error_and_nothing_is_erased(
    world: World, eraser: Eraser, monkeypatch: pytest.MonkeyPatch
) -> None:
    _store_job(world, "running", "a.mp4", "segments/0.npz")
    before = _keys(world)

    with pytest.raises(JobInProgressError, match=r"s3://videos/a\.mp4 is being tracked"):
        eraser.prepare(VIDEO_BUCKET, "a.mp4")
    assert _keys(world) == before
    assert eraser.prepare(VIDEO_BUCKET, "other.mp4") == frozenset()

    monkeypatch.setattr(erasure, "LONGEST_RUN", timedelta(0))
    assert eraser.prepare(VIDEO_BUCKET, "a.mp4") == {"running"}


def test_artifacts_without_a_request_belong_to_no_video(world: World, eraser: Eraser) -> None:
    world.store.write("jobs/half-erased/observations.bin", b"artifact")

    assert eraser.prepare(VIDEO_BUCKET, "a.mp4") == frozenset()


def test_all_versions_and_delete_markers_are_erased(world: World, eraser: Eraser) -> None:
    world.s3.put_bucket_versioning(Bucket=ARTIFACT_BUCKET, VersioningConfiguration={"Status": "Enabled"})
    _store_job(world, "one", "a.mp4", "observations.bin")
    world.store.write("jobs/one/observations.bin", b"again")
    world.store.delete("jobs/one/observations.bin")

    assert eraser.erase(["one"]) == 4
    assert _keys(world) == []


def test_erasing_a_job_twice_erases_nothing_more(world: World, eraser: Eraser) -> None:
    _store_job(world, "one", "a.mp4", "observations.bin")

    assert eraser.erase(["one"]) == 2
    assert eraser.erase(["one"]) == 0

"""A job's progress, estimated from its stored artifacts."""

from __future__ import annotations

import json

import pytest

from people_pathing.service.artifacts import (
    observations_key,
    plan_key,
    segment_key,
    window_key,
)
from people_pathing.service.progress import job_progress
from tests.unit.service.world import ARTIFACT_BUCKET, World


def _progress(world: World) -> float:
    return job_progress(world.s3, ARTIFACT_BUCKET, "job")


def test_progress_grows_from_the_plan_to_the_result(world: World) -> None:
    world.store.write(segment_key("another-job", 0), b"")
    assert _progress(world) == 0.0

    world.store.write(plan_key("job"), json.dumps({"segments": [{}] * 4}).encode())
    assert _progress(world) == 0.02

    world.store.write(segment_key("job", 2), b"")
    assert _progress(world) == pytest.approx(0.25)
    for index in range(4):
        world.store.write(segment_key("job", index), b"")
    assert _progress(world) == pytest.approx(0.94)

    world.store.write(window_key("job", 0), b"")
    assert _progress(world) == pytest.approx(0.94)

    world.store.write(observations_key("job"), b"")
    assert _progress(world) == 0.97


def test_a_bucket_that_cannot_be_read_means_no_progress(world: World) -> None:
    assert job_progress(world.s3, "no-such-bucket", "job") == 0.0

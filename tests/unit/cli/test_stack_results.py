"""Which results of a deployed stack `people-pathing count` fetches."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from moto import mock_aws

from people_pathing.cli.counting.stack_results import fetch_sources
from people_pathing.cli.deployed_stack import DeployedStack
from tests.fakes.pipeline import JOBS, RESULTS, VIDEOS, FakePipeline, make_bucket
from tests.unit.cli.test_count import persons


@pytest.fixture
def app() -> Iterator[FakePipeline]:
    with mock_aws():
        yield FakePipeline()


def test_a_video_of_another_bucket_does_not_take_the_place_of_one_with_the_same_key(
    app: FakePipeline, tmp_path: Path
) -> None:
    make_bucket(app.s3, "other")
    for bucket in (VIDEOS, "other"):
        app.now_ms += 60_000
        app.on_upload(app.upload("cam7/a.mp4", bucket=bucket))
        app.on_notice(app.service.succeed(str(app.records()[-1].job_id), persons(2)))
    outputs = {"JobTableName": JOBS, "VideoBucketName": VIDEOS, "ResultsBucketName": RESULTS}

    fetched = fetch_sources(DeployedStack.of(outputs, app.s3, app.dynamodb), [], "cam7/", tmp_path)

    assert [source.video for source in fetched] == [f"s3://{VIDEOS}/cam7/a.mp4"]

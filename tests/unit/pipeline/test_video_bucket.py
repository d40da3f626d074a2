"""Whether an uploaded video still exists."""

from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from people_pathing.pipeline.video import Video
from people_pathing.pipeline.video_bucket import unavailable_reason
from tests.fakes.pipeline import VIDEOS, FakePipeline, make_bucket


def _video(pipeline: FakePipeline, key: str = "a.mp4", bucket: str = VIDEOS) -> Video:
    pipeline.upload(key, bucket=bucket)
    head = pipeline.s3.head_object(Bucket=bucket, Key=key)
    if "VersionId" in head:
        return Video(bucket, key, head["VersionId"], head["VersionId"])
    return Video.without_version(bucket, key, head["ETag"].strip('"'), "01")


def test_an_existing_video_is_available(pipeline: FakePipeline) -> None:
    assert unavailable_reason(pipeline.s3, _video(pipeline)) is None


def test_a_video_behind_a_delete_marker_is_not_available(pipeline: FakePipeline) -> None:
    video = _video(pipeline)
    pipeline.s3.delete_object(Bucket=VIDEOS, Key="a.mp4")
    assert unavailable_reason(pipeline.s3, video) == "the object was deleted before its job started"


def test_an_older_version_is_available(pipeline: FakePipeline) -> None:
    video = _video(pipeline)
    pipeline.upload("a.mp4", b"newer")
    assert unavailable_reason(pipeline.s3, video) is None


def test_without_versions_an_overwritten_video_is_not_available(pipeline: FakePipeline) -> None:
    make_bucket(pipeline.s3, "unversioned", versioned=False)
    video = _video(pipeline, bucket="unversioned")
    assert unavailable_reason(pipeline.s3, video) is None
    pipeline.upload("a.mp4", b"newer", bucket="unversioned")
    assert unavailable_reason(pipeline.s3, video) == "the object was overwritten before its job started"


@pytest.mark.parametrize(
    "error",
    [
        ClientError({"Error": {"Code": "403", "Message": "Forbidden"}}, "HeadObject"),
        EndpointConnectionError(endpoint_url="https://nowhere"),
    ],
)
def test_a_video_counts_as_available_if_s3_cannot_be_asked(error: Exception) -> None:
    class Unreachable:
        def head_object(self, **_: str) -> None:
            raise error

    client: Any = Unreachable()
    assert unavailable_reason(client, Video("videos", "a.mp4", "v1", "v1")) is None

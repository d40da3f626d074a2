"""Whether an uploaded video still exists."""

from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from people_pathing.pipeline.video import Video
from people_pathing.pipeline.video_bucket import unavailable_reason, unreadable_reason
from tests.fakes.aws_errors import client_error
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
    assert unavailable_reason(pipeline.s3, video) == (
        "the object was deleted before its job started: its current version is a delete marker"
    )


def test_a_video_whose_versions_are_all_deleted_is_not_available(pipeline: FakePipeline) -> None:
    video = _video(pipeline)
    pipeline.s3.delete_object(Bucket=VIDEOS, Key="a.mp4", VersionId=str(video.version))
    assert unavailable_reason(pipeline.s3, video) == "the object was deleted before its job started"


def test_a_video_is_unreadable_if_its_version_was_deleted_although_a_newer_one_exists(
    pipeline: FakePipeline,
) -> None:
    video = _video(pipeline)
    pipeline.upload("a.mp4", b"newer")
    assert unreadable_reason(pipeline.s3, video) is None
    pipeline.s3.delete_object(Bucket=VIDEOS, Key="a.mp4", VersionId=str(video.version))
    assert unreadable_reason(pipeline.s3, video) == "the object was deleted before its job started"


def test_an_empty_video_is_unreadable(pipeline: FakePipeline) -> None:
    pipeline.upload("a.mp4", b"")
    head = pipeline.s3.head_object(Bucket=VIDEOS, Key="a.mp4")
    video = Video(VIDEOS, "a.mp4", head["VersionId"], head["VersionId"])
    assert unreadable_reason(pipeline.s3, video) == "the object is empty"


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        ({"StorageClass": "GLACIER"}, "the object is archived (GLACIER) and not restored"),
        ({"StorageClass": "DEEP_ARCHIVE"}, "the object is archived (DEEP_ARCHIVE) and not restored"),
        ({"StorageClass": "GLACIER_IR"}, None),
        (
            {"StorageClass": "INTELLIGENT_TIERING", "ArchiveStatus": "DEEP_ARCHIVE_ACCESS"},
            "the object is archived (DEEP_ARCHIVE_ACCESS) and not restored",
        ),
        ({"StorageClass": "INTELLIGENT_TIERING"}, None),
        ({"StorageClass": "GLACIER", "Restore": 'ongoing-request="true"'}, None),
    ],
)
def test_an_archived_video_is_unreadable_unless_it_is_being_restored(
    head: dict[str, str], reason: str | None
) -> None:
    class Archive:
        def head_object(self, **_: str) -> dict[str, object]:
            return {"ContentLength": 1, **head}

    client: Any = Archive()
    assert unreadable_reason(client, Video("videos", "a.mp4", "v1", "v1")) == reason


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
        client_error("403", "HeadObject", 403, message="Forbidden"),
        EndpointConnectionError(endpoint_url="https://nowhere"),
    ],
)
def test_a_video_counts_as_available_if_s3_cannot_be_asked(error: Exception) -> None:
    class Unreachable:
        def head_object(self, **_: str) -> None:
            raise error

    client: Any = Unreachable()
    assert unavailable_reason(client, Video("videos", "a.mp4", "v1", "v1")) is None
    assert unreadable_reason(client, Video("videos", "a.mp4", "v1", "v1")) is None

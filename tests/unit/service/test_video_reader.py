"""A video in S3, read as a file."""

from __future__ import annotations

import io
import os
import random
from dataclasses import replace
from itertools import pairwise

import pytest
from botocore.exceptions import ClientError

from people_pathing.service.job import VideoObject
from people_pathing.service.protocol.errors import VideoRejectedError, VideoUnreadableError
from people_pathing.service.videos import reader
from people_pathing.service.videos.reader import KEPT_BLOCKS, S3VideoReader, open_video
from tests.fakes.aws_errors import client_error
from tests.unit.service.world import VIDEO_BUCKET, World

SIZE = 100_003


@pytest.fixture
def content(world: World) -> bytes:
    body = random.Random(1).randbytes(SIZE)
    world.s3.put_object(Bucket=VIDEO_BUCKET, Key="v.mp4", Body=body)
    return body


@pytest.fixture
def video(world: World, content: bytes) -> VideoObject:
    head = world.s3.head_object(Bucket=VIDEO_BUCKET, Key="v.mp4")
    return VideoObject(VIDEO_BUCKET, "v.mp4", None, head["VersionId"], head["ETag"], SIZE)


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "BLOCK_BYTES", 10_000)


def test_reading_at_any_position_gives_the_same_bytes_as_a_file(
    world: World, content: bytes, video: VideoObject
) -> None:
    oracle, moves = io.BytesIO(content), random.Random(2)
    with open_video(world.s3, video) as file:
        for _ in range(60):
            whence = moves.choice((os.SEEK_SET, os.SEEK_CUR, os.SEEK_END))
            base = {os.SEEK_SET: 0, os.SEEK_CUR: oracle.tell(), os.SEEK_END: SIZE}[whence]
            offset = moves.randrange(-base, SIZE + 100 - base)
            size = moves.choice((0, 1, 100, 9_999, 10_000, 35_000, -1))

            assert file.seek(offset, whence) == oracle.seek(offset, whence)
            assert file.read(size) == oracle.read(size)
            assert file.tell() == oracle.tell()


def test_a_position_before_the_beginning_is_rejected(world: World, video: VideoObject) -> None:
    with pytest.raises(ValueError, match=r"before the beginning of s3://videos/v\.mp4"):
        S3VideoReader(world.s3, video).seek(-1)


class _Denying:
    """S3 when it refuses to return the object."""

    def __init__(self, code: str) -> None:
        self.code = code

    def get_object(self, **_: object) -> None:
        raise client_error(self.code, "GetObject", 403)


@pytest.mark.parametrize("code", ["AccessDenied", "KMS.DisabledException", "NoSuchBucket"])
def test_a_video_without_access_is_reported_by_name_and_can_be_retried(video: VideoObject, code: str) -> None:
    with (
        open_video(_Denying(code), video) as file,  # type: ignore[arg-type]
        pytest.raises(VideoUnreadableError, match=r"^s3://videos/v\.mp4 cannot be read: it is "),
    ):
        file.read()


def test_a_video_that_is_archived_while_its_job_runs_is_rejected_by_name(
    world: World, video: VideoObject
) -> None:
    world.s3.copy_object(
        Bucket=VIDEO_BUCKET,
        Key="v.mp4",
        CopySource={"Bucket": VIDEO_BUCKET, "Key": "v.mp4"},
        StorageClass="GLACIER",
    )
    head = world.s3.head_object(Bucket=VIDEO_BUCKET, Key="v.mp4")
    archived = replace(video, version=head["VersionId"], etag=head["ETag"])

    with (
        open_video(world.s3, archived) as file,
        pytest.raises(
            VideoRejectedError, match=r"can no longer be read: it is archived \(GLACIER\); restore"
        ),
    ):
        file.read()


def test_sequential_reading_fetches_every_byte_once_in_long_runs(
    world: World, content: bytes, video: VideoObject
) -> None:
    s3 = _Recording(world.s3)

    with open_video(s3, video) as file:  # type: ignore[arg-type]
        assert file.read() == content

    bounds = (0, 10_000, 20_000, 60_000, 100_000, SIZE)
    assert s3.ranges == [f"bytes={start}-{end - 1}" for start, end in pairwise(bounds)]


def test_a_seek_ends_a_run(world: World, video: VideoObject) -> None:
    s3 = _Recording(world.s3)
    reader = S3VideoReader(s3, video)  # type: ignore[arg-type]

    for position in (0, 10_000, 20_000, 80_000, 70_000, 90_000):
        reader.seek(position)
        reader.read(100)

    starts = [int(range_.removeprefix("bytes=").partition("-")[0]) for range_ in s3.ranges]
    ends = [int(range_.rpartition("-")[2]) + 1 for range_ in s3.ranges]
    assert starts == [0, 10_000, 20_000, 80_000, 70_000, 90_000]
    assert [end - start for start, end in zip(starts, ends, strict=True)] == [
        *(10_000, 10_000, 40_000),
        *(10_000, 10_000, 10_000),
    ]


def test_alternating_between_few_positions_fetches_each_once_and_memory_is_bounded(
    world: World, video: VideoObject
) -> None:
    s3 = _Recording(world.s3)
    reader = S3VideoReader(s3, video)  # type: ignore[arg-type]

    for position in (0, 90_000, 40_000) * 20:
        reader.seek(position)
        reader.read(100)
    assert len(s3.ranges) == 3

    for position in range(0, SIZE, 1_000):
        reader.seek(position)
        reader.read(10)
        assert len(reader._blocks) <= KEPT_BLOCKS


def test_an_index_that_is_read_between_other_parts_is_fetched_once(world: World, video: VideoObject) -> None:
    s3 = _Recording(world.s3)
    reader = S3VideoReader(s3, video)  # type: ignore[arg-type]

    for position in range(10_000, SIZE, 10_000):
        for start in (0, position):
            reader.seek(start)
            reader.read(100)

    assert sum(range_.startswith("bytes=0-") for range_ in s3.ranges) == 1
    assert len(s3.ranges) == len(set(s3.ranges))


def test_a_versioned_video_that_is_overwritten_is_still_read_as_it_was(
    world: World, content: bytes, video: VideoObject
) -> None:
    world.s3.put_object(Bucket=VIDEO_BUCKET, Key="v.mp4", Body=b"another")

    with open_video(world.s3, video) as file:
        assert file.read() == content


def test_a_video_whose_version_is_deleted_is_rejected_by_name(world: World, video: VideoObject) -> None:
    world.s3.delete_object(Bucket=VIDEO_BUCKET, Key="v.mp4", VersionId=video.version or "")

    with (
        open_video(world.s3, video) as file,
        pytest.raises(VideoRejectedError, match=r"s3://videos/v\.mp4 can no longer be read: it has no such"),
    ):
        file.read()


def test_an_unversioned_video_that_is_overwritten_is_rejected_by_name(world: World) -> None:
    world.s3.create_bucket(Bucket="plain")
    head = world.s3.put_object(Bucket="plain", Key="v.mp4", Body=b"first")
    video = VideoObject("plain", "v.mp4", None, None, head["ETag"], 5)
    world.s3.put_object(Bucket="plain", Key="v.mp4", Body=b"other")

    with (
        open_video(world.s3, video) as file,
        pytest.raises(VideoRejectedError, match="can no longer be read: it was overwritten"),
    ):
        file.read()


def test_other_errors_are_raised_as_they_are(video: VideoObject) -> None:
    with open_video(_Denying("SlowDown"), video) as file, pytest.raises(ClientError, match="SlowDown"):  # type: ignore[arg-type]
        file.read(1)


class _Recording:
    """An S3 client that records the requested ranges."""

    def __init__(self, s3: object) -> None:
        self._s3 = s3
        self.ranges: list[str] = []

    def get_object(self, **arguments: str) -> object:
        self.ranges.append(arguments["Range"])
        return self._s3.get_object(**arguments)  # type: ignore[attr-defined]

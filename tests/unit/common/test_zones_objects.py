"""Which zones file applies to a video."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from moto import mock_aws

from people_pathing.common.zones_objects import (
    MAX_ZONES_BYTES,
    ZonesContentError,
    ZonesObject,
    applying_key,
    find_zones,
    zones_text,
)
from tests.fakes.person_tracking import session
from tests.fakes.pipeline import VIDEOS, make_bucket

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


@pytest.fixture
def s3() -> "Iterator[S3Client]":
    with mock_aws():
        client = session().client("s3")
        make_bucket(client, VIDEOS)
        yield client


@pytest.mark.parametrize(
    ("keys", "video_key", "found"),
    [
        ([], "cam7/a.mp4", None),
        (["zones/cam7.json"], "cam7/a.mp4", "zones/cam7.json"),
        (["zones/cam7.json"], "cam70/a.mp4", "zones/cam7.json"),
        (["zones/cam7/.json"], "cam70/a.mp4", None),
        (["zones/cam7.json", "zones/cam7/entrance.json"], "cam7/entrance-1.mp4", "zones/cam7/entrance.json"),
        (["zones/cam7.json", "zones/.json"], "cam7/a.mp4", "zones/cam7.json"),
        (["zones/cam7.json", "zones/.json"], "cam8/a.mp4", "zones/.json"),
        (["zones/cam7.json"], "other/cam7/a.mp4", None),
        (["zones/cam7.JSON", "zones/cam7.txt", "zones/cam7", "cam7.json"], "cam7/a.mp4", None),
        (["zones/Straße 5/.json"], "Straße 5/früh.mp4", "zones/Straße 5/.json"),
    ],
)
def test_the_file_with_the_longest_prefix_of_the_videos_key_applies(
    keys: list[str], video_key: str, found: str | None
) -> None:
    assert applying_key(keys, video_key) == found
    assert applying_key(reversed(keys), video_key) == found


def test_the_current_version_of_the_file_is_read(s3: "S3Client") -> None:
    for body in (b"old", b"new"):
        version = s3.put_object(Bucket=VIDEOS, Key="zones/cam7.json", Body=body)["VersionId"]
    s3.put_object(Bucket=VIDEOS, Key="zones/cam8.json", Body=b"other")

    assert find_zones(s3, VIDEOS, "cam7/a.mp4") == ZonesObject(VIDEOS, "zones/cam7.json", version, b"new")
    assert find_zones(s3, VIDEOS, "cam9/a.mp4") is None


def test_a_deleted_file_does_not_apply(s3: "S3Client") -> None:
    s3.put_object(Bucket=VIDEOS, Key="zones/cam7.json", Body=b"old")
    s3.delete_object(Bucket=VIDEOS, Key="zones/cam7.json")

    assert find_zones(s3, VIDEOS, "cam7/a.mp4") is None


def test_more_files_than_a_page_of_a_listing_has_are_found(s3: "S3Client") -> None:
    for number in range(1001):
        s3.put_object(Bucket=VIDEOS, Key=f"zones/cam{number:04}.json", Body=b"")

    assert find_zones(s3, VIDEOS, "cam1000.mp4") is not None


def test_a_large_object_is_not_read_as_a_whole_and_is_refused(s3: "S3Client") -> None:
    s3.put_object(Bucket=VIDEOS, Key="zones/.json", Body=b" " * (MAX_ZONES_BYTES + 1000))
    zones = find_zones(s3, VIDEOS, "a.mp4")
    assert zones is not None
    assert len(zones.content) == MAX_ZONES_BYTES + 1

    with pytest.raises(ZonesContentError, match="larger than 1,048,576 bytes"):
        zones_text(zones)


def test_text_that_is_not_utf_8_is_refused() -> None:
    with pytest.raises(ZonesContentError, match="save it as UTF-8"):
        zones_text(ZonesObject(VIDEOS, "zones/.json", None, b"\xff\xfe"))

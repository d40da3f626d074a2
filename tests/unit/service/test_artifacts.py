"""The artifact store over moto's S3 and over the fake that other tests use."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from people_pathing.service.artifacts import ArtifactStore
from tests.fakes.aws_errors import client_error
from tests.unit.service.fakes import Log, MemoryS3
from tests.unit.service.world import REGION

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client


@pytest.fixture(scope="module", params=["moto", "memory"])
def s3(request: pytest.FixtureRequest) -> Iterator[S3Client]:
    if request.param == "memory":
        yield MemoryS3(Log()).as_client()
        return
    with mock_aws():
        client = boto3.client(
            "s3", region_name=REGION, aws_access_key_id="testing", aws_secret_access_key="testing"
        )
        client.create_bucket(Bucket="store")
        yield client


@pytest.fixture
def store(s3: S3Client) -> ArtifactStore:
    return ArtifactStore(s3, "store")


def test_a_missing_object_reads_as_none(store: ArtifactStore) -> None:
    assert store.read_range("none", 0, 10) is None
    with pytest.raises(ClientError, match="NoSuchKey"):
        store.read_existing("none")


def test_an_object_can_be_read_whole_or_in_part(store: ArtifactStore) -> None:
    store.write("digits", b"0123456789")
    store.write_stream("streamed", io.BytesIO(b"0123456789"))

    for key in ("digits", "streamed"):
        assert store.read_existing(key) == b"0123456789"
        assert store.read_range(key, 2, 5) == b"234"


def test_a_range_is_cut_at_the_end_of_the_object_and_empty_after_it(store: ArtifactStore) -> None:
    store.write("digits", b"0123456789")

    assert store.read_range("digits", 8, 100) == b"89"
    assert store.read_range("digits", 10, 20) == b""


def test_errors_other_than_missing_objects_are_raised() -> None:
    log = Log()
    store = ArtifactStore(MemoryS3(log).as_client(), "store")

    def deny(_: object) -> None:
        raise client_error("AccessDenied", "any", 403)

    log.before = deny
    with pytest.raises(ClientError, match="AccessDenied"):
        store.read_range("key", 0, 1)

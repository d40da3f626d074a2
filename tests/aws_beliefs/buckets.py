"""Buckets that the tests of beliefs create, and delete again."""

from __future__ import annotations

from typing import Any

from people_pathing.common.s3_erasure import abort_uploads, erase_versions
from tests.stack_under_test import StackUnderTest


def create(account: StackUnderTest, name: str, *, is_versioned: bool) -> None:
    """Creates a bucket in the region of the stack under test."""
    s3 = account.client("s3")
    where = {"CreateBucketConfiguration": {"LocationConstraint": account.region}}
    s3.create_bucket(Bucket=name, **({} if account.region == "us-east-1" else where))
    if is_versioned:
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})


def empty(account: StackUnderTest, name: str) -> None:
    """Deletes everything in a bucket."""
    s3: Any = account.client("s3")
    abort_uploads(s3, name, "")
    erase_versions(s3, name, "")


def delete(account: StackUnderTest, name: str) -> None:
    """Deletes a bucket with everything in it."""
    empty(account, name)
    account.client("s3").delete_bucket(Bucket=name)

"""The service's private bucket: the keys of its objects, and the reads and writes that the service needs.

S3 returns what was last written and decides conditional writes one after the other. "Create if absent" and
"replace if unchanged" are therefore enough to keep tokens and the job limit exact, without a database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from botocore.exceptions import ClientError

from people_pathing.common.aws_errors import NOT_FOUND_CODES, PRECONDITION_CODES, error_code

if TYPE_CHECKING:
    from typing import BinaryIO

    from types_boto3_s3.client import S3Client

JOBS_PREFIX = "jobs/"
JOB_SLOTS_KEY = "job-slots.json"

# Besides a failed condition: S3 answers 409 while another conditional write of the key is in progress, and
# 404 if the object to replace has been deleted.
LOST_RACE_CODES = PRECONDITION_CODES | NOT_FOUND_CODES | {"ConditionalRequestConflict"}


class StoredObject(NamedTuple):
    """An object's bytes, and the ETag that it had when it was read."""

    data: bytes
    etag: str


def job_prefix(job_id: str) -> str:
    """Returns the prefix of everything that is stored about a job."""
    return f"{JOBS_PREFIX}{job_id}/"


def request_key(job_id: str) -> str:
    """Returns the key of the job as it was requested (`job.Job`)."""
    return f"{job_prefix(job_id)}request.json"


def plan_key(job_id: str) -> str:
    """Returns the key of the job's plan (`steps.job_plan.JobPlan`)."""
    return f"{job_prefix(job_id)}plan.json"


def segment_key(job_id: str, index: int) -> str:
    """Returns the key of the detections in one segment."""
    return f"{job_prefix(job_id)}segments/{index}.npz"


def window_key(job_id: str, index: int) -> str:
    """Returns the key of the successors in one tracking window."""
    return f"{job_prefix(job_id)}windows/{index}.npy"


def observations_key(job_id: str) -> str:
    """Returns the key of the result object (`result_pages.layout`). It exists only if the job succeeded."""
    return f"{job_prefix(job_id)}observations.bin"


def outcome_key(job_id: str) -> str:
    """Returns the key of the reason why a job has no results (`job.Outcome`)."""
    return f"{job_prefix(job_id)}outcome.json"


class ArtifactStore:
    """Reads and writes objects of the private bucket.

    Args:
        s3: a client with rights to the bucket.
        bucket: the bucket's name.
    """

    def __init__(self, s3: S3Client, bucket: str) -> None:
        self._s3 = s3
        self._bucket = bucket

    def read(self, key: str) -> StoredObject | None:
        """Returns the whole object, or None if it does not exist."""
        try:
            response = self._s3.get_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            if error_code(error) in NOT_FOUND_CODES:
                return None
            raise
        return StoredObject(response["Body"].read(), response["ETag"])

    def read_existing(self, key: str) -> bytes:
        """Returns the whole object. Raises ClientError (NoSuchKey) if it does not exist."""
        return self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read()

    def read_range(self, key: str, start: int, end: int) -> bytes | None:
        """Returns bytes start..end (exclusive), cut at the object's end, or None if it does not exist."""
        try:
            response = self._s3.get_object(Bucket=self._bucket, Key=key, Range=f"bytes={start}-{end - 1}")
        except ClientError as error:
            if error_code(error) in NOT_FOUND_CODES:
                return None
            if error_code(error) == "InvalidRange":
                return b""
            raise
        return response["Body"].read()

    def exists(self, key: str) -> bool:
        """Returns whether the object exists."""
        try:
            self._s3.head_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            if error_code(error) in NOT_FOUND_CODES:
                return False
            raise
        return True

    def write(self, key: str, data: bytes) -> None:
        """Writes an object, whether or not it exists."""
        self._s3.put_object(Bucket=self._bucket, Key=key, Body=data)

    def write_stream(self, key: str, stream: BinaryIO) -> None:
        """Writes a stream in parts. The object appears as a whole or not at all."""
        self._s3.upload_fileobj(stream, self._bucket, key)

    def create(self, key: str, data: bytes) -> str | None:
        """Writes an object that must not exist yet. Returns its ETag, or None if another call created it."""
        try:
            return self._s3.put_object(Bucket=self._bucket, Key=key, Body=data, IfNoneMatch="*")["ETag"]
        except ClientError as error:
            if error_code(error) in LOST_RACE_CODES:
                return None
            raise

    def replace(self, key: str, data: bytes, etag: str) -> str | None:
        """Replaces an object that must still have this ETag. Returns the new ETag, or None if it changed."""
        try:
            return self._s3.put_object(Bucket=self._bucket, Key=key, Body=data, IfMatch=etag)["ETag"]
        except ClientError as error:
            if error_code(error) in LOST_RACE_CODES:
                return None
            raise

    def delete(self, key: str) -> None:
        """Deletes an object. Deleting it again changes nothing."""
        self._s3.delete_object(Bucket=self._bucket, Key=key)

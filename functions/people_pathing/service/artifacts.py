"""The service's private bucket: where things lie in it, and conditional writes in place of a database.

S3 reads what was last written (strong consistency) and decides conditional writes one after the other, so
"create if absent" and "replace if unchanged" are all that tokens and the job limit need.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from typing import BinaryIO

    from types_boto3_s3.client import S3Client

JOB_SLOTS_KEY = "job-slots.json"
LOST_RACE_CODES = ("PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey", "404", "412")
MISSING_CODES = ("NoSuchKey", "404")


class StoredObject(NamedTuple):
    """An object's bytes and the ETag they had when read."""

    data: bytes
    etag: str


def job_key(job_id: str, name: str) -> str:
    """Where one thing of a job lies: request.json, plan.json, observations.bin, job.json."""
    return f"jobs/{job_id}/{name}"


def segment_key(job_id: str, index: int) -> str:
    """Where the detections of one segment lie."""
    return job_key(job_id, f"segments/{index}.npz")


def window_key(job_id: str, index: int) -> str:
    """Where the steps of one window lie."""
    return job_key(job_id, f"windows/{index}.npy")


def error_code(error: ClientError) -> str:
    """The code an AWS service gave, or the HTTP status where it gave none."""
    return str(error.response.get("Error", {}).get("Code", ""))


class ArtifactStore:
    """Objects in the private bucket."""

    def __init__(self, s3: S3Client, bucket: str) -> None:
        self._s3 = s3
        self._bucket = bucket

    def read(self, key: str) -> StoredObject | None:
        """The whole object, or None if there is none."""
        try:
            answer = self._s3.get_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            if error_code(error) in MISSING_CODES:
                return None
            raise
        return StoredObject(answer["Body"].read(), answer["ETag"])

    def read_existing(self, key: str) -> bytes:
        """The whole object; raises ClientError (NoSuchKey) if there is none."""
        return self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read()

    def read_range(self, key: str, start: int, end: int) -> bytes | None:
        """Bytes start..end (exclusive) as far as the object goes, or None if there is no object."""
        try:
            answer = self._s3.get_object(Bucket=self._bucket, Key=key, Range=f"bytes={start}-{end - 1}")
        except ClientError as error:
            if error_code(error) in MISSING_CODES:
                return None
            if error_code(error) == "InvalidRange":
                return b""
            raise
        return answer["Body"].read()

    def exists(self, key: str) -> bool:
        try:
            self._s3.head_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            if error_code(error) in MISSING_CODES:
                return False
            raise
        return True

    def write(self, key: str, data: bytes) -> None:
        self._s3.put_object(Bucket=self._bucket, Key=key, Body=data)

    def write_stream(self, key: str, stream: BinaryIO) -> None:
        """Write what a stream yields, in parts; the object appears whole or not at all."""
        self._s3.upload_fileobj(stream, self._bucket, key)

    def create(self, key: str, data: bytes) -> str | None:
        """Write an object that must not exist yet; its ETag, or None if somebody was faster."""
        try:
            return self._s3.put_object(Bucket=self._bucket, Key=key, Body=data, IfNoneMatch="*")["ETag"]
        except ClientError as error:
            if error_code(error) in LOST_RACE_CODES:
                return None
            raise

    def replace(self, key: str, data: bytes, etag: str) -> str | None:
        """Write over an object that must still have this ETag; its new one, or None if another was faster."""
        try:
            return self._s3.put_object(Bucket=self._bucket, Key=key, Body=data, IfMatch=etag)["ETag"]
        except ClientError as error:
            if error_code(error) in LOST_RACE_CODES:
                return None
            raise

    def delete(self, key: str) -> None:
        self._s3.delete_object(Bucket=self._bucket, Key=key)

"""The service's private bucket: the keys of its objects, and the reads and writes that the service needs.

It holds what the steps of a job pass on to each other, and the results. Jobs themselves are in the job store.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from people_pathing.common.aws_errors import NOT_FOUND_CODES, error_code
from people_pathing.common.formats import FORMAT, check_format

if TYPE_CHECKING:
    from typing import BinaryIO

    from types_boto3_s3.client import S3Client
    from types_boto3_s3.type_defs import GetObjectOutputTypeDef

JOBS_PREFIX = "jobs/"
_RESULT_NAME = "observations.bin"

STEP_FORMAT = 1
"""The format of what the steps of a job pass on to each other: plan, segments and windows."""

RESULT_FORMAT = 1
"""The format of a result object, which is read for seven days."""


def job_prefix(job_id: str) -> str:
    """Returns the prefix of everything that is stored about a job."""
    return f"{JOBS_PREFIX}{job_id}/"


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
    return f"{job_prefix(job_id)}{_RESULT_NAME}"


def format_of(key: str) -> int:
    """Returns the format in which this release writes an object, which is also the latest that it reads."""
    return RESULT_FORMAT if key.endswith(f"/{_RESULT_NAME}") else STEP_FORMAT


class ArtifactStore:
    """Reads and writes objects of the private bucket. Reading an object of a later format is an error.

    Args:
        s3: a client with rights to the bucket.
        bucket: the bucket's name.
    """

    def __init__(self, s3: S3Client, bucket: str) -> None:
        self._s3 = s3
        self._bucket = bucket

    def read_existing(self, key: str) -> bytes:
        """Returns the whole object.

        Raises:
            ClientError: (NoSuchKey) it does not exist.
            NewerFormatError: a later release has stored it in another way.
        """
        return _content(key, self._s3.get_object(Bucket=self._bucket, Key=key))

    def read_range(self, key: str, start: int, end: int) -> bytes | None:
        """Returns bytes start..end (exclusive), cut at the object's end, or None if it does not exist.

        Raises:
            NewerFormatError: a later release has stored the object in another way.
        """
        try:
            response = self._s3.get_object(Bucket=self._bucket, Key=key, Range=f"bytes={start}-{end - 1}")
        except ClientError as error:
            if error_code(error) in NOT_FOUND_CODES:
                return None
            if error_code(error) == "InvalidRange":
                return b""
            raise
        return _content(key, response)

    def write(self, key: str, data: bytes) -> None:
        """Writes an object, whether or not it exists."""
        self._s3.put_object(Bucket=self._bucket, Key=key, Body=data, Metadata=_metadata(key))

    def write_stream(self, key: str, stream: BinaryIO) -> None:
        """Writes a stream in parts. The object appears as a whole or not at all."""
        self._s3.upload_fileobj(stream, self._bucket, key, ExtraArgs={"Metadata": _metadata(key)})


def _metadata(key: str) -> dict[str, str]:
    return {FORMAT: str(format_of(key))}


def _content(key: str, response: GetObjectOutputTypeDef) -> bytes:
    check_format(response["Metadata"].get(FORMAT), format_of(key), key)
    return response["Body"].read()

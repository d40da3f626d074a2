"""Stores result files in the results bucket.

While a job is collected, its chunks are objects under a reserved prefix. After the last page, each file is
put together from its chunks. Chunks are stored apart from the files because readers must never see half a
file, and because S3 cannot append to an object.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Set
from concurrent.futures import Executor
from contextlib import closing, suppress
from dataclasses import dataclass
from io import BytesIO
from itertools import chain, islice
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from people_pathing.common.read_ahead import read_ahead
from people_pathing.common.s3_erasure import abort_uploads, erase_versions
from people_pathing.pipeline.job_record import JobRecord
from people_pathing.pipeline.video import RESERVED_PREFIX
from people_pathing.results import chunked_files
from people_pathing.results.chunks import Chunk
from people_pathing.results.files import job_summary
from people_pathing.results.files.job_summary import JobSummary

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_s3.type_defs import CompletedPartTypeDef, ObjectIdentifierTypeDef

PART_BYTES = 5 * 1024 * 1024
"""S3 accepts no smaller part in a multipart upload, except for the last one."""

MAX_KEYS_PER_DELETE = 1000


@dataclass(frozen=True, slots=True)
class ResultsBucket:
    """The results bucket. Errors are botocore's.

    Attributes:
        client: a boto3 client of S3.
        bucket: the bucket's name.
        background: reads chunks while the ones before them are written.
    """

    client: S3Client
    bucket: str
    background: Executor

    def put_chunk(self, video_id: str, number: int, chunk: Chunk) -> None:
        """Stores a chunk. Storing it again replaces it by the same bytes."""
        for name, piece in chunk.pieces.items():
            self.client.put_object(Bucket=self.bucket, Key=_chunk_key(video_id, number, name), Body=piece)

    def publish(
        self,
        record: JobRecord,
        chunk_count: int,
        last: Chunk,
        summary: JobSummary,
        before_write: Callable[[], None],
    ) -> None:
        """Stores all result files, each put together from the stored chunks and the last one.

        Args:
            record: the job.
            chunk_count: how many chunks are stored.
            last: the last chunk, which is not stored.
            summary: the content of job.json. It is stored after the other files: readers who find it can
                rely on the others.
            before_write: is called before each call that stores something. It may raise an exception to stop.
        """
        content_types = {file.NAME: file.CONTENT_TYPE for file in chunked_files()}
        for name, piece in last.pieces.items():
            keys = (_chunk_key(record.video_id, number, name) for number in range(chunk_count))
            with closing(read_ahead(self.background, self._read, keys)) as stored:
                pieces = chain(stored, [piece])
                self._put(record.results_prefix + name, content_types[name], pieces, before_write)
        before_write()
        self.client.put_object(
            Bucket=self.bucket,
            Key=record.results_prefix + job_summary.NAME,
            Body=summary.content(),
            ContentType=job_summary.CONTENT_TYPE,
        )

    def discard_chunks(self, video_id: str, chunk_count: int) -> None:
        """Deletes the chunks of a job whose files are stored."""
        objects: Iterator[ObjectIdentifierTypeDef] = (
            {"Key": _chunk_key(video_id, number, file.NAME)}
            for number in range(chunk_count)
            for file in chunked_files()
        )
        while batch := list(islice(objects, MAX_KEYS_PER_DELETE)):
            self.client.delete_objects(Bucket=self.bucket, Delete={"Objects": batch})

    def _read(self, key: str) -> bytes:
        return self.client.get_object(Bucket=self.bucket, Key=key)["Body"].read()

    def _put(
        self, key: str, content_type: str, pieces: Iterable[bytes], before_write: Callable[[], None]
    ) -> None:
        """Stores one object from pieces of any size.

        About one part is in memory, besides the pieces that are read ahead. An object that fits into one part
        is stored with one call.
        """
        # getvalue() of a BytesIO shares its memory. A bytearray would have to be copied, because botocore
        # copies one that it is given.
        buffer, upload_id = BytesIO(), None
        parts: list[CompletedPartTypeDef] = []
        try:
            for piece in pieces:
                if buffer.tell() >= PART_BYTES:
                    before_write()
                    upload_id = upload_id or self._begin_upload(key, content_type)
                    parts.append(self._put_part(key, upload_id, len(parts) + 1, buffer.getvalue()))
                    buffer = BytesIO()
                buffer.write(piece)
            before_write()
            if upload_id is None:
                self.client.put_object(
                    Bucket=self.bucket, Key=key, Body=buffer.getvalue(), ContentType=content_type
                )
                return
            parts.append(self._put_part(key, upload_id, len(parts) + 1, buffer.getvalue()))
            before_write()
            self.client.complete_multipart_upload(
                Bucket=self.bucket, Key=key, UploadId=upload_id, MultipartUpload={"Parts": parts}
            )
        except BaseException:
            # The parts of an unfinished upload are invisible, but they cost money until they are removed.
            if upload_id is not None:
                with suppress(ClientError, BotoCoreError):
                    self.client.abort_multipart_upload(Bucket=self.bucket, Key=key, UploadId=upload_id)
            raise

    def _begin_upload(self, key: str, content_type: str) -> str:
        reply = self.client.create_multipart_upload(Bucket=self.bucket, Key=key, ContentType=content_type)
        return reply["UploadId"]

    def _put_part(self, key: str, upload_id: str, number: int, body: bytes) -> CompletedPartTypeDef:
        reply = self.client.upload_part(
            Bucket=self.bucket, Key=key, UploadId=upload_id, PartNumber=number, Body=body
        )
        return {"PartNumber": number, "ETag": reply["ETag"]}


def chunks_prefix(video_id: str) -> str:
    """Returns the prefix of a job's chunks."""
    return f"{RESERVED_PREFIX}collecting/{video_id}/"


def erase_files(client: S3Client, bucket: str, prefix: str, keys: Set[str]) -> int:
    """Erases all versions and delete markers of some keys, and aborts their unfinished uploads.

    Args:
        client: a boto3 client of S3.
        bucket: the bucket.
        prefix: what all keys begin with.
        keys: the keys.

    Returns:
        How many versions and delete markers there were.
    """
    abort_uploads(client, bucket, prefix, keys.__contains__)
    return erase_versions(client, bucket, prefix, keys.__contains__)


def _chunk_key(video_id: str, number: int, name: str) -> str:
    return f"{chunks_prefix(video_id)}{number:06}/{name}"

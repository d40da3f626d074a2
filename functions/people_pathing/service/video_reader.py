"""A stored video as a seekable file, read where needed and never copied whole."""

from __future__ import annotations

import io
from collections import OrderedDict
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from people_pathing.service.artifacts import error_code
from people_pathing.service.job import VideoObject
from people_pathing.service.protocol.errors import VideoRejectedError

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client
    from types_boto3_s3.type_defs import GetObjectRequestTypeDef

BLOCK_BYTES = 4 << 20
KEPT_BLOCKS = 4
"""Enough for a decoder that goes to and fro between an index and two interleaved streams."""
BUFFER_BYTES = 64 << 10
CHANGED_CODES = ("PreconditionFailed", "412", "NoSuchKey", "NoSuchVersion", "404", "MethodNotAllowed", "405")


class S3VideoReader(io.RawIOBase):
    """One object by ranged reads, held to the version and ETag it had when its job began.

    Raises VideoRejectedError when it was overwritten or deleted since, and when it may not be read.
    """

    def __init__(self, s3: S3Client, video: VideoObject) -> None:
        self._s3 = s3
        self._video = video
        self._position = 0
        self._blocks: OrderedDict[int, bytes] = OrderedDict()
        self.name = video.uri

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._video.size_bytes}[whence]
        if base + offset < 0:
            raise ValueError(f"cannot seek to {base + offset}, before the beginning of {self.name}")
        self._position = base + offset
        return self._position

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # typeshed asks for any buffer
        if self._position >= self._video.size_bytes:
            return 0
        number, offset = divmod(self._position, BLOCK_BYTES)
        data = self._block(number)[offset : offset + len(buffer)]
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)

    def _block(self, number: int) -> bytes:
        if number not in self._blocks:
            if len(self._blocks) == KEPT_BLOCKS:
                self._blocks.popitem(last=False)
            start = number * BLOCK_BYTES
            self._blocks[number] = self._get(start, min(BLOCK_BYTES, self._video.size_bytes - start))
        self._blocks.move_to_end(number)
        return self._blocks[number]

    def _get(self, start: int, size: int) -> bytes:
        arguments: GetObjectRequestTypeDef = {
            "Bucket": self._video.bucket,
            "Key": self._video.name,
            "Range": f"bytes={start}-{start + size - 1}",
            "IfMatch": self._video.etag,
        }
        if self._video.version is not None:
            arguments["VersionId"] = self._video.version
        try:
            data = self._s3.get_object(**arguments)["Body"].read()
        except ClientError as error:
            if error_code(error) in CHANGED_CODES:
                raise VideoRejectedError(
                    f"{self.name} was overwritten or deleted while its job ran"
                ) from error
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == 403:
                raise VideoRejectedError(
                    f"{self.name} may not be read by this service; "
                    "do its bucket's policy and its encryption key let it?"
                ) from error
            raise
        if len(data) != size:
            raise OSError(f"{self.name}: asked for {size} bytes from {start} on, got {len(data)}")
        return data


def open_video(s3: S3Client, video: VideoObject) -> io.BufferedReader:
    """The video as a file; it takes memory for KEPT_BLOCKS blocks however long it is."""
    return io.BufferedReader(S3VideoReader(s3, video), BUFFER_BYTES)

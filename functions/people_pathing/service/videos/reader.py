"""A video in S3 as a seekable file. Only the parts that are read are downloaded."""

from __future__ import annotations

import io
from collections import OrderedDict
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from people_pathing.service.job import VideoObject
from people_pathing.service.protocol.errors import VideoRejectedError, VideoUnreadableError
from people_pathing.service.videos.access import access_problem

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client
    from types_boto3_s3.type_defs import GetObjectRequestTypeDef

BLOCK_BYTES = 4 << 20

RUN_BLOCKS = 4
"""Blocks in one request once blocks have been needed one after the other.

S3 takes 100 to 200 ms to begin each reply, and 12 ms for each megabyte ("Performance design patterns" in
the Amazon S3 User Guide). A run takes half the time of single blocks, which matters if a whole file is read.
"""

KEPT_BLOCKS = 4 + RUN_BLOCKS
"""Enough for a decoder that alternates between the file's index and two interleaved streams."""

BUFFER_BYTES = 64 << 10


class S3VideoReader(io.RawIOBase):
    """Reads one object with ranged requests, pinned to the version and ETag of the job's start.

    Reading raises VideoRejectedError if the object has been overwritten, deleted or archived since, and
    VideoUnreadableError if the service has no access to it. Other errors are raised as they are.

    Args:
        s3: a client with rights to the video's bucket.
        video: the object to read.
    """

    def __init__(self, s3: S3Client, video: VideoObject) -> None:
        self._s3 = s3
        self._video = video
        self._position = 0
        self._blocks: OrderedDict[int, bytes] = OrderedDict()
        self._following = 0
        self._is_run = False
        self.name = video.uri

    def readable(self) -> bool:
        """Returns True."""
        return True

    def seekable(self) -> bool:
        """Returns True."""
        return True

    def tell(self) -> int:
        """Returns the position of the next read, in bytes."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Moves the position of the next read. Raises ValueError for a position before the beginning."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._video.size_bytes}[whence]
        if base + offset < 0:
            raise ValueError(f"cannot seek to {base + offset}, before the beginning of {self.name}")
        self._position = base + offset
        return self._position

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # typeshed asks for any buffer
        """Reads up to the end of the current block. Returns the number of bytes, 0 at the end."""
        if self._position >= self._video.size_bytes:
            return 0
        number, offset = divmod(self._position, BLOCK_BYTES)
        data = self._block(number)[offset : offset + len(buffer)]
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)

    def _block(self, number: int) -> bytes:
        if number not in self._blocks:
            self._fetch(number)
        self._blocks.move_to_end(number)
        return self._blocks[number]

    def _fetch(self, number: int) -> None:
        """Fetches a block, and those after it if the blocks before it were fetched in their order."""
        follows = number > 0 and number == self._following
        count = RUN_BLOCKS if follows and self._is_run else 1
        start = number * BLOCK_BYTES
        data = self._get(start, min(count * BLOCK_BYTES, self._video.size_bytes - start))
        for offset in range(0, len(data), BLOCK_BYTES):
            self._blocks[number + offset // BLOCK_BYTES] = data[offset : offset + BLOCK_BYTES]
        while len(self._blocks) > KEPT_BLOCKS:
            self._blocks.popitem(last=False)
        self._following, self._is_run = number + count, follows

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
            problem = access_problem(error)
            if problem is None:
                raise
            if problem.is_final:
                raise VideoRejectedError(f"{self.name} can no longer be read: it {problem.reason}") from error
            raise VideoUnreadableError(f"{self.name} cannot be read: it {problem.reason}") from error
        if len(data) != size:
            raise OSError(f"{self.name}: requested {size} bytes from position {start}, received {len(data)}")
        return data


def open_video(s3: S3Client, video: VideoObject) -> io.BufferedReader:
    """Opens a video as a file. It uses memory for KEPT_BLOCKS blocks, however long the video is."""
    return io.BufferedReader(S3VideoReader(s3, video), BUFFER_BYTES)

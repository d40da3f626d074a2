"""Opens video files with FFmpeg (through PyAV) and chooses the video stream."""

from __future__ import annotations

import errno
import re
from io import SEEK_END
from math import inf
from typing import BinaryIO

import av
from av.container import InputContainer
from av.stream import Disposition
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from people_pathing.engine.video import VideoError, source_name
from people_pathing.engine.video_files.mp4_index import lacks_index

MAX_FRAME_PIXELS = 8192 * 4320
"""8K in either orientation. H.264 allows no larger frames. Sixteen of them, which a decoder may have to keep,
need 850 MB."""
MAX_OPENING_BYTES = 64 << 20
"""How much FFmpeg may read before the first packet. The index of six hours at 60 frames per second has about
20 MB; memory is six times as much."""
MIN_TAG_BYTES = 4
"""A shorter tag cannot be found in a file without finding parts of pictures as well."""
MAX_TAGS = 100
COMPRESSED_INDEX = re.compile(rb"dcomzlib.{4}cmvd(.{4})", re.DOTALL)
"""How QuickTime begins a compressed index ("Compressed Movie Resources" in its File Format Specification). A
few megabytes can expand to gigabytes."""
OPENING_ERRORS = {
    errno.EPERM: "it refers to other files or addresses",
    errno.ENOMEM: "its headers ask for too much memory",
    errno.EBUSY: "its headers make no sense",
    av.error.tag_to_code(b"EOF "): "it ends too early",
}
"""What FFmpeg's less telling errors mean when it opens a file."""
TRANSPORT_PACKET_BYTES = 188
STILL_FORMATS = ("image2", "tty", "_pipe")
"""Endings of the names of formats that FFmpeg reads although they contain no moving pictures."""


class SourceFile:
    """A binary file as FFmpeg sees it: without its name, which would influence the format.

    An error of the file ends the call of PyAV in which it happens, or the next one. It is never taken for
    damage or for the end of the file.
    """

    def __init__(self, file: BinaryIO) -> None:
        """Wraps a seekable file."""
        self._file = file
        self._allowed_bytes = inf
        self._last_bytes = b""
        self._hidden_tags: list[bytes] = []
        self.seek = file.seek
        self.tell = file.tell

    def size_bytes(self) -> int:
        """Returns the size of the file."""
        position = self._file.tell()
        size: int = self._file.seek(0, SEEK_END)
        self._file.seek(position)
        return size

    def hide_tag(self, tag: bytes) -> bool:
        """Replaces a metadata tag while the file is opened. Returns False if that does not help."""
        if len(tag) < MIN_TAG_BYTES or tag in self._hidden_tags or len(self._hidden_tags) >= MAX_TAGS:
            return False
        self._hidden_tags.append(tag)
        return True

    def restart(self) -> None:
        """Returns to the beginning, and limits what may be read until `opened` is called."""
        self._file.seek(0)
        self._allowed_bytes = MAX_OPENING_BYTES

    def opened(self) -> None:
        """Ends the limit."""
        self._allowed_bytes = inf

    def read(self, size: int) -> bytes:
        """Reads from the file. Raises VideoError if the limit is reached."""
        data = (
            self._read_without_tags(size) if self._is_opening and self._hidden_tags else self._file.read(size)
        )
        self._allowed_bytes -= len(data) + self._expanded_bytes(data)
        if self._allowed_bytes < 0:
            raise VideoError(
                f"{source_name(self._file)}: its index has more than {MAX_OPENING_BYTES >> 20} MB, which "
                "is too much for a video of six hours; rewrite it: ffmpeg -i IN -c copy OUT.mp4"
            )
        return data

    @property
    def _is_opening(self) -> bool:
        return self._allowed_bytes != inf

    def _read_without_tags(self, size: int) -> bytes:
        """Reads more than is asked for, because a tag may begin or end outside."""
        longest = max(map(len, self._hidden_tags))
        position = self._file.tell()
        start = max(0, position - longest)
        self._file.seek(start)
        data = self._file.read(position - start + size + longest)
        for tag in self._hidden_tags:
            data = data.replace(tag, b"?" * len(tag))
        wanted = data[position - start : position - start + size]
        self._file.seek(position + len(wanted))
        return wanted

    def _expanded_bytes(self, data: bytes) -> int:
        """Returns the stated size of a compressed index that begins in `data`, or 0."""
        recent = self._last_bytes + data
        self._last_bytes = recent[-23:]
        found = COMPRESSED_INDEX.search(recent)
        return int.from_bytes(found[1]) if found else 0


def open_stream(file: SourceFile, name: str) -> tuple[InputContainer, VideoStream]:
    """Opens a container at the file's beginning and chooses its video stream.

    Raises:
        VideoError: The file is not a video, or it has no video stream that can be decoded.
    """
    container = _open(file, name)
    try:
        file.opened()
        if not container.streams.video:
            _require_index(file, name)
        return container, _video_stream(container, name)
    except BaseException:
        container.close()
        raise


def is_scrambled(file: SourceFile) -> bool:
    """Returns whether most packets of an MPEG transport stream are scrambled (ISO/IEC 13818-1, 2.4.3.3)."""
    file.seek(0)
    packets = file.read(TRANSPORT_PACKET_BYTES * 2000)
    marks = packets[3::TRANSPORT_PACKET_BYTES]
    return 2 * sum(mark >> 6 != 0 for mark in marks) > len(marks)


def _open(file: SourceFile, name: str) -> InputContainer:
    while True:
        file.restart()
        try:
            # Playlists and the like are valid input for FFmpeg. Without this option, an uploaded one could
            # make FFmpeg open other files or addresses.
            return av.open(file, mode="r", options={"protocol_whitelist": "data"})
        except av.FFmpegError as error:
            _require_index(file, name)
            reason = OPENING_ERRORS.get(error.errno or 0, error.strerror or "")
            raise VideoError(
                f"{name}: FFmpeg cannot read this as a video ({reason}); use MP4 or MOV"
            ) from error
        except UnicodeDecodeError as error:
            # PyAV decodes all metadata when it opens a file.
            if not file.hide_tag(error.object):
                raise VideoError(
                    f"{name}: has metadata that is not UTF-8; remove it: "
                    "ffmpeg -i IN -map_metadata -1 -c copy OUT.mp4"
                ) from error


def _require_index(file: SourceFile, name: str) -> None:
    """Raises VideoError if the reason why a file cannot be read is that it was cut off."""
    if lacks_index(file, file.size_bytes()):
        raise VideoError(
            f"{name}: FFmpeg cannot read this as a video: its index (moov) is missing or incomplete, because "
            "the end of the file was not recorded or not copied; copy it again from its source"
        )


def _video_stream(container: InputContainer, name: str) -> VideoStream:
    if container.format.name == "webp_pipe":
        raise VideoError(
            f"{name}: an animated WebP file needs a newer FFmpeg; rewrite it: ffmpeg -i IN OUT.mp4 (FFmpeg 9)"
        )
    if container.format.name.endswith(STILL_FORMATS):
        raise VideoError(f"{name}: a still image or text ({container.format.long_name}), not a video")
    covers = [stream for stream in container.streams.video if stream.disposition & Disposition.attached_pic]
    moving = [stream for stream in container.streams.video if stream not in covers]
    if not moving:
        kinds = " and ".join(sorted({stream.type for stream in container.streams if stream not in covers}))
        raise VideoError(f"{name}: has no video stream, only {kinds or 'a still picture'}")
    best = container.streams.best("video")
    stream = best if isinstance(best, VideoStream) and best in moving else moving[0]
    codec = stream.codec_context
    if codec is None:
        raise VideoError(f"{name}: FFmpeg does not know its video codec, or its pictures are encrypted")
    if codec.width * codec.height > MAX_FRAME_PIXELS:
        size = f"{codec.width}x{codec.height}"
        raise VideoError(f"{name}: its frames have {size} pixels; at most {MAX_FRAME_PIXELS} are accepted")
    set_up_decoder(codec)
    return stream


def set_up_decoder(decoder: VideoCodecContext) -> None:
    """Limits a decoder to one thread and to the largest frame."""
    decoder.thread_count = 1
    decoder.options = {"max_pixels": str(MAX_FRAME_PIXELS)}

"""Opens video files with FFmpeg (through PyAV), chooses the video stream and decodes its packets."""

from __future__ import annotations

import errno
import logging
import re
from collections.abc import Callable, Generator
from contextlib import suppress
from fractions import Fraction
from io import SEEK_END
from math import inf
from typing import BinaryIO

import av
from av.container import InputContainer
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from people_pathing.engine.video import VideoError, source_name

logger = logging.getLogger(__name__)

MAX_FRAME_PIXELS = 8192 * 4320
"""8K in either orientation. H.264 allows no larger frames. Sixteen of them, which a decoder may have to keep,
need 850 MB."""
MAX_OPENING_BYTES = 64 << 20
"""How much FFmpeg may read before the first packet. The index of six hours at 60 frames per second has about
20 MB; memory is six times as much."""
MAX_SCANNED_PACKETS = 6_000_000
"""More than six hours at 240 frames per second. Scanning them takes about half a minute."""
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
STILL_FORMATS = ("image2", "tty", "_pipe")
"""Endings of the names of formats that FFmpeg reads although they contain no moving pictures."""
DEFAULT_FRAME_RATE = Fraction(25)


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
        self.seek = file.seek
        self.tell = file.tell

    def size_bytes(self) -> int:
        """Returns the size of the file."""
        position = self._file.tell()
        size: int = self._file.seek(0, SEEK_END)
        self._file.seek(position)
        return size

    def restart(self) -> None:
        """Returns to the beginning, and limits what may be read until `opened` is called."""
        self._file.seek(0)
        self._allowed_bytes = MAX_OPENING_BYTES

    def opened(self) -> None:
        """Ends the limit."""
        self._allowed_bytes = inf

    def read(self, size: int) -> bytes:
        """Reads from the file. Raises VideoError if the limit is reached."""
        data = self._file.read(size)
        self._allowed_bytes -= len(data) + self._expanded_bytes(data)
        if self._allowed_bytes < 0:
            raise VideoError(
                f"{source_name(self._file)}: its index has more than {MAX_OPENING_BYTES >> 20} MB, which "
                "is too much for a video of six hours; rewrite it: ffmpeg -i IN -c copy OUT.mp4"
            )
        return data

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
    file.restart()
    try:
        # Playlists and the like are valid input for FFmpeg. Without this option, an uploaded one could make
        # FFmpeg open other files or addresses.
        container = av.open(file, mode="r", options={"protocol_whitelist": "data"}, metadata_errors="replace")
    except av.FFmpegError as error:
        reason = OPENING_ERRORS.get(error.errno or 0, error.strerror or "")
        raise VideoError(f"{name}: FFmpeg cannot read this as a video ({reason}); use MP4 or MOV") from error
    try:
        file.opened()
        return container, _video_stream(container, name)
    except BaseException:
        container.close()
        raise


def frame_rate(stream: VideoStream) -> Fraction:
    """Returns the frames per second of a stream: the nominal rate, or the average rate if it varies."""
    average, nominal = stream.average_rate, stream.guessed_rate
    if average and nominal and stream.duration is not None and abs(nominal / average - 1) > Fraction(1, 1000):
        return average
    return nominal or average or DEFAULT_FRAME_RATE


def decode(
    container: InputContainer, stream: VideoStream, name: str, on_packet: Callable[[int], None]
) -> Generator[VideoFrame, None, None]:
    """Yields all frames that can be decoded. Damaged packets and a missing end are skipped with a warning.

    Args:
        container: the container.
        stream: its video stream.
        name: name of the video for the log.
        on_packet: receives the size of each packet in bytes before it is decoded.
    """
    damaged = 0
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
        except StopIteration:
            break
        except av.FFmpegError as error:
            logger.warning("%s: the file is cut off before its stated end (%s)", name, error.strerror)
            yield from stream.codec_context.decode(None)
            break
        on_packet(packet.size)
        try:
            yield from stream.codec_context.decode(packet)
        except av.error.MemoryError:
            raise
        except av.FFmpegError:
            damaged += 1
    if damaged:
        logger.warning("%s: %d damaged packets were skipped", name, damaged)


def scanned_duration_s(file: SourceFile, name: str, rate: Fraction) -> Fraction:
    """Measures a duration that the file does not state, by reading all packets without decoding them.

    Raises:
        VideoError: There are more than MAX_SCANNED_PACKETS.
    """
    container, stream = open_stream(file, name)
    count, first, last = 0, inf, -inf
    with container, suppress(av.FFmpegError):  # the readable part of a damaged file counts
        for packet in container.demux(stream):
            count += packet.size > 0
            if count > MAX_SCANNED_PACKETS:
                raise VideoError(f"{name}: has more than {MAX_SCANNED_PACKETS:,} frames; cut it into parts")
            if packet.pts is not None:
                first, last = min(first, packet.pts), max(last, packet.pts)
    if stream.time_base and first < last:
        return int(last - first) * stream.time_base + 1 / rate
    return count / rate


def _video_stream(container: InputContainer, name: str) -> VideoStream:
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
        raise VideoError(f"{name}: FFmpeg does not know its video codec")
    if codec.width * codec.height > MAX_FRAME_PIXELS:
        size = f"{codec.width}x{codec.height}"
        raise VideoError(f"{name}: its frames have {size} pixels; at most {MAX_FRAME_PIXELS} are accepted")
    codec.thread_count = 1
    codec.options = {"max_pixels": str(MAX_FRAME_PIXELS)}
    return stream

"""Frames of a video file, decoded by FFmpeg (through PyAV) and timed by their presentation timestamps.

Everything here depends on the frame alone, or on it and the one before, so that a video read in segments
gives the very same frames as one read from end to end.
"""

from __future__ import annotations

import logging
import os
from collections import defaultdict
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import chain
from math import ceil, inf
from pathlib import Path
from typing import BinaryIO, Literal

import av
import numpy as np
from av.container import InputContainer
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter
from av.video.stream import VideoStream
from numpy.typing import NDArray

from people_pathing.engine.video import Segment, VideoError, VideoMetadata, VideoSource, cut, source_name

logger = logging.getLogger(__name__)

DEFAULT_SAMPLE_FPS = 15.0
MAX_FRAME_PIXELS = 8192 * 8192
# Files say a little too early a time now and then; one that goes on so was put together from several.
LONGEST_JUMP_BACK_US = 1_000_000
# How long before a segment to ask for a key frame; when none is found there, decoding starts with the video.
SEEK_LEADS_US = (1, 2_000_000, 20_000_000)
COLOR_RANGES: dict[int, Literal["LIMITED", "FULL"]] = {1: "LIMITED", 2: "FULL"}
# FFmpeg reads these too, but what they hold is no moving picture.
STILL_FORMATS = ("image2", "tty", "_pipe")


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A decoded frame, shown timestamp_us microseconds after the first one of the video."""

    timestamp_us: int
    is_sampled: bool
    picture: VideoFrame


class Video:
    """An opened video file; made by `open_video`.

    can_be_entered   frames in the middle are found, and timed as they are when read from the beginning
    is_timed    frames carry timestamps that can be relied on; without them a video is read from its
                beginning and timed by its frame rate
    width_px, height_px   of frames as displayed
    """

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._file = file
        self._name = name
        self._start()
        first, stream = self._first, self._stream
        self._origin = first.pts or 0
        self._rate = _frame_rate(stream)
        # AVI has no presentation timestamps: with B-frames, what is handed out as such is in decoding order.
        reordered = self._container.format.name == "avi" and stream.codec_context.has_b_frames
        self.is_timed = first.pts is not None and not reordered
        # A packet of MPEG's program stream may hold several frames, whose times are others after seeking.
        self.can_be_entered = self.is_timed and self._container.format.name != "mpeg"
        self._rotation = round(first.rotation / 90) % 4
        self.width_px = first.height if self._rotation % 2 else first.width
        self.height_px = first.width if self._rotation % 2 else first.height
        self._scalers: defaultdict[tuple[int, ...], VideoReformatter] = defaultdict(VideoReformatter)

    @cached_property
    def metadata(self) -> VideoMetadata:
        """The stream as displayed. To be asked for before `frames`: it may take reading the file once."""
        return VideoMetadata(
            codec=self._stream.codec_context.name,
            format=self._container.format.long_name,
            duration_ms=int(self._duration_s() * 1000),
            frame_rate=float(self._rate),
            frame_width=self.width_px,
            frame_height=self.height_px,
            color_range=COLOR_RANGES.get(int(self._first.color_range)),
        )

    def frames(self, segment: Segment, sample_fps: float | None = None) -> Iterator[Frame]:
        """The frames of a segment in the order they are shown. Can be called once a video."""
        step = sampling_step(self._rate, sample_fps)
        previous_us, previous_slot = -1, -1
        for timestamp_us, picture in self._timed_from_before(segment.start_us):
            if segment.end_us is not None and timestamp_us >= segment.end_us:
                return
            slot = sampling_slot(timestamp_us, self._rate, step)
            if timestamp_us >= segment.start_us:
                # Nobody can be in two places at one time: of frames that say the same time the first counts.
                is_next = timestamp_us > previous_us if step == 1 else slot != previous_slot
                yield Frame(timestamp_us, is_next, picture)
            previous_us, previous_slot = timestamp_us, slot

    def image(self, frame: Frame, width_px: int, height_px: int) -> NDArray[np.uint8]:
        """The frame as displayed, scaled to (height_px, width_px, 3) uint8 BGR.

        Of an interlaced frame one field is taken: the other was filmed at another moment, and people who
        move would be seen twice.
        """
        if self._rotation % 2:
            width_px, height_px = height_px, width_px
        picture = frame.picture
        if picture.interlaced_frame:
            lines = self._scaled(picture, width_px, picture.height)
            picture = VideoFrame.from_ndarray(np.ascontiguousarray(lines[::2]), format="bgr24")
        image = self._scaled(picture, width_px, height_px)
        return np.ascontiguousarray(np.rot90(image, self._rotation))

    def close(self) -> None:
        self._decoded.close()
        self._container.close()

    def _scaled(self, picture: VideoFrame, width_px: int, height_px: int) -> NDArray[np.uint8]:
        # A scaler that is asked for another size than before prepares itself anew, which takes long.
        scaler = self._scalers[picture.width, picture.height, width_px, height_px]
        image = scaler.reformat(
            picture, width_px, height_px, "bgr24", interpolation=Interpolation.BICUBIC, threads=1
        ).to_ndarray()
        return image.view(np.uint8)

    def _start(self) -> None:
        """Open the file at its beginning and decode the first frame, which sets the zero of time."""
        self._file.seek(0)
        self._container, self._stream = _open_stream(self._file, self._name)
        self._decoded = _decode(self._container, self._stream, self._name)
        first = next(self._decoded, None)
        if first is None:
            self.close()
            raise VideoError(f"{self._name}: none of its frames can be decoded; is the file complete?")
        self._first = first

    def _duration_s(self) -> Fraction:
        stream = self._stream
        if stream.duration and stream.time_base:
            return stream.duration * stream.time_base
        if self._container.duration and self.is_timed:
            return Fraction(self._container.duration, av.time_base)
        self.close()
        duration_s = _scanned_duration_s(self._file, self._name, self._rate)
        self._start()
        return duration_s

    def _timed_from_before(self, start_us: int) -> Iterator[tuple[int, VideoFrame]]:
        """Frames with their time in microseconds, from at least one frame before start_us on."""
        previous_us = 0
        for number, picture in enumerate(self._from_before(start_us)):
            if not self.is_timed:
                timestamp_us = int(number * 1_000_000 / self._rate)
            elif picture.pts is not None:
                timestamp_us = self._presented_us(picture.pts)
            else:
                timestamp_us = previous_us + int(1_000_000 / self._rate)
            if timestamp_us < previous_us - LONGEST_JUMP_BACK_US:
                raise VideoError(
                    f"{self._name}: its clock jumps back from {previous_us / 1e6:.2f} to "
                    f"{timestamp_us / 1e6:.2f} s; a file with one clock would be right "
                    "(ffmpeg -i IN -c copy OUT.mp4 makes one)"
                )
            # Nothing is shown before what was shown before it, whatever a damaged file says.
            previous_us = max(timestamp_us, previous_us)
            yield previous_us, picture

    def _presented_us(self, pts: int) -> int:
        """Time since the first frame, rounded down.

        Containers that count in milliseconds round the times of, say, 29.97 frames a second; within such
        rounding of a constant rate, the rate is believed.
        """
        tick = self._stream.time_base or Fraction(1, av.time_base)
        elapsed = (pts - self._origin) * tick
        if tick * 4 <= 1 / self._rate:
            regular = round(elapsed * self._rate) / self._rate
            if abs(regular - elapsed) <= tick:
                elapsed = regular
        return int(elapsed * 1_000_000)

    def _from_before(self, start_us: int) -> Iterator[VideoFrame]:
        if start_us == 0:
            return chain([self._first], self._decoded)
        for lead_us in SEEK_LEADS_US:
            if self.is_timed and lead_us < start_us and (found := self._sought(start_us - lead_us, start_us)):
                return found
        self.close()
        self._start()
        return chain([self._first], self._decoded)

    def _sought(self, target_us: int, start_us: int) -> Iterator[VideoFrame] | None:
        """Frames from the last key frame before target_us on; None when seeking does not get there."""
        ticks = self._origin + int(target_us / (1_000_000 * (self._stream.time_base or 1)))
        self._decoded.close()
        try:
            self._container.seek(ticks, stream=self._stream)
        except av.FFmpegError:
            return None
        self._decoded = _decode(self._container, self._stream, self._name)
        key = next((picture for picture in self._decoded if picture.key_frame), None)
        if key is None or key.pts is None or self._presented_us(key.pts) >= start_us:
            return None
        return chain([key], self._decoded)


@contextmanager
def open_video(source: VideoSource) -> Iterator[Video]:
    """Open a video file. Raises VideoError where it is none, OSError where it cannot be read."""
    if isinstance(source, str | os.PathLike):
        with Path(source).open("rb") as file, open_video(file) as video:
            yield video
        return
    video = Video(source, source_name(source))
    try:
        yield video
    finally:
        video.close()


def read_metadata(source: VideoSource) -> VideoMetadata:
    """Describe a video. Raises VideoError where it is none or its first frame cannot be decoded."""
    with open_video(source) as video:
        return video.metadata


def plan_segments(
    source: VideoSource, *, count: int | None = None, segment_s: float = 60
) -> tuple[VideoMetadata, tuple[Segment, ...]]:
    """Cut a video into `count` segments, or into segments of about segment_s seconds, without decoding it.

    A video that cannot be entered midway is one segment. Raises VideoError as read_metadata does.
    """
    with open_video(source) as video:
        metadata, can_be_entered = video.metadata, video.can_be_entered
    if count is None:
        count = ceil(metadata.duration_ms / (segment_s * 1000))
    if count < 1 or not can_be_entered:
        count = 1
    return metadata, cut(metadata.duration_ms, count)


def sampling_step(frame_rate: Fraction, sample_fps: float | None = None) -> int:
    """Every how many frames people are looked for, so that it is done nearly sample_fps times a second.

    By default about 15: every 4th of 60 frames, every 2nd of 30, 29.97, 25 and 24 (12 to 15 a second), every
    one below 22.5. `math.inf` means every frame. Raises ValueError where sample_fps is not above 0.
    """
    if sample_fps is None:
        sample_fps = DEFAULT_SAMPLE_FPS
    if not sample_fps > 0:
        raise ValueError(f"sample_fps must be above 0 (or math.inf for every frame), not {sample_fps}")
    return 1 if sample_fps == inf else max(1, round(float(frame_rate) / sample_fps))


def sampling_slot(timestamp_us: int, frame_rate: Fraction, step: int) -> int:
    """Which interval of `step` frames a time falls into; its first frame is the one that is sampled.

    Frames may be nearly half a frame early or late.
    """
    frame = Fraction(timestamp_us, 1_000_000) * frame_rate + Fraction(1, 2)
    return int(frame // step)


def _open_stream(file: BinaryIO, name: str) -> tuple[InputContainer, VideoStream]:
    try:
        # A video may not make FFmpeg open anything else: playlists and the like are files, too.
        container = av.open(_Readable(file), mode="r", options={"protocol_whitelist": "data"})
    except av.FFmpegError as error:
        raise VideoError(
            f"{name}: no video that FFmpeg can read ({error.strerror}); MP4 or MOV would be"
        ) from error
    try:
        return container, _video_stream(container, name)
    except VideoError:
        container.close()
        raise


def _video_stream(container: InputContainer, name: str) -> VideoStream:
    if container.format.name.endswith(STILL_FORMATS):
        raise VideoError(f"{name}: a still image or text ({container.format.long_name}), not a video")
    still = [one for one in container.streams.video if one.disposition & Disposition.attached_pic]
    moving = [stream for stream in container.streams.video if stream not in still]
    if not moving:
        kinds = " and ".join(sorted({stream.type for stream in container.streams if stream not in still}))
        raise VideoError(f"{name}: has no video stream, only {kinds or 'a still picture'}")
    best = container.streams.best("video")
    stream = best if isinstance(best, VideoStream) and best in moving else moving[0]
    codec = stream.codec_context
    if codec is None:
        raise VideoError(f"{name}: its video codec is not known to FFmpeg")
    if codec.width * codec.height > MAX_FRAME_PIXELS:
        size = f"{codec.width}x{codec.height}"
        raise VideoError(f"{name}: frames of {size} pixels; at most {MAX_FRAME_PIXELS} pixels are read")
    codec.thread_count = 1
    codec.options = {"max_pixels": str(MAX_FRAME_PIXELS)}
    return stream


def _frame_rate(stream: VideoStream) -> Fraction:
    average, nominal = stream.average_rate, stream.guessed_rate
    if average and nominal and stream.duration is not None and abs(nominal / average - 1) > Fraction(1, 1000):
        return average
    return nominal or average or Fraction(25)


def _decode(container: InputContainer, stream: VideoStream, name: str) -> Generator[VideoFrame, None, None]:
    """All frames that can be decoded; what is damaged or missing at the end is left out."""
    damaged = 0
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
        except StopIteration:
            break
        except av.FFmpegError as error:
            logger.warning("%s: ends before its time (%s)", name, error.strerror)
            yield from stream.codec_context.decode(None)
            break
        try:
            yield from stream.codec_context.decode(packet)
        except av.FFmpegError:
            damaged += 1
    if damaged:
        logger.warning("%s: %d damaged packets were passed over", name, damaged)


def _scanned_duration_s(file: BinaryIO, name: str, rate: Fraction) -> Fraction:
    """Duration of a video whose file does not say it, by reading all packets (and decoding none)."""
    file.seek(0)
    container, stream = _open_stream(file, name)
    count, first, last = 0, inf, -inf
    with container, suppress(av.FFmpegError):  # of a damaged file what can be read counts
        for packet in container.demux(stream):
            count += packet.size > 0
            if packet.pts is not None:
                first, last = min(first, packet.pts), max(last, packet.pts)
    if stream.time_base and first < last:
        return int(last - first) * stream.time_base + 1 / rate
    return count / rate


class _Readable:
    """The part of a binary file that FFmpeg may use: not its name, from which it would guess a format."""

    def __init__(self, file: BinaryIO) -> None:
        self.read = file.read
        self.seek = file.seek
        self.tell = file.tell

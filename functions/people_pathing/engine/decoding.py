"""Decodes the frames of a video file and times them by their presentation timestamps.

Everything here depends on a frame alone, or on it and the frame before. A video that is read in segments
therefore yields exactly the same frames as one that is read from beginning to end.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import chain, pairwise
from pathlib import Path
from typing import BinaryIO, Literal

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter
from numpy.typing import NDArray

from people_pathing.engine.container import SourceFile, decode, frame_rate, open_stream, scanned_duration_s
from people_pathing.engine.planning.work import UNKNOWN_FRAMES, WorkMeter
from people_pathing.engine.sampling import sampling_slot, sampling_step
from people_pathing.engine.video import (
    Segment,
    VideoError,
    VideoMetadata,
    VideoSource,
    VideoSummary,
    source_name,
)

LONGEST_JUMP_BACK_US = 1_000_000
"""Damaged files contain small steps back in time, which are ignored. After a larger one, the file is a
concatenation of recordings whose clocks are unrelated."""
SEEK_LEADS_US = (1, 2_000_000, 20_000_000)
"""How long before a segment to seek. If no key frame is found there, decoding starts at the beginning."""
INDEXED_SHARE = 0.9
"""An index that covers less of the video is incomplete: FFmpeg adds to it while it reads the file."""
COLOR_RANGES: dict[int, Literal["LIMITED", "FULL"]] = {1: "LIMITED", 2: "FULL"}


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A decoded frame.

    Attributes:
        timestamp_us: microseconds after the first frame of the video.
        slot: number of the sampling interval that contains it; see `sampling.sampling_slot`.
        is_sampled: whether people are reported for it.
        picture: FFmpeg's frame, before rotation and scaling.
    """

    timestamp_us: int
    slot: int
    is_sampled: bool
    picture: VideoFrame


class VideoDecoder:
    """An open video file. `open_video` creates and closes it.

    Attributes:
        is_timed: whether the frames have reliable timestamps. Without them, a video is read from its
            beginning and timed by its frame rate.
        is_seekable: whether decoding may start in the middle and still give the same frames and times.
        width_px: width of the frames as displayed.
        height_px: height of the frames as displayed.
    """

    def __init__(self, file: BinaryIO, name: str, on_packet: Callable[[int], None]) -> None:
        """Opens the file and decodes the first frame.

        Args:
            file: seekable binary file.
            name: name of the video for error messages.
            on_packet: receives the size in bytes of each packet that is decoded.

        Raises:
            VideoError: The file is not a video, or none of its frames can be decoded.
        """
        self._file = SourceFile(file)
        self._name = name
        self._on_packet = on_packet
        self._start()
        first, stream = self._first, self._stream
        self._origin = first.pts or 0
        self._rate = frame_rate(stream)
        # AVI has no presentation timestamps. With B-frames, FFmpeg's substitutes are in decoding order.
        reordered = self._container.format.name == "avi" and stream.codec_context.has_b_frames
        self.is_timed = first.pts is not None and not reordered
        # A packet of an MPEG program stream can contain several frames, and their times differ after a seek.
        self.is_seekable = self.is_timed and self._container.format.name != "mpeg"
        self._rotation = round(first.rotation / 90) % 4
        self.width_px = first.height if self._rotation % 2 else first.width
        self.height_px = first.width if self._rotation % 2 else first.height
        self._scalers: defaultdict[tuple[int | str, ...], VideoReformatter] = defaultdict(VideoReformatter)

    @cached_property
    def metadata(self) -> VideoMetadata:
        """The stream as displayed. Read it before calling `frames`, because it may scan the whole file."""
        return VideoMetadata(
            codec=self._stream.codec_context.name,
            format=self._container.format.long_name,
            duration_ms=int(self._duration_s() * 1000),
            frame_rate=float(self._rate),
            frame_width=self.width_px,
            frame_height=self.height_px,
            color_range=COLOR_RANGES.get(int(self._first.color_range)),
        )

    def summary(self) -> VideoSummary:
        """Returns what planning needs to know about the video. Call it before `frames`."""
        return VideoSummary(
            self._name, self.metadata, self._file.size_bytes(), self.is_seekable, self._key_interval_s()
        )

    def frames(self, segment: Segment, sample_fps: float | None = None) -> Iterator[Frame]:
        """Yields the frames of a segment in the order in which they are shown. Call it once per decoder.

        Args:
            segment: part of the video.
            sample_fps: frames per second to sample; see `sampling.sampling_step`.

        Raises:
            VideoError: The timestamps jump back.
        """
        step = sampling_step(self._rate, sample_fps)
        previous_us, previous_slot = -1, -1
        for timestamp_us, picture in self._timed_from_before(segment.start_us):
            if segment.end_us is not None and timestamp_us >= segment.end_us:
                return
            slot = sampling_slot(timestamp_us, self._rate, step)
            if timestamp_us >= segment.start_us:
                # Of frames with the same time only the first is sampled: a person has one place at a time.
                is_next = timestamp_us > previous_us if step == 1 else slot != previous_slot
                yield Frame(timestamp_us, slot, is_next, picture)
            previous_us, previous_slot = timestamp_us, slot

    @property
    def frame_rate(self) -> Fraction:
        """Frames per second."""
        return self._rate

    def image(self, frame: Frame, width_px: int, height_px: int) -> NDArray[np.uint8]:
        """Returns the frame as displayed, scaled to (height_px, width_px, 3) uint8 BGR.

        Only one field of an interlaced frame is used. The other was recorded at another moment, so people
        who move would appear twice.
        """
        return self._displayed(frame, width_px, height_px, "bgr24", Interpolation.BICUBIC)

    def grey_image(self, frame: Frame, width_px: int, height_px: int) -> NDArray[np.uint8]:
        """Returns the brightness of the frame as displayed, scaled to (height_px, width_px) uint8.

        It is made without the colours and takes a tenth of the time of `image`.
        """
        return self._displayed(frame, width_px, height_px, "gray", Interpolation.AREA)

    def _displayed(
        self, frame: Frame, width_px: int, height_px: int, pixels: str, interpolation: Interpolation
    ) -> NDArray[np.uint8]:
        if self._rotation % 2:
            width_px, height_px = height_px, width_px
        picture = frame.picture
        if picture.interlaced_frame:
            lines = self._scaled(picture, width_px, picture.height, pixels, interpolation)
            picture = VideoFrame.from_ndarray(np.ascontiguousarray(lines[::2]), format=pixels)
        image = self._scaled(picture, width_px, height_px, pixels, interpolation)
        return np.ascontiguousarray(np.rot90(image, self._rotation))

    def close(self) -> None:
        """Releases FFmpeg's resources; the file itself stays open."""
        self._decoded.close()
        self._container.close()

    def _scaled(
        self,
        picture: VideoFrame,
        width_px: int,
        height_px: int,
        pixels: str,
        interpolation: Interpolation,
    ) -> NDArray[np.uint8]:
        # A scaler that gets another size than before is set up again, which is slow.
        scaler = self._scalers[picture.width, picture.height, width_px, height_px, pixels]
        image = scaler.reformat(
            picture, width_px, height_px, pixels, interpolation=interpolation, threads=1
        ).to_ndarray()
        return image.view(np.uint8)

    def _start(self) -> None:
        """Opens the file at its beginning and decodes the first frame, whose time is zero."""
        self._container, self._stream = open_stream(self._file, self._name)
        self._decoded = self._decode()
        first = next(self._decoded, None)
        if first is None:
            self.close()
            raise VideoError(f"{self._name}: none of its frames can be decoded; the file may be incomplete")
        self._first = first

    def _decode(self) -> Generator[VideoFrame, None, None]:
        return decode(self._container, self._stream, self._name, self._on_packet)

    def _duration_s(self) -> Fraction:
        stream = self._stream
        if stream.duration and stream.time_base:
            return stream.duration * stream.time_base
        if self._container.duration and self.is_timed:
            return Fraction(self._container.duration, av.time_base)
        self.close()
        duration_s = scanned_duration_s(self._file, self._name, self._rate)
        self._start()
        return duration_s

    def _key_interval_s(self) -> float | None:
        """Returns the longest time between two key frames, or None if the file has no complete index."""
        tick = float(self._stream.time_base or 0)
        times, keys = [], []
        for entry in self._stream.index_entries:
            times.append(entry.timestamp * tick)
            if entry.is_keyframe:
                keys.append(entry.timestamp * tick)
        duration_s = self.metadata.duration_ms / 1000
        if not keys or times[-1] - times[0] < INDEXED_SHARE * duration_s:
            return None
        return max(later - earlier for earlier, later in pairwise([*keys, times[-1]]))

    def _timed_from_before(self, start_us: int) -> Iterator[tuple[int, VideoFrame]]:
        """Yields frames and their times in microseconds, starting at least one frame before start_us."""
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
                    f"{timestamp_us / 1e6:.2f} s, as in a file joined from several recordings; "
                    "rewrite it with one clock: ffmpeg -i IN -c copy OUT.mp4"
                )
            # Times in a damaged file may step back a little, but frames are shown in order.
            previous_us = max(timestamp_us, previous_us)
            yield previous_us, picture

    def _presented_us(self, pts: int) -> int:
        """Returns the microseconds since the first frame, rounded down.

        Containers that count in milliseconds round the times of, for example, 29.97 frames per second. If a
        time differs from the constant rate only by such rounding, the constant rate is used.
        """
        tick = self._stream.time_base or Fraction(1, av.time_base)
        elapsed = (pts - self._origin) * tick
        if tick * 4 <= 1 / self._rate:
            regular = round(elapsed * self._rate) / self._rate
            if abs(regular - elapsed) <= tick:
                elapsed = regular
        return int(elapsed * 1_000_000)

    def _from_before(self, start_us: int) -> Iterator[VideoFrame]:
        """Returns frames that start at least one frame before start_us."""
        if start_us == 0:
            return chain([self._first], self._decoded)
        for lead_us in SEEK_LEADS_US:
            if self.is_timed and lead_us < start_us and (frames := self._seek(start_us - lead_us, start_us)):
                return frames
        self.close()
        self._start()
        return chain([self._first], self._decoded)

    def _seek(self, target_us: int, start_us: int) -> Iterator[VideoFrame] | None:
        """Returns frames from the last key frame before target_us, or None if the seek ends too late."""
        ticks = self._origin + int(target_us / (1_000_000 * (self._stream.time_base or 1)))
        self._decoded.close()
        try:
            self._container.seek(ticks, stream=self._stream)
        except av.FFmpegError:
            return None
        self._decoded = self._decode()
        key = next((picture for picture in self._decoded if picture.key_frame), None)
        if key is None or key.pts is None or self._presented_us(key.pts) >= start_us:
            return None
        return chain([key], self._decoded)


def ignore(_packet_bytes: int) -> None:
    """Does nothing with the size of a packet."""


@contextmanager
def open_video(source: VideoSource, on_packet: Callable[[int], None] = ignore) -> Iterator[VideoDecoder]:
    """Opens a video and closes it at the end of the `with` block.

    Args:
        source: the video.
        on_packet: receives the size in bytes of each packet that is decoded. An error that it raises ends the
            decoding.

    Raises:
        VideoError: The source is not a video.
        OSError: The source cannot be read.
    """
    if isinstance(source, str | os.PathLike):
        with Path(source).open("rb") as file, open_video(file, on_packet) as video:
            yield video
        return
    video = VideoDecoder(source, source_name(source), on_packet)
    try:
        yield video
    finally:
        video.close()


def read_metadata(source: VideoSource) -> VideoMetadata:
    """Describes a video. Raises VideoError if it is not a video or its first frame cannot be decoded."""
    with open_video(source) as video:
        return video.metadata


def summarize(source: VideoSource) -> VideoSummary:
    """Returns what planning needs to know about a video, without decoding more than its first frame.

    Raises:
        VideoError: The source is not a video or its first frame cannot be decoded, at least not in the time
            that a function has.
    """
    meter = WorkMeter(UNKNOWN_FRAMES, source_name(source))
    with open_video(source, meter.add_packet) as video:
        return video.summary()

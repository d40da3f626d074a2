"""Decodes the frames of a video file and times them by their presentation timestamps.

Everything here depends on a frame alone, or on it and the frame before. A video that is read in segments
therefore yields exactly the same frames as one that is read from beginning to end.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import chain, dropwhile, pairwise
from math import inf
from pathlib import Path
from typing import BinaryIO, Literal

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation
from numpy.typing import NDArray

from people_pathing.engine.checks.sources import check_source
from people_pathing.engine.planning.work import UNKNOWN_FRAMES, WorkMeter
from people_pathing.engine.sampling import sampling_slot, sampling_step
from people_pathing.engine.video import (
    Segment,
    VideoMetadata,
    VideoSource,
    VideoSummary,
    check_frame_rate,
    source_name,
)
from people_pathing.engine.video_files.clock import corrected
from people_pathing.engine.video_files.container import MAX_FRAME_PIXELS
from people_pathing.engine.video_files.creation import creation_ms
from people_pathing.engine.video_files.display import Display, display, display_matrix
from people_pathing.engine.video_files.pictures import PictureConverter
from people_pathing.engine.video_files.skipping.skipper import Picture, SkippingError
from people_pathing.engine.video_files.stream import OpenStream
from people_pathing.engine.video_files.timeline import find_timeline

logger = logging.getLogger(__name__)

SEEK_LEADS_US = (0, 2_000_000, 20_000_000)
"""How long before the first needed frame to seek. If no key frame is found there, decoding starts at the
beginning."""
INDEXED_SHARE = 0.9
"""An index that covers less of the video is incomplete."""
COLOR_RANGES: dict[int, Literal["LIMITED", "FULL"]] = {1: "LIMITED", 2: "FULL"}


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A decoded frame.

    Attributes:
        timestamp_us: microseconds after the first frame of the video.
        slot: number of the sampling interval that contains it; see `sampling.sampling_slot`.
        is_sampled: whether people are reported for it.
        picture: FFmpeg's frame, before rotation and scaling; None for an unsampled frame that was skipped.
    """

    timestamp_us: int
    slot: int
    is_sampled: bool
    picture: VideoFrame | None


class VideoDecoder:
    """An open video file. `open_video` creates and closes it.

    Time is zero at the first frame that can be shown, for the times of frames and for the duration.

    Attributes:
        is_timed: whether the frames have reliable timestamps. Without them, a video is read from its
            beginning and timed by its frame rate.
        is_seekable: whether decoding may start in the middle and still give the same frames and times.
        width_px: width of the frames as displayed.
        height_px: height of the frames as displayed.
    """

    def __init__(
        self,
        file: BinaryIO,
        name: str,
        on_packet: Callable[[int], None],
        stated_rate: float | None = None,
    ) -> None:
        """Opens the file and decodes the first frames.

        Args:
            file: seekable binary file.
            name: name of the video for error messages.
            on_packet: receives the size in bytes of each packet that is decoded.
            stated_rate: frames per second that replace the times in the file; None to trust them.

        Raises:
            VideoError: The file is not a video, or none of its frames can be decoded.
        """
        self._name = name
        self._stream = OpenStream(file, name, on_packet)
        try:
            self._timeline = find_timeline(self._stream, name, stated_rate)
            shown = self._find_display()
        except BaseException:
            self.close()
            raise
        self.is_timed = self._timeline.origin is not None
        self.is_seekable = self.is_timed and self._stream.can_seek
        self.width_px, self.height_px = shown.width_px, shown.height_px
        self._pictures = PictureConverter(shown)

    @cached_property
    def metadata(self) -> VideoMetadata:
        """The stream as displayed. Read it before calling `frames`, because it may scan the whole file."""
        return VideoMetadata(
            codec=self._stream.stream.codec_context.name,
            format=self._stream.container.format.long_name,
            duration_ms=self._duration_ms(),
            frame_rate=float(self.frame_rate),
            frame_width=self.width_px,
            frame_height=self.height_px,
            color_range=COLOR_RANGES.get(int(self._stream.first[0].color_range)),
            created_ms=creation_ms(self._stream.container.metadata),
            # Players move a start before zero to zero.
            start_ms=round(1000 * max(0.0, self.start_s or 0.0), 3),
        )

    @property
    def frame_rate(self) -> Fraction:
        """Frames per second."""
        return self._timeline.rate

    @property
    def start_s(self) -> float | None:
        """Time of the first frame on the clock of the file, which its sound has, too; None without times."""
        origin, delay, tick_s = self._timeline.origin, self._timeline.delay, self._timeline.tick_s
        return None if origin is None else float((origin - delay) * tick_s)

    def summary(self) -> VideoSummary:
        """Returns what planning needs to know about the video. Call it once, before anything else."""
        keys_s, last_s = self._key_times_s()  # FFmpeg adds to the index while it reads the file
        interval_s = None
        if keys_s and last_s - keys_s[0] >= INDEXED_SHARE * self.metadata.duration_ms / 1000:
            interval_s = max(later - earlier for earlier, later in pairwise([*keys_s, last_s]))
        size_bytes = self._stream.file.size_bytes()
        return VideoSummary(self._name, self.metadata, size_bytes, self.is_seekable, interval_s)

    def frames(self, segment: Segment, sample_fps: float | None = None) -> Iterator[Frame]:
        """Yields the frames of a segment in the order in which they are shown. Call it once per decoder.

        Args:
            segment: part of the video.
            sample_fps: frames per second to sample; see `sampling.sampling_step`.

        Raises:
            VideoError: The timestamps jump back, or the pictures are encrypted.
        """
        step = sampling_step(self.frame_rate, sample_fps)
        last_us = -1
        try:
            for frame in self._frames(segment, step, self._skipping_from_before(segment.start_us, step)):
                last_us = frame.timestamp_us
                yield frame
            return
        except SkippingError:
            logger.info("%s: is read again with all frames, because something is unusual in it", self._name)
        # By time: damage in a frame that was skipped can change the number of frames before.
        again = self._frames(segment, step, self._from_before(segment.start_us))
        yield from dropwhile(lambda frame: frame.timestamp_us <= last_us, again)

    def _frames(self, segment: Segment, step: int, pictures: Iterator[Picture]) -> Iterator[Frame]:
        rate = self.frame_rate
        previous_us, previous_slot = -1, -1
        for timestamp_us, picture in self._timeline.timed(pictures, self._stream.ticks):
            if segment.end_us is not None and timestamp_us >= segment.end_us:
                break
            slot = sampling_slot(timestamp_us, rate, step)
            if timestamp_us >= segment.start_us:
                # Of frames with the same time only the first is sampled: a person has one place at a time.
                is_next = timestamp_us > previous_us if step == 1 else slot != previous_slot
                if isinstance(picture, VideoFrame):
                    yield Frame(timestamp_us, slot, is_next, picture)
                elif is_next:
                    raise SkippingError
                else:
                    yield Frame(timestamp_us, slot, is_next, None)
            previous_us, previous_slot = timestamp_us, slot

    def lost_frame_count(self, segment: Segment) -> int:
        """Returns how many frames of a segment the file has that could not be decoded.

        Call it after `frames` for this segment, or for a longer one that contains it. In an undamaged file,
        no frame is lost.
        """
        end_us = inf if segment.end_us is None else segment.end_us
        reader = self._stream.reader
        lost = reader.unread if segment.end_us is None else 0
        if not self.is_timed:
            return lost + len(reader.lost_times()) + reader.lost_without_time
        times_us = map(self._timeline.packet_us, reader.lost_times())
        return lost + sum(segment.start_us <= timestamp_us < end_us for timestamp_us in times_us)

    def image(self, frame: Frame, width_px: int, height_px: int) -> NDArray[np.uint8]:
        """Returns the frame as displayed, scaled to (height_px, width_px, 3) uint8 BGR."""
        assert frame.picture
        return self._pictures.image(frame.picture, width_px, height_px, "bgr24", Interpolation.BICUBIC)

    def grey_image(self, frame: Frame, width_px: int, height_px: int) -> NDArray[np.uint8]:
        """Returns the brightness of the frame as displayed, scaled to (height_px, width_px) uint8.

        It is made without the colours and takes a tenth of the time of `image`.
        """
        assert frame.picture
        return self._pictures.image(frame.picture, width_px, height_px, "gray", Interpolation.AREA)

    def close(self) -> None:
        """Releases FFmpeg's resources; the file itself stays open."""
        self._stream.close()

    def _find_display(self) -> Display:
        first = self._stream.first[0]
        return display(
            self._name,
            (first.width, first.height),
            display_matrix(first),
            self._stream.stream.sample_aspect_ratio,
            MAX_FRAME_PIXELS,
        )

    def _duration_ms(self) -> int:
        ending = self._stream.ending(self._timeline.clock.step) if self.is_timed else None
        if not ending or self._timeline.end_s(ending) is None:
            ending = self._stream.whole()
        return self._timeline.duration_ms(ending)

    def _key_times_s(self) -> tuple[list[float], float]:
        """Returns the times of key frames and of the last frame in the index that the file has."""
        tick_s = self._timeline.tick_s
        entries = list(self._stream.stream.index_entries)
        keys_s = [float(entry.timestamp * tick_s) for entry in entries if entry.is_keyframe]
        return keys_s, float(entries[-1].timestamp * tick_s) if entries else 0.0

    def _skipping_from_before(self, start_us: int, step: int) -> Iterator[Picture]:
        """Returns frames from a key frame on. Some that are not sampled are not decoded."""
        pictures = self._from_before(start_us)
        if self.is_timed and step > 1:
            packet_us, rate = self._timeline.packet_us, self.frame_rate
            self._stream.reader.skipper.start(lambda ticks: sampling_slot(packet_us(ticks), rate, step))
        return pictures

    def _from_before(self, start_us: int) -> Iterator[Picture]:
        """Returns frames from a key frame on, some frames before start_us."""
        first_us = start_us - self._timeline.near_us
        for lead_us in SEEK_LEADS_US if self.is_timed else ():
            if first_us > lead_us and (frames := self._from_key(first_us - lead_us, first_us)):
                return frames
        return self._stream.from_start()

    def _from_key(self, target_us: int, first_us: int) -> Iterator[Picture] | None:
        """Returns frames from the last key frame before target_us, or None if it is after first_us."""
        found = self._stream.seek(self._timeline.packet_ticks(target_us))
        if not found:
            return None
        frames, later = found
        key = corrected([self._stream.ticks(picture) for picture in frames], 0, self._timeline.clock)
        if key is None or self._timeline.elapsed_s(key) * 1_000_000 > first_us:
            return None
        return chain(frames, later)


def ignore(_packet_bytes: int) -> None:
    """Does nothing with the size of a packet."""


@contextmanager
def open_video(
    source: VideoSource, on_packet: Callable[[int], None] = ignore, *, frame_rate: float | None = None
) -> Iterator[VideoDecoder]:
    """Opens a video and closes it at the end of the `with` block.

    Args:
        source: the video.
        on_packet: receives the size in bytes of each packet that is decoded. An error that it raises ends the
            decoding.
        frame_rate: frames per second that replace the times in the file; None to trust them.

    Raises:
        VideoError: The source is not a video.
        OSError: The source cannot be read.
        TypeError: The source is not a file, or frame_rate is not a number.
        ValueError: The source is a URL, or no video can have this frame_rate.
    """
    if frame_rate is not None:
        check_frame_rate(frame_rate)
    check_source(source)
    if isinstance(source, str | os.PathLike):
        with Path(source).open("rb") as file, open_video(file, on_packet, frame_rate=frame_rate) as video:
            yield video
        return
    video = VideoDecoder(source, source_name(source), on_packet, frame_rate)
    try:
        yield video
    finally:
        video.close()


def read_metadata(source: VideoSource, *, frame_rate: float | None = None) -> VideoMetadata:
    """Describes a video. Raises VideoError if it is not a video or its first frame cannot be decoded.

    Args:
        source: the video.
        frame_rate: frames per second that replace the times in the file; None to trust them.
    """
    with open_video(source, frame_rate=frame_rate) as video:
        return video.metadata


def summarize(source: VideoSource, *, frame_rate: float | None = None) -> VideoSummary:
    """Returns what planning needs to know about a video, without decoding more than its first frames.

    Args:
        source: the video.
        frame_rate: frames per second that replace the times in the file; None to trust them.

    Raises:
        VideoError: The source is not a video or its first frame cannot be decoded, at least not in the time
            that a function has.
    """
    meter = WorkMeter(UNKNOWN_FRAMES, source_name(source))
    with open_video(source, meter.add_packet, frame_rate=frame_rate) as video:
        return video.summary()

"""Turns the times of a stream into times after the first frame, and finds the duration."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TypeVar

import av

from people_pathing.engine.video import VideoError
from people_pathing.engine.video_files.clock import Clock, corrected, corrected_times, end_of
from people_pathing.engine.video_files.length import Ending, measured_frame_rate
from people_pathing.engine.video_files.stream import OpenStream

T = TypeVar("T")

LONGEST_JUMP_BACK_US = 1_000_000
MOST_FRAMES_BEHIND = 12
"""Damaged files contain small steps back in time, which are ignored. After a larger one, or if the clock
stays behind for more frames, the file is a concatenation of recordings whose clocks are unrelated."""
LARGEST_DENOMINATOR = 1001
"""That of 29.97 frames per second, which are 30000/1001."""
LONGEST_S = 31 * 24 * 3600
"""A longer duration is not believed."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """The times of one video. Zero is the first frame that can be shown.

    Attributes:
        name: name of the video for error messages.
        rate: frames per second.
        tick_s: unit of the stream's times in seconds.
        origin: time of the first frame in ticks; None if frames have no times, and are counted instead.
        delay: how many ticks later frames are shown than the times of packets say.
        near_frames: how many frames before and after correct the time of a frame.
    """

    name: str
    rate: Fraction
    tick_s: Fraction
    origin: int | None
    delay: int
    near_frames: int

    @property
    def clock(self) -> Clock:
        """The units of the stream."""
        return Clock(float(1 / self.tick_s), float(1 / self.rate / self.tick_s))

    @property
    def near_us(self) -> int:
        """Microseconds before a segment that must be decoded for the times in it to be right."""
        return int((self.near_frames + 1) * 1_000_000 / self.rate)

    def elapsed_s(self, ticks: int) -> Fraction:
        """Returns the seconds since the first frame.

        Containers that count in milliseconds round the times of, for example, 29.97 frames per second. If a
        time differs from the constant rate only by such rounding, the constant rate is used.
        """
        elapsed_s = (ticks - (self.origin or 0)) * self.tick_s
        if self.tick_s * 4 <= 1 / self.rate:
            regular_s = round(elapsed_s * self.rate) / self.rate
            if abs(regular_s - elapsed_s) <= self.tick_s:
                return regular_s
        return elapsed_s

    def packet_us(self, ticks: int) -> int:
        """Returns the microseconds after the first frame at which the frame of a packet is shown."""
        return int(self.elapsed_s(ticks + self.delay) * 1_000_000)

    def packet_ticks(self, timestamp_us: int) -> int:
        """Returns the time of the packet of a frame in ticks."""
        return (self.origin or 0) - self.delay + int(timestamp_us / (1_000_000 * self.tick_s))

    def timed(self, frames: Iterable[T], ticks_of: Callable[[T], int | None]) -> Iterator[tuple[int, T]]:
        """Yields each frame with its microseconds after the first frame of the video.

        Args:
            frames: in the order of the decoder. If they have no times, they begin with the first.
            ticks_of: returns the time of a frame in the file.

        Raises:
            VideoError: The clock jumps back.
        """
        if self.origin is None:
            for number, frame in enumerate(frames):
                yield int(number * 1_000_000 / self.rate), frame
            return
        previous_us, latest_us, behind = 0, 0, 0
        uncorrected = ((ticks_of(frame), frame) for frame in frames)
        for ticks, frame in corrected_times(uncorrected, self.near_frames, self.clock):
            if ticks is None:
                timestamp_us = previous_us + int(1_000_000 / self.rate)
            else:
                timestamp_us = int(self.elapsed_s(ticks) * 1_000_000)
            behind = behind + 1 if timestamp_us < previous_us else 0
            if timestamp_us < previous_us - LONGEST_JUMP_BACK_US or behind > MOST_FRAMES_BEHIND:
                raise VideoError(
                    f"{self.name}: its clock jumps back from {max(latest_us, previous_us) / 1e6:.2f} to "
                    f"{timestamp_us / 1e6:.2f} s, as in a file joined from several recordings; "
                    "rewrite it with one clock: ffmpeg -i IN -an -vf setpts=N/FR/TB OUT.mp4"
                )
            if (stated := ticks_of(frame)) is not None:
                latest_us = int(self.elapsed_s(stated) * 1_000_000)
            # Frames are shown in order.
            previous_us = max(timestamp_us, previous_us)
            yield previous_us, frame

    def end_s(self, ending: Ending) -> Fraction | None:
        """Returns the end of the last frame in seconds; None if it is unknown or before the first frame."""
        if self.origin is None or not ending.times:
            return None
        last_s = self.elapsed_s(end_of(ending.times, self.clock) + self.delay)
        end_s = last_s + (1 + ending.untimed_count) / self.rate
        return end_s if end_s > 0 else None

    def duration_ms(self, ending: Ending) -> int:
        """Returns the time from the start of the first frame to the end of the last.

        Raises:
            VideoError: No video is so long.
        """
        duration_s = self.end_s(ending) or Fraction(ending.packet_count or 1) / self.rate
        if duration_s > LONGEST_S:
            raise VideoError(
                f"{self.name}: its frames span {int(duration_s / 86_400)} days, which cannot be; state its "
                "frame rate (--frame-rate, or frame_rate in Python), or rewrite it: "
                "ffmpeg -r 25 -i IN OUT.mp4"
            )
        return int(duration_s * 1000)


def find_timeline(opened: OpenStream, name: str, stated_rate: float | None) -> Timeline:
    """Returns the timeline of a stream, by the times of its first frames.

    Args:
        opened: the stream.
        name: name of the video for error messages.
        stated_rate: frames per second that replace the times in the file; None to trust them.

    Raises:
        VideoError: The frames follow each other too fast or too slowly for any video.
    """
    times = [opened.ticks(picture) for picture in opened.first]
    has_times = times[0] is not None
    if stated_rate is None:
        known = [ticks for ticks in times if ticks is not None]
        rate = measured_frame_rate(opened.stream, known, name, opened.more_times)
        tick_s = opened.stream.time_base or Fraction(1, av.time_base)
    else:
        # Times that count frames remain useful. All others are replaced.
        rate = Fraction(stated_rate).limit_denominator(LARGEST_DENOMINATOR)
        tick_s = 1 / rate
        has_times = has_times and opened.counts_frames
    uncorrected = Timeline(name, rate, tick_s, None, 0, opened.near_frames)
    origin = corrected(times, 0, uncorrected.clock) if has_times else None
    delay = 0
    if origin is not None and opened.by_decoding_time:
        delay = origin - (opened.reader.first_packet_ticks or 0)
    return replace(uncorrected, origin=origin, delay=delay)

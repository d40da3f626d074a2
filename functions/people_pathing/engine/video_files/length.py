"""Finds where a video ends, and how many frames it has in a second. Headers are only a hint for both."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import islice, pairwise
from statistics import median

import av
from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from people_pathing.engine.video import POSSIBLE_RATES, VideoError
from people_pathing.engine.video_files.clock import Clock, median_step
from people_pathing.engine.video_files.runs import RunCorrection, stated_clock

MAX_SCANNED_PACKETS = 6_000_000
"""More than six hours at 240 frames per second. Scanning them takes about half a minute."""
USUAL_RATES = Fraction(1, 20), Fraction(240)
"""Lowest and highest stated frame rate that is believed without a look at the times of the frames."""
DEFAULT_FRAME_RATE = Fraction(25)
UNCLEAR_SHARE = Fraction(1, 4)
"""If a step between two of the first frames differs by more from the stated one, that is in doubt."""
PAUSE_STEPS = 3
"""A step of so many usual ones is a pause, and does not count in the rate."""
CLOSE_SHARE = Fraction(1, 50)
NEAR_SHARE = Fraction(1, 20)
"""A usual rate that differs from the mean by no more is right."""
COMMON_RATES = (
    *(Fraction(rate) for rate in (1, 2, 5, 6, 8, 10, 12, 15, 20, 24, 25, 30, 48, 50, 60, 100, 120)),
    Fraction(24_000, 1001),
    Fraction(30_000, 1001),
    Fraction(60_000, 1001),
)
"""Frame rates of cameras. The mean of a hundred steps with errors is close to one of them."""
LAST_FRAMES = 20
"""Times of last frames that are kept: enough to tell wrong ones, and to see all that are out of order."""
FAR_TICKS = 1 << 55
"""A time after the end of any video. FFmpeg overflows at later ones."""
TAIL_LEADS = (0, 1, 10)
"""How many times LAST_FRAMES before those that were found to read again, until there are LAST_FRAMES."""


@dataclass(frozen=True, slots=True)
class Ending:
    """The end of a stream.

    Attributes:
        times: the times of the last packets in ticks, at most LAST_FRAMES, in the order of the file.
        packet_count: number of packets, or None if not all of them were read.
        untimed_count: number of frames after these that have no time.
        has_doubts: whether the clock jumped or stood still in the packets that were read.
    """

    times: tuple[int, ...]
    packet_count: int | None
    untimed_count: int = 0
    has_doubts: bool = False


def measured_frame_rate(
    stream: VideoStream, times: list[int], name: str, more_times: Callable[[], list[int]]
) -> Fraction:
    """Returns the frames per second of a stream: the nominal rate, or the average rate if it varies.

    If the file states none that makes sense, the median step between the first frames decides. If it does not
    count its frames, and the rate is unusual or contradicts the first ones, the times of more frames decide.

    Args:
        stream: the stream.
        times: times of its first frames in ticks.
        name: name of the video for the error message.
        more_times: reads the times of more packets, in any order.

    Raises:
        VideoError: The frames follow each other too fast or too slowly for any video.
    """
    average, nominal = stream.average_rate, stream.guessed_rate
    if average and nominal and stream.duration is not None and abs(nominal / average - 1) > Fraction(1, 1000):
        nominal = average
    stated = nominal or average or DEFAULT_FRAME_RATE
    step = median_step(times)
    measured = None
    if step is not None and stream.time_base:
        seconds = Fraction(step) * stream.time_base
        measured = 1 / seconds if seconds else POSSIBLE_RATES[1] * 2
    lowest, highest = USUAL_RATES
    if measured is None:
        return stated if lowest <= stated <= highest else DEFAULT_FRAME_RATE
    lowest_possible, highest_possible = POSSIBLE_RATES
    if not lowest_possible <= measured <= highest_possible:
        raise VideoError(
            f"{name}: its frames are {float(1 / measured):.2g} s apart, which cannot be; state its frame "
            "rate (--frame-rate, or frame_rate in Python), or rewrite it: ffmpeg -r 25 -i IN OUT.mp4"
        )
    is_usual = lowest <= stated <= highest
    tick_s = stream.time_base or Fraction(1, av.time_base)
    if is_usual and (stream.frames or (_is_common(stated) and _is_kept(times, stated, tick_s))):
        return stated
    mean = _mean_rate(more_times(), tick_s)
    if is_usual and (mean is None or (_is_common(stated) and abs(mean / stated - 1) <= NEAR_SHARE)):
        return stated
    return mean or measured


def _is_common(rate: Fraction) -> bool:
    return any(abs(common / rate - 1) < Fraction(1, 10_000) for common in COMMON_RATES)


def _is_kept(times: list[int], rate: Fraction, tick_s: Fraction) -> bool:
    """Returns whether the distances of frames are about those of a frame rate."""
    allowed_s = max(UNCLEAR_SHARE / rate, 2 * tick_s)
    steps = (later - earlier for earlier, later in pairwise(sorted(times)))
    return all(abs(step * tick_s - 1 / rate) <= allowed_s for step in steps)


def _mean_rate(times: list[int], tick_s: Fraction) -> Fraction | None:
    """Returns the frames per second without pauses; a usual rate if it is close to one."""
    steps = [later - earlier for earlier, later in pairwise(sorted(times))]
    usual = [step for step in steps if 0 < step <= PAUSE_STEPS * median(steps)]
    if not usual:
        return None
    rate = len(usual) / (sum(usual) * tick_s)
    nearest = min(COMMON_RATES, key=lambda common: abs(common / rate - 1))
    return nearest if abs(nearest / rate - 1) <= CLOSE_SHARE else rate.limit_denominator(1001)


def read_ending(
    container: InputContainer, stream: VideoStream, step: float, *, by_decoding_time: bool
) -> Ending | None:
    """Reads the last packets of a stream without decoding them.

    Args:
        container: the container, in any position.
        stream: the stream.
        step: usual number of ticks between two frames.
        by_decoding_time: whether frames are timed by the decoding time of packets.

    Returns:
        None if the container cannot seek to its end, or the clock is in doubt there. Then only all packets
        tell which times are right.
    """
    ending: Ending | None = None
    target = FAR_TICKS
    for lead in TAIL_LEADS:
        if ending:
            target = min(ending.times) - int(lead * LAST_FRAMES * step)
        try:
            container.seek(target, stream=stream)
        except av.FFmpegError:
            break
        clock = Clock(stated_clock(stream).second, step)
        ending = _read(container, stream, clock, by_decoding_time=by_decoding_time)
        ending = replace(ending, packet_count=None)
        if not ending.times or ending.has_doubts:
            return None
        if len(ending.times) == LAST_FRAMES:
            break
    return ending


def read_all(container: InputContainer, stream: VideoStream, name: str, *, by_decoding_time: bool) -> Ending:
    """Reads all packets of a newly opened stream without decoding them.

    Raises:
        VideoError: There are more than MAX_SCANNED_PACKETS.
    """
    ending = _read(container, stream, stated_clock(stream), by_decoding_time=by_decoding_time)
    if (ending.packet_count or 0) > MAX_SCANNED_PACKETS:
        raise VideoError(f"{name}: has more than {MAX_SCANNED_PACKETS:,} frames; cut it into parts")
    return ending


def first_times(container: InputContainer, stream: VideoStream, count: int) -> list[int]:
    """Returns the times of the first packets of a newly opened stream, in the order of the file.

    It returns none if some packets have no time, because the others do not tell how many frames are between.
    """
    times: list[int | None] = []
    with suppress(av.FFmpegError):
        packets = RunCorrection(stated_clock(stream)).corrected(container.demux(stream))
        times.extend(packet.pts for packet in islice(packets, count) if packet.size)
    known = [time for time in times if time is not None]
    return known if len(known) == len(times) else []


def _read(container: InputContainer, stream: VideoStream, clock: Clock, *, by_decoding_time: bool) -> Ending:
    count = untimed = 0
    last: deque[int] = deque(maxlen=LAST_FRAMES)
    correction = RunCorrection(clock)
    packets: Iterable[Packet[VideoStream]] = container.demux(stream)
    if container.format.name != "avi":
        packets = correction.corrected(packets)
    with suppress(av.FFmpegError):  # the readable part of a damaged file counts
        for packet in packets:
            if not packet.size or packet.is_discard:
                continue
            count += 1
            if count > MAX_SCANNED_PACKETS:
                break
            time = packet.dts if by_decoding_time else packet.pts
            untimed += 1
            if time is not None:
                last.append(time)
                untimed = 0
    # Some of them are shown before the last frame that has a time.
    untimed = max(0, untimed - int(stream.codec_context.has_b_frames))
    return Ending(tuple(last), count, untimed, correction.has_doubts)

"""Corrects runs of packets with wrong times, before they are decoded.

A recorder's clock stands still for some seconds, or counts from another hour for a while and then returns.
`clock` compares a frame with the four before and after it, which does not show that. Packets are small, so
many more of them can be compared.

Only times that contradict each other are changed. A clock that jumps ahead and does not return shows a pause,
and frames at varying distances keep their times.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import islice, pairwise
from statistics import median
from typing import Protocol, TypeVar

from av.video.stream import VideoStream

from people_pathing.engine.video_files.clock import LONELY_S, Clock

LONGEST_RUN = 120
"""Most packets with another clock: four seconds of video. So many are kept in memory while the clock is in
doubt, and need 50 MB in 4K. A longer run is a recording of its own."""
STILL_FRAMES = 5
"""So many packets with the same time show that the clock stands still. Fewer may be shown together."""
KNOWN_TIMES = 8
"""Times before a packet that are compared with it: more than a decoder reorders."""
MOST_REORDERED = 16
"""Most frames between the places of a picture in decoding order and in time; see H.264, A.3.1."""
DEFAULT_RATE = Fraction(25)


class TimedPacket(Protocol):
    """What is needed of a packet: its presentation and decoding time in ticks, if it has them."""

    pts: int | None
    dts: int | None


P = TypeVar("P", bound=TimedPacket)


def stated_clock(stream: VideoStream) -> Clock:
    """Returns the clock of a stream, with the frame rate that its header states."""
    second = float(1 / (stream.time_base or Fraction(1, 1000)))
    return Clock(second, second / float(stream.guessed_rate or stream.average_rate or DEFAULT_RATE))


class RunCorrection:
    """Corrects the times of the packets of one stream.

    Attributes:
        has_doubts: whether the clock stood still or jumped back.
        begins_in_doubt: whether already the first packets do not tell a time from the next.
    """

    def __init__(self, clock: Clock) -> None:
        """Starts before the first packet."""
        self._clock = clock
        self._known: deque[int] = deque(maxlen=KNOWN_TIMES)
        self.has_doubts = False
        self.begins_in_doubt = False

    def corrected(self, packets: Iterable[P]) -> Iterator[P]:
        """Yields all packets, with corrected times. An error of the source is raised where it happened."""
        source = iter(packets)
        ahead: deque[P] = deque()
        errors: list[Exception] = []

        def read(count: int) -> None:
            if not errors:
                try:
                    ahead.extend(islice(source, max(0, count - len(ahead))))
                except Exception as error:
                    errors.append(error)

        read(STILL_FRAMES)
        first = _stated(packet.pts for packet in ahead)
        self.begins_in_doubt = len(set(first)) < max(2, len(first))
        while ahead:
            times: Sequence[int] = ()
            if self._is_doubtful([packet.pts for packet in islice(ahead, STILL_FRAMES)]):
                read(LONGEST_RUN + STILL_FRAMES)
                times = right_times(list(self._known), [packet.pts for packet in ahead], self._clock)
            for time in times:
                _set_time(ahead[0], time)
                yield self._known_packet(ahead.popleft())
            if not times:
                yield self._known_packet(ahead.popleft())
            read(STILL_FRAMES)
        for error in errors:
            raise error

    def _known_packet(self, packet: P) -> P:
        if packet.pts is not None:
            self._known.append(packet.pts)
        return packet

    def _is_doubtful(self, times: Sequence[int | None]) -> bool:
        first = times[0]
        if first is None:
            return False
        stands_still = len(times) == STILL_FRAMES and times.count(first) == STILL_FRAMES
        jump = first - self._known[-1] if self._known else 0
        near = max(self._clock.second, MOST_REORDERED * self._clock.step)
        self.has_doubts |= stands_still or jump < -near
        return stands_still or abs(jump) > self._clock.second


def right_times(known: Sequence[int], ahead: Sequence[int | None], clock: Clock) -> list[int]:
    """Returns right times for the first packets if theirs are wrong, else an empty list.

    Args:
        known: right times of the packets before, in ticks.
        ahead: times that the file has for the next packets; None where it has none.
        clock: the units. Its step is used where no packets around tell it.
    """
    run = next((place for place, time in enumerate(ahead) if time != ahead[0]), len(ahead))
    if run >= STILL_FRAMES and ahead[0] is not None:
        return _moving(known, ahead[0], run, ahead[run] if run < len(ahead) else None, clock)
    return _returning(known, ahead, clock) if known else []


def _moving(known: Sequence[int], still: int, count: int, after: int | None, clock: Clock) -> list[int]:
    """Returns times for packets during which the clock stands still."""
    step = clock.step
    start: float = still
    if known:
        usual = max(known) + step
        is_ahead = still > usual + LONELY_S * clock.second if after is None else after < still
        if still < usual or is_ahead:
            start = usual
        elif after is not None:
            start = max(usual, min(still, after - count * step))
    elif after is not None and after < still:
        start = after - count * step
    if after is not None and after > start:
        step = min(step, (after - start) / count)
    return [round(start + number * step) for number in range(count)]


def _returning(known: Sequence[int], ahead: Sequence[int | None], clock: Clock) -> list[int]:
    """Returns times for the packets before the one whose clock continues that of the known times.

    If the clock only ever jumps ahead, the video pauses several times, and nothing contradicts its times.
    """
    steps = [later - earlier for earlier, later in pairwise(sorted({*known, *_stated(ahead)}))]
    step = median(steps) if steps else clock.step
    near = max(clock.second, MOST_REORDERED * step)
    last = max(time for time in known if abs(time - known[-1]) <= near)
    previous, has_gone_back = last, False
    for place, time in enumerate(ahead[: LONGEST_RUN + 1]):
        if time is None:
            continue
        if abs(time - previous) <= near and place == 0:
            return []
        gap = time - last
        has_gone_back |= time < previous - near
        is_return = (
            has_gone_back
            and abs(time - previous) > near
            and -MOST_REORDERED * step < gap <= 2 * place * step + near
        )
        if place and is_return:
            return [last + round(gap * (number + 1) / (place + 1)) for number in range(place)]
        previous = time
    return []


def _stated(times: Iterable[int | None]) -> list[int]:
    return [time for time in times if time is not None]


def _set_time(packet: TimedPacket, time: int) -> None:
    """Changes the time of a packet, and its decoding time if that is wrong, too."""
    stated, decoding = packet.pts, packet.dts
    if stated is not None and decoding is not None and abs(decoding - time) > abs(decoding - stated):
        packet.dts = decoding + time - stated
    packet.pts = time

"""Finds the frames that damage hides in a Matroska file.

FFmpeg skips what it does not understand, up to the next cluster, and does not report it. Between two blocks
of a sound file there are a few bytes (RFC 9559, 10.1 and 10.2). Many bytes together with a gap in time are
lost blocks, if the frames have a constant rate. A pause alone leaves no bytes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from people_pathing.engine.video_files.runs import MOST_REORDERED, stated_clock

MOST_BYTES_BETWEEN = 256
"""Headers of a cluster and a block have up to 25 bytes in files of FFmpeg, and some more with check sums."""
REGULAR_SHARE = 0.1
"""How much a step between frames of a constant rate may differ from the others, apart from rounding."""
MAX_MISSING = 1000
"""Most frames that are taken for missing in one place. A clock may also jump."""


@dataclass(slots=True)
class _Gap:
    """Lost bytes.

    Attributes:
        last: time of the last frame before, in ticks.
        next: time of the first frame after that is known by now.
        packet_count: number of packets that were read after it.
    """

    last: int
    next: int
    packet_count: int = 0


class MatroskaGaps:
    """Follows the packets of the only stream of a file."""

    def __init__(self, stream: VideoStream) -> None:
        """Starts before the first packet."""
        self._step = stated_clock(stream).step
        self._end: int | None = None  # position after the last packet
        self._times: deque[int] = deque(maxlen=MOST_REORDERED)
        self._gaps: list[_Gap] = []

    @classmethod
    def of(cls, container: InputContainer, stream: VideoStream) -> MatroskaGaps | None:
        """Returns None for another format, or if blocks of other streams would be taken for lost bytes."""
        is_only = len(container.streams) == 1 and container.format.name.startswith("matroska")
        return cls(stream) if is_only and stream.average_rate else None

    def add(self, packet: Packet[VideoStream]) -> None:
        """Takes the next packet."""
        if packet.pos is None or packet.pts is None:
            return
        for gap in self._gaps[-1:]:
            gap.packet_count += 1
            if gap.packet_count < MOST_REORDERED:
                gap.next = min(gap.next, packet.pts)
        has_bytes = self._end is not None and packet.pos - self._end > MOST_BYTES_BETWEEN
        if has_bytes and self._times:
            self._gaps.append(_Gap(max(self._times), packet.pts))
            self._times.clear()
        self._times.append(packet.pts)
        self._end = None if packet.has_sidedata("matroska_block_additional") else packet.pos + packet.size

    def missing_times(self) -> list[int]:
        """Returns the times of the missing frames in ticks."""
        return [
            round(gap.last + number * self._step)
            for gap in self._gaps
            for number in range(1, min(round((gap.next - gap.last) / self._step), MAX_MISSING))
        ]


def is_constant(times: Sequence[int | None], stream: VideoStream) -> bool:
    """Returns whether frames follow each other at the rate that the file states.

    Args:
        times: of consecutive frames, in ticks.
        stream: the stream.
    """
    step = stated_clock(stream).step
    known = [time for time in times if time is not None]
    allowed = max(2, REGULAR_SHARE * step)
    steps = [later - earlier for earlier, later in pairwise(known)]
    return bool(steps) and all(abs(one - step) <= allowed for one in steps)

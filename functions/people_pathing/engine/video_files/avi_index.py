"""Times the packets of an AVI file by its index.

FFmpeg counts the chunks that it finds. Damage hides some, and all later frames would be early.
"""

from __future__ import annotations

from av.packet import Packet
from av.video.stream import VideoStream

CHUNK_HEADER_BYTES = 8
"""Between the place in the index and the data; see Microsoft's "AVI RIFF File Reference"."""


class AviIndex:
    """Follows the packets of a stream in the index of its file."""

    def __init__(self, stream: VideoStream) -> None:
        """Starts before the first packet."""
        self._entries = stream.index_entries
        self._next: int | None = None

    def correct(self, packet: Packet[VideoStream]) -> list[int]:
        """Sets the times of a packet to those in the index. Leaves them if it is not there.

        Returns:
            The times of the chunks since the last packet that were not read.
        """
        if packet.pos is None or packet.dts is None:
            return []
        place = packet.pos - CHUNK_HEADER_BYTES
        if self._next is None:
            self._next = self._first_from(place)
        skipped = []
        while self._next < len(self._entries) and (entry := self._entries[self._next]).pos <= place:
            self._next += 1
            if entry.pos < place:
                skipped.append(entry.timestamp)
                continue
            shift = entry.timestamp - packet.dts
            packet.dts = entry.timestamp
            packet.pts = None if packet.pts is None else packet.pts + shift
        return skipped

    def _first_from(self, place: int) -> int:
        low, high = 0, len(self._entries)
        while low < high:
            middle = (low + high) // 2
            if self._entries[middle].pos < place:
                low = middle + 1
            else:
                high = middle
        return low

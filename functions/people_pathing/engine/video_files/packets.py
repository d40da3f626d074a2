"""Decodes the packets of a video stream, and counts the frames that are lost by damage."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterator

import av
from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from people_pathing.engine.video import VideoError
from people_pathing.engine.video_files.avi_index import AviIndex
from people_pathing.engine.video_files.groups import GroupDecoder
from people_pathing.engine.video_files.matroska_gaps import MatroskaGaps
from people_pathing.engine.video_files.runs import RunCorrection, stated_clock
from people_pathing.engine.video_files.skipping.skipper import FrameSkipper, Picture

logger = logging.getLogger(__name__)

NEAR_PACKETS = 4
"""A gap in time is taken for missing packets up to so many packets after a damaged one."""
MAX_MISSING = 1000
"""Most packets that are taken for missing in one place. A clock may also jump."""
INDEXED_FORMATS = ("mov",)
"""Beginnings of the names of formats whose index lists all frames before the first is read."""


class FrameReader:
    """Yields the frames of a stream, and knows which frames the file has but FFmpeg could not decode.

    A packet is lost if decoding it fails. Damage also makes following packets useless, up to the next key
    frame. A packet without a frame in an undamaged stretch carries none: some codecs have hidden frames.
    Packets that are missing are known by the index of an AVI file, by lost bytes in a Matroska file, or, in a
    transport stream, by a gap in time beside a damaged packet.

    Attributes:
        correction: corrects the times of packets, except in AVI files, where they count frames.
        gaps: finds frames that are hidden by damage; None if that is not possible.
        skipper: decides which packets need not be decoded.
        first_packet_ticks: decoding time of the first packet, if it has one.
        lost_without_time: number of lost frames without a time.
        unread: number of frames that are listed in the index, but are missing at the end of the file.
    """

    def __init__(
        self,
        container: InputContainer,
        stream: VideoStream,
        name: str,
        on_packet: Callable[[int], None],
        *,
        by_decoding_time: bool,
    ) -> None:
        """Reads from the container's position.

        Args:
            container: the container.
            stream: its video stream.
            by_decoding_time: whether frames are timed by the decoding time of packets.
            name: name of the video for the log.
            on_packet: receives the size of each packet in bytes before it is decoded.
        """
        self._container = container
        self._stream = stream
        self._name = name
        self._on_packet = on_packet
        self._by_decoding_time = by_decoding_time
        self._avi_index = AviIndex(stream) if container.format.name == "avi" else None
        self.correction = RunCorrection(stated_clock(stream))
        self.gaps = MatroskaGaps.of(container, stream)
        self.skipper = FrameSkipper(container, stream)
        self._decoder = GroupDecoder(stream, by_decoding_time=by_decoding_time)
        self._is_damaged = False
        self._damaged_packets = 0
        self._last_dts: int | None = None
        self.first_packet_ticks: int | None = None
        self._lost: dict[int, int] = {}
        self._missing: list[int] = []
        self._latest_gap = 0  # how many of these are before the last packet
        self._after_corrupt = NEAR_PACKETS
        self.lost_without_time = 0
        self.unread = 0

    def lost_times(self) -> list[int]:
        """Returns the times of the lost frames that have one, in ticks of the stream."""
        gaps = self.gaps.missing_times() if self.gaps else []
        return [*self._lost.values(), *self._missing, *gaps]

    def frames(self) -> Generator[Picture, None, None]:
        """Yields all frames that can be decoded or need not be, in the order in which they are shown.

        Damaged packets and a missing end are skipped with a warning.

        Raises:
            SkippingError: A frame may have been skipped that is needed.
            VideoError: The pictures are encrypted.
        """
        packets: Iterator[Packet[VideoStream]] = self._container.demux(self._stream)
        if not self._avi_index:
            packets = self.correction.corrected(packets)
        while True:
            try:
                packet = next(packets)
            except StopIteration:
                break
            except av.FFmpegError as error:
                self.skipper.doubt()
                logger.warning(
                    "%s: the file is cut off before its stated end (%s)", self._name, error.strerror
                )
                yield from self._decoder.end()
                break
            self._on_packet(packet.size)
            yield from self._decoded(packet)
        yield from self.skipper.end()
        self._count_unread()
        if self._damaged_packets:
            logger.warning("%s: %d damaged packets were skipped", self._name, self._damaged_packets)

    def _decoded(self, packet: Packet[VideoStream]) -> Iterator[Picture]:
        if packet.has_sidedata("encryption_info"):
            raise VideoError(f"{self._name}: its pictures are encrypted; decrypt the file first")
        if self._avi_index:
            self._missing += self._avi_index.correct(packet)
        if self.gaps:
            self.gaps.add(packet)
        self._note_time(packet)
        if self.skipper.skips(packet):
            return
        shown = set()
        for frame in self._decoder.decode(packet):
            if frame.pts is not None:
                self._lost.pop(frame.pts, None)
                shown.add(frame.pts)
            yield from self.skipper.shown(frame)
        if self._decoder.has_failed:
            self.skipper.doubt()
            self._damaged_packets += 1
            self._is_damaged = True
        elif packet.is_keyframe:
            self._is_damaged = False
        if self._is_damaged and packet.size and not packet.is_discard and packet.pts not in shown:
            self._add_lost(packet)

    def _note_time(self, packet: Packet[VideoStream]) -> None:
        self._after_corrupt = 0 if packet.is_corrupt else self._after_corrupt + 1
        if packet.dts is None:
            return
        if self._last_dts is not None and packet.dts < self._last_dts:
            # The time of the packet before was wrong, so nothing is missing before it.
            del self._missing[len(self._missing) - self._latest_gap :]
        self._latest_gap = 0
        if self.first_packet_ticks is None:
            self.first_packet_ticks = packet.dts
        elif self._after_corrupt < NEAR_PACKETS and packet.duration and self._last_dts is not None:
            gap = range(self._last_dts + packet.duration, packet.dts, packet.duration)[:MAX_MISSING]
            self._missing += gap
            self._latest_gap = len(gap)
        self._last_dts = packet.dts

    def _add_lost(self, packet: Packet[VideoStream]) -> None:
        times = [time for time in (packet.pts, packet.dts) if time is not None]
        if times:
            self._lost[times[0]] = times[-1] if self._by_decoding_time else times[0]
        else:
            self.lost_without_time += 1

    def _count_unread(self) -> None:
        if not self._container.format.name.startswith(INDEXED_FORMATS) or self._last_dts is None:
            return
        entries = self._stream.index_entries
        at = len(entries) - 1
        while at >= 0 and entries[at].timestamp > self._last_dts:
            self.unread += entries[at].size > 0 and not entries[at].is_discard
            at -= 1

"""Decodes damaged groups of pictures so that the result does not depend on where decoding began.

FFmpeg conceals damage with earlier pictures, and with what its buffers happen to hold. A damaged group is
therefore decoded again, by a new decoder that knows nothing but this group. Groups without damage are decoded
once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

import av
from av.codec.context import CodecContext
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from people_pathing.engine.video_files.container import set_up_decoder

MAX_GROUP_BYTES = 64 << 20
"""Packets of a larger group are not kept, so it is not decoded again. It has minutes of usual video."""
MOST_KEPT = 8
"""Pictures that are kept until those are shown that were decoded before them: the most B-frames in a row that
any usual encoder makes."""
FIRST_NUMBER = 1 << 20
"""PyAV finds the number of a picture by the identity of the number. Python shares small numbers: two decoders
would have the same one, and it would be lost for both when one of them no longer needs it."""
STRICT_CODECS = ("mjpeg",)
"""Codecs that report damage only if they are told to fail then. All their pictures are key frames."""


@dataclass(slots=True, eq=False)
class _Group:
    """A key frame and the packets up to the next one.

    Attributes:
        first: number of its key packet.
        packets: those that were decoded.
        is_alone: whether the decoder knows no earlier group.
    """

    first: int
    packets: list[Packet[VideoStream]] = field(default_factory=list)
    is_alone: bool = False


class GroupDecoder:
    """Decodes the packets of one stream. It numbers them, and pictures have the numbers of their packets.

    Attributes:
        has_failed: whether the last packet could not be decoded.
    """

    def __init__(self, stream: VideoStream, *, by_decoding_time: bool) -> None:
        """Starts before any packet.

        Args:
            stream: the stream.
            by_decoding_time: whether frames are timed by the decoding times of packets.
        """
        self.has_failed = False
        self._usual = self._decoder = stream.codec_context
        self._usual.copy_opaque = True
        self._is_strict = self._usual.name in STRICT_CODECS
        if self._is_strict:
            self._usual.options = {**self._usual.options, "err_detect": "explode"}
        self._by_decoding_time = by_decoding_time
        # A damaged picture may be shown after others that depend on it.
        self._most_kept = MOST_KEPT if self._usual.has_b_frames else 0
        self._kept: deque[VideoFrame] = deque()
        self._not_shown: deque[int] = deque(maxlen=2 * MOST_KEPT)  # numbers of packets
        self._groups: deque[_Group] = deque()  # those with pictures that are not shown yet
        self._failed: set[object] = set()  # numbers of packets that cannot be decoded; nor are their pictures
        self._packet_count = FIRST_NUMBER
        self._size_bytes = 0
        self._shown: set[object] = set()  # numbers of the pictures of the first group that were yielded
        self._has_key = False  # whether a key frame was shown

    def decode(self, packet: Packet[VideoStream]) -> Iterator[VideoFrame]:
        """Yields the next pictures in the order in which they are shown.

        Raises:
            MemoryError: There is not enough memory.
        """
        self._add(packet)
        pictures = self._decoded(packet)
        group = self._groups[-1] if self._groups else None
        if self.has_failed and group and not group.is_alone:
            yield from self._decoded_again(group, packet)
        else:
            yield from self._in_order(pictures, packet)
        if not packet.size:
            yield from self._released(0)

    def end(self) -> Iterator[VideoFrame]:
        """Yields the last pictures of a file that ends too early."""
        yield from self._released(0)
        yield from self._rest()

    def _add(self, packet: Packet[VideoStream]) -> None:
        if packet.is_keyframe:
            self._groups.append(_Group(self._packet_count))
            if self._is_strict:
                self._decoder = self._usual
        packet.opaque = self._packet_count
        self._not_shown.append(self._packet_count)
        self._packet_count += 1
        self._size_bytes += packet.size
        if self._groups:
            self._groups[-1].packets.append(packet)
        if self._size_bytes > MAX_GROUP_BYTES:
            self._groups.clear()
            self._size_bytes = 0

    def _in_order(self, pictures: list[VideoFrame], packet: Packet[VideoStream]) -> Iterator[VideoFrame]:
        """Yields pictures that the decoder returned, unless their group is damaged and decoded again."""
        for picture in pictures:
            if picture.opaque in self._failed:
                continue
            group = self._group_of(picture)
            self._has_key |= picture.key_frame
            if self._has_key and group and picture.is_corrupt and not group.is_alone:
                yield from self._decoded_again(group, packet)
                return
            if group and group is not self._groups[0]:
                yield from self._released(0)
                self._forget_before(group)
            self._kept.append(picture)
            number = picture.opaque
            if isinstance(number, int) and number in self._not_shown:
                self._not_shown.remove(number)
            yield from self._released(self._most_kept if group and not group.is_alone else 0)

    def _group_of(self, picture: VideoFrame) -> _Group | None:
        number = picture.opaque
        if not isinstance(number, int):
            return None
        return next((group for group in reversed(self._groups) if group.first <= number), None)

    def _forget_before(self, group: _Group) -> None:
        while self._groups[0] is not group:
            self._size_bytes -= sum(packet.size for packet in self._groups.popleft().packets)
            self._shown.clear()

    def _released(self, most_kept: int) -> Iterator[VideoFrame]:
        """Yields pictures before which no other was decoded that is not shown yet."""
        while self._kept:
            number = self._kept[0].opaque
            can_wait = len(self._kept) <= most_kept and self._not_shown
            if can_wait and isinstance(number, int) and self._not_shown[0] < number:
                break
            self._shown.add(number)
            yield self._kept.popleft()

    def _decoded_again(self, group: _Group, packet: Packet[VideoStream]) -> Iterator[VideoFrame]:
        """Decodes a group and those after it again, and yields the pictures that were not yielded before."""
        if group is not self._groups[0]:
            yield from self._before(group, packet)
        self._kept.clear()
        shown = set(self._shown)
        group.is_alone = True
        self._decoder = _new_decoder(self._usual)
        for one in [packet for group in self._groups for packet in group.packets]:
            self._failed.discard(one.opaque)
            pictures = [picture for picture in self._decoded(one) if picture.opaque not in shown]
            yield from self._in_order(pictures, packet)

    def _before(self, group: _Group, packet: Packet[VideoStream]) -> Iterator[VideoFrame]:
        """Yields what the decoder still has of the groups before one, and forgets these groups."""
        yield from self._released(0)
        for number, picture in enumerate(self._rest()):
            if isinstance(picture.opaque, int) and picture.opaque < group.first:
                if self._by_decoding_time and packet.dts is not None:
                    # They come now, and not with the next packets.
                    picture.dts = packet.dts + number
                yield picture
        self._forget_before(group)

    def _decoded(self, packet: Packet[VideoStream]) -> list[VideoFrame]:
        try:
            pictures = self._decoder.decode(packet)
        except av.error.MemoryError:
            raise
        except av.FFmpegError:
            self._failed.add(packet.opaque)
            self.has_failed = True
            return []
        self.has_failed = False
        return pictures

    def _rest(self) -> list[VideoFrame]:
        """Returns the pictures that the decoder has not returned yet."""
        try:
            return self._decoder.decode(None)
        except av.FFmpegError:
            return []
        finally:
            self._decoder.flush_buffers()


def _new_decoder(usual: VideoCodecContext) -> VideoCodecContext:
    """Returns a decoder for the same stream that reports no damage by failing."""
    decoder = CodecContext.create(usual.codec.name, "r")
    assert isinstance(decoder, VideoCodecContext)
    decoder.extradata = usual.extradata
    decoder.codec_tag = usual.codec_tag
    decoder.width, decoder.height = usual.width, usual.height
    decoder.bits_per_coded_sample = usual.bits_per_coded_sample
    decoder.copy_opaque = True
    set_up_decoder(decoder)
    return decoder

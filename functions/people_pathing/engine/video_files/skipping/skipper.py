"""Decides which frames need not be decoded: no other depends on them, and they are not sampled.

A skipped frame is counted, and timed by its packet. That is right if each packet is shown as exactly one
frame, in the order of the packets' times. This is checked for all packets and all decoded frames. At the
first contradiction, the video must be read again without skipping.

Only H.264 and HEVC are understood. Damage in a frame that is not decoded is not noticed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from people_pathing.engine.video_files.runs import MOST_REORDERED
from people_pathing.engine.video_files.skipping.h264 import H264Headers
from people_pathing.engine.video_files.skipping.hevc import HevcHeaders
from people_pathing.engine.video_files.skipping.nal_units import Headers

HEADERS: dict[str, Callable[[bytes], Headers]] = {"h264": H264Headers, "hevc": HevcHeaders}
"""What reads the headers of a codec, by FFmpeg's name of its decoder."""


class SkippingError(Exception):
    """A skipped frame may be needed after all."""


@dataclass(frozen=True, slots=True)
class SkippedFrame:
    """A frame that was not decoded.

    Attributes:
        pts: its time in ticks.
    """

    pts: int


Picture = VideoFrame | SkippedFrame


@dataclass(frozen=True, slots=True)
class _Known:
    """A packet: its place in the order of pictures, and its time in ticks."""

    order: tuple[int, int]
    pts: int


class FrameSkipper:
    """Follows the packets and frames of one stream, and decides which packets need not be decoded."""

    def __init__(self, container: InputContainer, stream: VideoStream) -> None:
        """Starts before the first packet. Nothing is skipped before `start` is called."""
        codec = stream.codec_context
        self._headers: Headers | None = None
        # The times in AVI files are not those at which frames are shown.
        if codec.name in HEADERS and container.format.name != "avi":
            self._headers = HEADERS[codec.name](codec.extradata or b"")
        self._slot_of: Callable[[int], int] | None = None
        self._recent: deque[_Known] = deque(maxlen=2 * MOST_REORDERED)
        self._waiting: dict[int, int | None] = {}  # frames to show: time and how far reordered, if decoded
        self._most_reordered = 0  # of the frames that were shown
        self._last_shown: int | None = None
        self._last_skipped: tuple[int, int] | None = None

    def start(self, slot_of: Callable[[int], int]) -> None:
        """Skips frames from now on, if the stream was as expected up to now.

        Args:
            slot_of: returns the sampling interval of a frame by its time in ticks. Only the first frame of
                each interval is needed.
        """
        if self._headers is None:
            return
        self._slot_of = slot_of
        if self._last_shown is not None:
            # Frames before the first key frame are never shown.
            self._waiting = {pts: one for pts, one in self._waiting.items() if pts > self._last_shown}

    def doubt(self) -> None:
        """Gives up because something is not as expected.

        Raises:
            SkippingError: Frames may have been skipped.
        """
        self._headers = None
        if self._slot_of:
            raise SkippingError

    def skips(self, packet: Packet[VideoStream]) -> bool:
        """Takes the next packet. Returns whether it need not be decoded.

        Raises:
            SkippingError: The packets are not as expected.
        """
        if self._headers is None or not packet.size:
            return False
        header = self._headers.read(bytes(packet))
        if header is None or packet.pts is None or packet.is_corrupt:
            self.doubt()
            return False
        known = _Known(header.order, packet.pts)
        if not self._is_in_order(known):
            self.doubt()
            return False
        reordered = sum(one.order > known.order for one in self._recent)
        is_skipped = (
            not header.is_needed
            and not packet.is_keyframe
            and not packet.is_discard
            and reordered <= self._most_reordered
            and self._has_earlier_in_slot(known.pts)
        )
        self._recent.append(known)
        if is_skipped:
            self._last_skipped = known.order
        if not packet.is_discard:
            self._waiting[known.pts] = None if is_skipped else reordered
        return is_skipped

    def shown(self, frame: VideoFrame) -> Iterator[Picture]:
        """Yields a frame after the skipped ones that are shown before it.

        Raises:
            SkippingError: It is not the next of the decoded frames.
        """
        if self._headers is None or frame.pts is None:
            self.doubt()
            yield frame
            return
        earlier = sorted(pts for pts in self._waiting if pts < frame.pts)
        if self._slot_of and (
            frame.is_corrupt
            or frame.pts not in self._waiting
            or any(self._waiting[pts] is not None for pts in earlier)
        ):
            self.doubt()
        for pts in earlier if self._slot_of else ():
            del self._waiting[pts]
            yield SkippedFrame(pts)
        self._most_reordered = max(self._most_reordered, self._waiting.pop(frame.pts, None) or 0)
        self._last_shown = frame.pts
        yield frame

    def end(self) -> Iterator[SkippedFrame]:
        """Yields the skipped frames after the last decoded one.

        Raises:
            SkippingError: Not all decoded frames were shown.
        """
        if self._slot_of and any(reordered is not None for reordered in self._waiting.values()):
            self.doubt()
        if self._slot_of:
            yield from map(SkippedFrame, sorted(self._waiting))

    def _is_in_order(self, known: _Known) -> bool:
        if self._slot_of and self._last_shown is not None and known.pts < self._last_shown:
            return False
        if self._last_skipped and known.order < self._last_skipped:
            return False
        return all(
            one.order != known.order
            and one.pts != known.pts
            and (one.order < known.order) == (one.pts < known.pts)
            for one in self._recent
        )

    def _has_earlier_in_slot(self, pts: int) -> bool:
        if not self._slot_of:
            return False
        before = max((one.pts for one in self._recent if one.pts < pts), default=None)
        return before is not None and self._slot_of(before) == self._slot_of(pts)

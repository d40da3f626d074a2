"""The video stream of one open file: its first frames, its end, and its frames from any key frame on."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from itertools import chain, islice
from typing import BinaryIO

import av
from av.video.frame import VideoFrame

from people_pathing.engine.video import VideoError
from people_pathing.engine.video_files.clock import NEAR_FRAMES
from people_pathing.engine.video_files.container import SourceFile, is_scrambled, open_stream
from people_pathing.engine.video_files.length import Ending, first_times, read_all, read_ending
from people_pathing.engine.video_files.matroska_gaps import is_constant
from people_pathing.engine.video_files.packets import FrameReader
from people_pathing.engine.video_files.skipping.skipper import Picture

NEAR_PIXELS = NEAR_FRAMES * 1920 * 1080
"""Pixels of the decoded frames that are kept to correct times. They need 25 MB, and 50 MB with 10 bits."""
FEWEST_NEAR_FRAMES = 2
MORE_TIMES = 100
"""Packets whose times tell the frame rate if the first frames contradict it."""


class OpenStream:
    """A video stream.

    Attributes:
        file: the file.
        first: the first frames that can be decoded, at least one.
        near_frames: how many frames before and after correct the time of a frame.
        by_decoding_time: whether frames are timed by the decoding times of packets.
        counts_frames: whether the unit of time is a frame.
        reader: reads the frames, and counts those that are lost.
    """

    def __init__(self, file: BinaryIO, name: str, on_packet: Callable[[int], None]) -> None:
        """Opens the file and decodes the first frames.

        Args:
            file: seekable binary file.
            name: name of the video for error messages.
            on_packet: receives the size in bytes of each packet that is decoded.

        Raises:
            VideoError: The file is not a video, or none of its frames can be decoded.
        """
        self.file = SourceFile(file)
        self._name = name
        self._on_packet = on_packet
        self._is_at_start = False
        self._open()
        codec = self.stream.codec_context
        self.counts_frames = self.container.format.name == "avi"
        # AVI has no presentation timestamps. With B-frames, FFmpeg's substitutes are in decoding order. A
        # frame is shown when the decoder returns it, which is a constant number of chunks later.
        self.by_decoding_time = self.counts_frames and codec.has_b_frames
        pixels = max(1, codec.width * codec.height)
        self.near_frames = max(FEWEST_NEAR_FRAMES, min(NEAR_FRAMES, NEAR_PIXELS // pixels))
        self._decode_first()
        self._is_clear = not self.reader.correction.has_doubts
        self._is_constant = is_constant([picture.pts for picture in self.first], self.stream)
        self._watch_gaps()

    @property
    def can_seek(self) -> bool:
        """Whether key frames can be found by their times, and have the same times afterwards."""
        # A packet of an MPEG program stream can contain several frames, and their times differ after a seek.
        return self._is_clear and self.container.format.name != "mpeg"

    def close(self) -> None:
        """Releases FFmpeg's resources; the file itself stays open."""
        self._decoded.close()
        self.container.close()

    def ticks(self, picture: Picture) -> int | None:
        """Returns the time of a frame in the file, in ticks."""
        if self.by_decoding_time and isinstance(picture, VideoFrame):
            return picture.dts
        return picture.pts

    def from_start(self) -> Iterator[Picture]:
        """Returns all frames."""
        if not self._is_at_start:
            self.close()
            self._open()
            self._decode_first()
            self._watch_gaps()
        self._is_at_start = False
        return chain(self.first, self._decoded)

    def seek(self, ticks: int) -> tuple[list[Picture], Iterator[Picture]] | None:
        """Starts decoding at a key frame.

        Returns:
            Some frames from the last key frame before a time on, and the frames after them; None if there is
            none.
        """
        self._is_at_start = False
        self._decoded.close()
        try:
            self.container.seek(ticks, stream=self.stream)
        except av.FFmpegError:
            return None
        if not self._is_in_order(ticks):
            return None
        self._decode()
        self._watch_gaps()
        key = next((one for one in self._decoded if isinstance(one, VideoFrame) and one.key_frame), None)
        if self.reader.correction.begins_in_doubt:
            return None
        return None if key is None else ([key, *islice(self._decoded, self.near_frames)], self._decoded)

    def ending(self, step: float) -> Ending | None:
        """Reads the last packets, or returns None if that is not possible.

        Args:
            step: usual number of ticks between two frames.
        """
        self._is_at_start = False
        self._decoded.close()
        return read_ending(self.container, self.stream, step, by_decoding_time=self.by_decoding_time)

    def more_times(self) -> list[int]:
        """Reads the times of the first MORE_TIMES packets."""
        self.close()
        self._open()
        self._is_at_start = False
        times = first_times(self.container, self.stream, MORE_TIMES)
        self.container.close()
        self._open()
        return times

    def whole(self) -> Ending:
        """Reads all packets."""
        self.close()
        self._open()
        self._is_at_start = False
        return read_all(self.container, self.stream, self._name, by_decoding_time=self.by_decoding_time)

    def _open(self) -> None:
        self.container, self.stream = open_stream(self.file, self._name)

    def _decode(self) -> None:
        self.reader = FrameReader(
            self.container, self.stream, self._name, self._on_packet, by_decoding_time=self.by_decoding_time
        )
        self._decoded = self.reader.frames()

    def _watch_gaps(self) -> None:
        if not self._is_constant:
            self.reader.gaps = None

    def _decode_first(self) -> None:
        self._decode()
        self._is_at_start = True
        try:
            first = islice(self._decoded, self.near_frames + 1)
            self.first: list[VideoFrame] = [one for one in first if isinstance(one, VideoFrame)]
            if not self.first:
                self._raise_undecodable()
        except BaseException:
            self.close()
            raise

    def _is_in_order(self, ticks: int) -> bool:
        """Returns whether the index has the places of the key frames around a time in order.

        A Matroska index is sorted by time. A key frame with a wrong time would be found instead of others.
        """
        if not self.container.format.name.startswith("matroska"):
            return True
        entries = self.stream.index_entries
        after = bisect_right(range(len(entries)), ticks, key=lambda number: entries[number].timestamp)
        places = [entries[number].pos for number in range(max(0, after - 2), min(len(entries), after + 1))]
        return places == sorted(places)

    def _raise_undecodable(self) -> None:
        if self.container.format.name == "mpegts" and is_scrambled(self.file):
            raise VideoError(f"{self._name}: its pictures are encrypted; decrypt the file first")
        raise VideoError(f"{self._name}: none of its frames can be decoded; the file may be incomplete")

"""Reads the sound of a video in step with its pictures: one stretch from the first frame on, without gaps."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import BinaryIO

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.packet import Packet
from numpy.typing import NDArray

from people_pathing.engine.video_files.container import SourceFile, open_stream

SAMPLE_RATE = 48_000
"""The rate of Opus."""
SAMPLE_FORMAT = "flt"
TOLERANCE_SAMPLES = SAMPLE_RATE // 10
"""Containers round times. A difference of less than a tenth of a second is no gap and no overlap."""
BLOCK_SAMPLES = SAMPLE_RATE
"""Longest stretch of silence that is made at once."""
MOST_FAILED_READS = 100
"""After so many stretches that cannot be read, the rest of the sound is given up."""


Samples = NDArray[np.float32]
"""(1, N * channels): the channels of each sample follow each other."""


def sound_block(samples: Samples, start: int, layout: str) -> AudioFrame:
    """Returns sound as FFmpeg's frame.

    Args:
        samples: the sound.
        start: number of its first sample.
        layout: FFmpeg's name for the channels.
    """
    block = AudioFrame.from_ndarray(np.ascontiguousarray(samples), format=SAMPLE_FORMAT, layout=layout)
    block.sample_rate = SAMPLE_RATE
    block.time_base = Fraction(1, SAMPLE_RATE)
    block.pts = start
    return block


def samples_of(block: AudioFrame) -> Samples:
    """Returns the sound of a frame that has SAMPLE_FORMAT."""
    return block.to_ndarray().astype(np.float32, copy=False)


class SoundTrack:
    """The sound of one video file. Several tracks are usually languages or microphones: only one is read.

    Attributes:
        track_count: how many sound tracks the file has.
        channel_count: 1 or 2, of the sound that is returned. More channels are mixed to two.
    """

    def __init__(self, file: BinaryIO, name: str, start_s: float | None) -> None:
        """Opens the file.

        Args:
            file: seekable binary file, which nothing else reads.
            name: name of the video for error messages.
            start_s: the time of the first picture on the clock of the file; None if the sound starts with it.

        Raises:
            VideoError: the file is not a video.
        """
        self._container, _ = open_stream(SourceFile(file), name)
        # FFmpeg's choice of the best one, but only if its codec is known.
        known = [stream for stream in self._container.streams.audio if stream.codec_context is not None]
        best = self._container.streams.best("audio") if known else None
        self._stream = best if isinstance(best, AudioStream) and best in known else next(iter(known), None)
        self._start_s = start_s
        self.track_count = len(self._container.streams.audio)
        channels = self._stream.codec_context.layout.nb_channels if self._stream else 0
        self.channel_count = min(2, max(1, channels))

    @property
    def is_there(self) -> bool:
        """Whether the file has sound that can be decoded."""
        return self._stream is not None

    @property
    def layout(self) -> str:
        """FFmpeg's name for the channels."""
        return "mono" if self.channel_count == 1 else "stereo"

    def close(self) -> None:
        """Releases FFmpeg's resources; the file itself stays open."""
        self._container.close()

    def blocks(self) -> Iterator[AudioFrame]:
        """Yields the sound in blocks of at most some seconds, without gaps and overlaps.

        Where the file has a gap there is silence, and what overlaps is left out. The `pts` of a block counts
        samples from the first picture.
        """
        end = 0
        for start, samples in self._placed():
            tolerance = TOLERANCE_SAMPLES if end else 0
            if start > end + tolerance:
                for begin in range(end, start, BLOCK_SAMPLES):
                    silence = np.zeros(
                        (1, min(BLOCK_SAMPLES, start - begin) * self.channel_count), np.float32
                    )
                    yield sound_block(silence, begin, self.layout)
                end = start
            overlap = end - start if start < end - tolerance else 0
            left = samples[:, overlap * self.channel_count :]
            if left.size:
                yield sound_block(left, end, self.layout)
                end += left.shape[1] // self.channel_count

    def _placed(self) -> Iterator[tuple[int, Samples]]:
        """Yields decoded sound with the number of its first sample."""
        follows = 0
        resampler, source = self._resampler(), None
        for frame in self._decoded():
            kind = frame.format.name, frame.layout.name, frame.sample_rate
            if kind != source:
                resampler, source = self._resampler(), kind
            if frame.time is not None:
                if self._start_s is None:
                    self._start_s = frame.time
                follows = round((frame.time - self._start_s) * SAMPLE_RATE)
            frame.pts = None
            for converted in resampler.resample(frame):
                samples = samples_of(converted)
                yield follows, samples
                follows += samples.shape[1] // self.channel_count

    def _resampler(self) -> AudioResampler:
        return AudioResampler(format=SAMPLE_FORMAT, layout=self.layout, rate=SAMPLE_RATE)

    def _decoded(self) -> Iterator[AudioFrame]:
        for packet in self._packets():
            try:
                yield from packet.decode()
            except av.FFmpegError:
                # A damaged packet. Its time becomes silence.
                continue

    def _packets(self) -> Iterator[Packet[AudioStream]]:
        failed = 0
        while self._stream and failed < MOST_FAILED_READS:
            try:
                yield from self._container.demux(self._stream)
            except av.FFmpegError:
                failed += 1
            else:
                return

"""Encodes sound with Opus, in step with the pictures of the same file."""

from __future__ import annotations

from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import OutputContainer

from people_pathing.annotation.encoding.sound import (
    SAMPLE_FORMAT,
    SAMPLE_RATE,
    SoundTrack,
    samples_of,
    sound_block,
)

SOUND_ENCODER = "libopus"
BITS_PER_CHANNEL = 64_000
"""Bits per second. At 128,000, stereo is hard to tell from the original."""


class OpusSound:
    """The sound of a file that is being written.

    Args:
        container: the file.
        sound: where the sound comes from.
    """

    def __init__(self, container: OutputContainer, sound: SoundTrack) -> None:
        self._container = container
        self._layout = sound.layout
        self._channel_count = sound.channel_count
        stream = container.add_stream(SOUND_ENCODER, rate=SAMPLE_RATE)
        assert isinstance(stream, AudioStream)
        stream.codec_context.layout = sound.layout
        stream.codec_context.format = SAMPLE_FORMAT
        stream.bit_rate = BITS_PER_CHANNEL * sound.channel_count
        self._stream = stream
        self._blocks = sound.blocks()
        self._next: AudioFrame | None = next(self._blocks, None)

    def write_until(self, end_ms: int) -> None:
        """Adds the blocks that end before a time."""
        end = end_ms * SAMPLE_RATE // 1000
        while self._next is not None and (self._next.pts or 0) + self._next.samples <= end:
            self._container.mux(self._stream.encode(self._next))
            self._next = next(self._blocks, None)

    def complete(self, end_ms: int) -> None:
        """Adds the rest until a time, which is the end of the last picture. Longer sound is cut there."""
        self.write_until(end_ms)
        if self._next is not None:
            start = self._next.pts or 0
            count = max(0, end_ms * SAMPLE_RATE // 1000 - start)
            if count:
                samples = samples_of(self._next)[:, : count * self._channel_count]
                self._container.mux(self._stream.encode(sound_block(samples, start, self._layout)))
        self._container.mux(self._stream.encode(None))

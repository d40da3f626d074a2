"""Writes WebM files: VP9 or AV1 pictures and Opus sound."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, VideoReformatter
from av.video.stream import VideoStream
from numpy.typing import NDArray

from people_pathing.annotation.choices import Codec
from people_pathing.annotation.encoding.opus import SOUND_ENCODER, OpusSound
from people_pathing.annotation.encoding.sound import SoundTrack
from people_pathing.annotation.errors import AnnotationError

KEY_INTERVAL_S = 5
"""A player that jumps decodes up to so many seconds of pictures."""
TICKS_PER_SECOND = 1000
"""WebM counts milliseconds, as the results do."""
SVT_LOG, SVT_ERRORS = "SVT_LOG", "1"
"""What SVT-AV1 writes to standard error: only errors."""
EVEN = 2
"""Players expect an even width and height, because colours have half as many pixels."""


@dataclass(frozen=True, slots=True)
class Encoder:
    """An encoder of FFmpeg.

    Attributes:
        name: FFmpeg's name.
        crf: the usual quality: 0 is the best, 63 the worst.
        options: fast settings for one pass.
    """

    name: str
    crf: int
    options: dict[str, str]


ENCODERS: dict[Codec, Encoder] = {
    "vp9": Encoder(
        "libvpx-vp9",
        crf=32,
        options={
            "deadline": "realtime",
            "cpu-used": "8",
            "row-mt": "1",
            "tile-columns": "2",
            "lag-in-frames": "0",
        },
    ),
    "av1": Encoder("libsvtav1", crf=35, options={"preset": "9"}),
}


def require_encoder(codec: str) -> Encoder:
    """Returns the encoder of a codec.

    Raises:
        AnnotationError: there is no such codec, or this FFmpeg cannot encode it.
    """
    if codec not in ENCODERS:
        raise AnnotationError(f"codec must be {' or '.join(ENCODERS)}, not {codec!r}")
    encoder = ENCODERS[codec]
    for name in (encoder.name, SOUND_ENCODER):
        if name not in av.codecs_available:
            raise AnnotationError(
                f"the FFmpeg of this PyAV has no encoder {name}; install the wheel from PyPI: pip install av"
            )
    return encoder


@contextmanager
def open_webm(
    path: Path,
    size_px: tuple[int, int],
    frame_rate: Fraction,
    encoder: Encoder,
    crf: int | None,
    sound: SoundTrack | None,
) -> Iterator[WebmFile]:
    """Creates a file, completes it at the end of the `with` block if no error occurs, and closes it.

    The arguments and errors are those of WebmFile.
    """
    file = WebmFile(path, size_px, frame_rate, encoder, crf, sound)
    try:
        yield file
        file.complete()
    finally:
        file.close()


class WebmFile:
    """A WebM file that is being written. `open_webm` creates and closes it.

    Metadata of the source, such as its place and time of recording, are not copied.

    Args:
        path: the file.
        size_px: width and height of the pictures. They are padded to even numbers by repeating the edge.
        frame_rate: frames per second of the source, for the encoder. Frames have their own times.
        encoder: of the pictures.
        crf: quality; None for the usual one of the encoder.
        sound: the sound; None for none.

    Raises:
        AnnotationError: the encoder does not accept pictures of this size.
    """

    def __init__(
        self,
        path: Path,
        size_px: tuple[int, int],
        frame_rate: Fraction,
        encoder: Encoder,
        crf: int | None,
        sound: SoundTrack | None,
    ) -> None:
        self._size_px = size_px
        self._frame_ms = max(1, round(1000 / frame_rate))
        self._reformatter = VideoReformatter()
        self._last_ms = -1
        self._container = av.open(path, "w", format="webm")
        try:
            self._pictures = self._picture_stream(frame_rate, encoder, crf)
            self._sound = OpusSound(self._container, sound) if sound else None
        except BaseException:
            self._container.close()
            raise

    def write(self, image: NDArray[np.uint8], at_ms: int) -> bool:
        """Adds a picture, and the sound up to it.

        Args:
            image: (H, W, 3) uint8 BGR.
            at_ms: when it is shown.

        Returns:
            False if a picture was shown in the same millisecond, which the file cannot represent.
        """
        if at_ms <= self._last_ms:
            return False
        self._last_ms = at_ms
        frame = VideoFrame.from_ndarray(self._even(image), format="bgr24")
        frame = self._reformatter.reformat(
            frame,
            format="yuv420p",
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
        )
        frame.pts, frame.time_base = at_ms, Fraction(1, TICKS_PER_SECOND)
        frame.duration = self._frame_ms
        self._container.mux(self._pictures.encode(frame))
        if self._sound:
            self._sound.write_until(at_ms)
        return True

    def complete(self) -> None:
        """Adds what the encoders still have, and the rest of the sound."""
        self._container.mux(self._pictures.encode())
        if self._sound:
            self._sound.complete(self._last_ms + self._frame_ms)

    def close(self) -> None:
        """Closes the file."""
        self._container.close()

    def _even(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        height_px, width_px = image.shape[:2]
        padding = (0, height_px % EVEN), (0, width_px % EVEN), (0, 0)
        return np.pad(image, padding, mode="edge") if height_px % EVEN or width_px % EVEN else image

    def _picture_stream(self, frame_rate: Fraction, encoder: Encoder, crf: int | None) -> VideoStream:
        stream = self._container.add_stream(encoder.name, rate=frame_rate)
        assert isinstance(stream, VideoStream)
        width_px, height_px = self._size_px
        stream.width, stream.height = width_px + width_px % EVEN, height_px + height_px % EVEN
        stream.pix_fmt = "yuv420p"
        codec = stream.codec_context
        codec.time_base = Fraction(1, TICKS_PER_SECOND)
        codec.gop_size = max(1, round(KEY_INTERVAL_S * frame_rate))
        codec.thread_count = os.cpu_count() or 1
        codec.bit_rate = 0
        codec.options = {**encoder.options, "crf": str(encoder.crf if crf is None else crf)}
        codec.color_range = ColorRange.MPEG
        codec.colorspace = Colorspace.ITU709
        codec.color_primaries = ColorPrimaries.BT709
        codec.color_trc = ColorTrc.BT709
        try:
            with _quiet_encoder():
                codec.open()
        except av.FFmpegError as error:
            raise AnnotationError(
                f"{encoder.name} cannot encode pictures of {width_px}x{height_px} ({error.strerror}); "
                "choose the other codec"
            ) from error
        return stream


@contextmanager
def _quiet_encoder() -> Iterator[None]:
    """Sets SVT_LOG while an encoder is opened.

    SVT-AV1 writes a page about its settings to standard error, and reads the variable only then. A value that
    the user has set stays in force, and the environment is the same afterwards.
    """
    if SVT_LOG in os.environ:
        yield
        return
    os.environ[SVT_LOG] = SVT_ERRORS
    try:
        yield
    finally:
        os.environ.pop(SVT_LOG, None)

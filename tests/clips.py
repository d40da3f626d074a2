"""Small video files for tests, in which each frame shows its own number.

The number is drawn as a bar code of large blocks that survives compression, scaling and rotation. A test can
therefore identify a frame without relying on timestamps.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
BITS = 8


def numbered(number: int, width: int = 96, height: int = 64) -> Picture:
    """Draws a number as (height, width, 3) uint8 RGB: column k of eight is white if bit k is set."""
    bits = np.array([(number >> bit) & 1 for bit in range(BITS)], np.uint8) * 255
    columns = np.arange(width) * BITS // width
    return np.broadcast_to(bits[columns][None, :, None], (height, width, 3)).copy()


def number_in(image: Picture) -> int:
    """Reads the number that a frame of any size shows."""
    height, width = image.shape[:2]
    centres = ((np.arange(BITS) + 0.5) * width / BITS).astype(int)
    middle = image[height * 3 // 8 : height * 5 // 8, centres].mean(axis=(0, 2))
    return int(sum(1 << bit for bit, value in enumerate(middle) if value > 127))


def write_clip(
    path: Path,
    *,
    frames: int = 12,
    rate: Fraction | int = 30,
    size: tuple[int, int] = (96, 64),
    codec: str = "libx264",
    pixels: str = "yuv420p",
    container: str | None = None,
    options: dict[str, str] | None = None,
    container_options: dict[str, str] | None = None,
    times: Sequence[Fraction] | None = None,
    rotation: int = 0,
    start_s: Fraction | int = 0,
    draw: Callable[[int, int, int], Picture] = numbered,
) -> Path:
    """Writes a video.

    Args:
        path: the file.
        frames: number of frames.
        rate: frames per second.
        size: width and height in pixels.
        codec: FFmpeg's name of the encoder.
        pixels: FFmpeg's name of the pixel format.
        container: FFmpeg's name of the format; None to choose it by the file's ending.
        options: options of the encoder.
        container_options: options of the container.
        times: when each frame is shown, in seconds, instead of a constant rate.
        rotation: degrees; players rotate the picture counter-clockwise by them.
        start_s: time of the first frame.
        draw: draws a frame from its number, width and height, RGB.

    Returns:
        The path.
    """
    with av.open(path, "w", format=container, container_options=container_options or {}) as file:
        stream = file.add_stream(codec, rate=rate, options=options or {})
        assert isinstance(stream, VideoStream)
        stream.width, stream.height = size
        stream.pix_fmt = pixels
        stream.gop_size = 5
        tick = 1 / Fraction(rate)
        if times is not None:
            tick = Fraction(1, 90_000)
        stream.codec_context.time_base = tick
        if rotation:
            stream.set_display_rotation(rotation)
        for number in range(frames):
            frame = VideoFrame.from_ndarray(draw(number, *size), format="rgb24")
            shown_s = start_s + (times[number] if times is not None else number * tick)
            frame.pts = round(shown_s / tick)
            frame.time_base = tick
            file.mux(stream.encode(frame))
        file.mux(stream.encode())
    return path


def write_sound(path: Path, cover: Picture | None = None) -> Path:
    """Writes a fifth of a second of silence, and a cover picture if one is given."""
    with av.open(path, "w", format="mp4") as file:
        stream = file.add_stream("aac", rate=8000, layout="mono")
        picture = (
            file.add_stream("mjpeg", rate=1, options={"strict": "unofficial"}) if cover is not None else None
        )
        if picture is not None and cover is not None:
            picture.width, picture.height, picture.pix_fmt = cover.shape[1], cover.shape[0], "yuv420p"
            picture.disposition = Disposition.attached_pic
            file.mux(picture.encode(VideoFrame.from_ndarray(cover, format="rgb24")))
            file.mux(picture.encode())
        sound = AudioFrame(format="fltp", layout="mono", samples=1600)
        sound.sample_rate = 8000
        for plane in sound.planes:
            plane.update(bytes(plane.buffer_size))
        file.mux(stream.encode(sound))
        file.mux(stream.encode())
    return path

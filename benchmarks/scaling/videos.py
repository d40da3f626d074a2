"""Makes the videos that are measured: the pictures of a real video, at 30 frames a second, in usual sizes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import av
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter
from av.video.stream import VideoStream

FRAME_RATE = 30
KEY_FRAMES_EVERY = 60
OPTIONS = {"preset": "veryfast", "crf": "23", "g": str(KEY_FRAMES_EVERY)}


@dataclass(frozen=True, slots=True)
class Size:
    """A usual size of videos.

    Attributes:
        name: as people call it.
        width_px: width in pixels.
        height_px: height in pixels.
    """

    name: str
    width_px: int
    height_px: int


SIZES = (Size("720p", 1280, 720), Size("1080p", 1920, 1080), Size("4K", 3840, 2160))


def make(source: Path, size: Size, seconds: float, folder: Path) -> Path:
    """Writes a video and returns its path. An existing one is used again.

    The middle of each picture is cut to the shape of the size and scaled. After the last picture follows the
    first. A picture is shown for a thirtieth of a second, so people move faster than they did. The work for
    each frame is that of the real video.
    """
    path = folder / f"{source.stem}-{size.name}-{seconds:g}.mp4"
    if path.exists():
        return path
    unfinished = path.with_suffix(".part")
    with av.open(unfinished, "w", format="mp4") as file:
        stream = file.add_stream("libx264", rate=FRAME_RATE, options=OPTIONS)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = size.width_px, size.height_px, "yuv420p"
        scaler = VideoReformatter()
        for number, picture in enumerate(islice(_pictures(source), round(seconds * FRAME_RATE))):
            frame = _scaled(picture, size, scaler)
            frame.pts = number
            file.mux(stream.encode(frame))
        file.mux(stream.encode())
    return unfinished.rename(path)


def repeat(video: Path, minutes: int, folder: Path) -> Path:
    """Writes a long video that repeats another one, and returns its path.

    The packets are copied, so this takes seconds. An existing file is used again.
    """
    path = folder / f"{video.stem}-{minutes}min.mp4"
    if path.exists():
        return path
    unfinished = path.with_suffix(".part")
    with av.open(unfinished, "w", format="mp4") as file:
        stream, start = None, 0
        seconds = 0.0
        while seconds < minutes * 60:
            with av.open(video) as source:
                shown = source.streams.video[0]
                stream = stream or file.add_stream_from_template(shown)
                length = shown.duration or 0
                seconds += float(length * (shown.time_base or 0))
                for packet in source.demux(video=0):
                    if packet.dts is None or packet.pts is None:
                        continue
                    packet.pts, packet.dts = packet.pts + start, packet.dts + start
                    packet.stream = stream
                    file.mux(packet)
                start += length
    return unfinished.rename(path)


def _pictures(source: Path) -> Iterator[VideoFrame]:
    """Yields the pictures of a video, and begins again after the last."""
    while True:
        with av.open(source) as file:
            yield from file.decode(video=0)


def _scaled(picture: VideoFrame, size: Size, scaler: VideoReformatter) -> VideoFrame:
    pixels = picture.to_ndarray(format="rgb24")
    height = min(picture.height, picture.width * size.height_px // size.width_px)
    top = (picture.height - height) // 2
    cut = VideoFrame.from_ndarray(pixels[top : top + height], format="rgb24")
    return scaler.reformat(cut, size.width_px, size.height_px, "yuv420p", interpolation=Interpolation.BICUBIC)

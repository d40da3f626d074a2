"""Unusual videos: few frames, changes of size, rare pixel formats and shapes, encryption, animations."""

from __future__ import annotations

import random
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import av
from av.video.frame import VideoFrame

from tests import clips
from tests.hostile import boxes
from tests.hostile.file import Builder, HostileFile, clip
from tests.unit.engine.video_files.camera_files import encrypted


def unusual_videos() -> tuple[HostileFile, ...]:
    """Returns the unusual videos."""
    return (*_animations(), *_encrypted(), *_changes(), *_few_frames(), *_pixel_formats(), *_shapes())


def _animations() -> list[HostileFile]:
    def animation(codec: str, pixels: str, container: str) -> Builder:
        def build(folder: Path) -> bytes:
            return clips.write_clip(
                folder / "a", frames=12, rate=10, codec=codec, pixels=pixels, container=container
            ).read_bytes()

        return build

    return [
        HostileFile("animations: gif", animation("gif", "rgb8", "gif"), "tracked"),
        HostileFile("animations: png", animation("apng", "rgb24", "apng"), "tracked"),
        HostileFile(
            "animations: webp", animation("libwebp_anim", "yuv420p", "webp"), "rejected", "animated WebP"
        ),
    ]


def _encrypted() -> list[HostileFile]:
    def renamed(content: bytes) -> bytes:
        return content.replace(b"avc1", b"encv")

    def scrambled(content: bytes) -> bytes:
        start, size = boxes.find(content, b"mdat")
        noise = random.Random(2).randbytes(size - 8)
        return content[: start + 8] + noise + content[start + size :]

    return [
        HostileFile("encrypted: a sample entry of encrypted video", lambda _: renamed(clip("a.mp4"))),
        HostileFile("encrypted: all frames are noise", lambda _: scrambled(clip("a.mp4"))),
        HostileFile(
            "encrypted: common encryption",
            lambda folder: encrypted(folder / "a.mp4").read_bytes(),
            "rejected",
            "its pictures are encrypted",
        ),
        HostileFile(
            "encrypted: noise with the name of a video",
            lambda _: clip("a.mp4")[:32] + random.Random(3).randbytes(100_000),
            "rejected",
        ),
    ]


def _changes() -> list[HostileFile]:
    def written(folder: Path, number: int, name: str, **settings: Any) -> bytes:
        return clips.write_clip(folder / f"{number}{name}", frames=15, **settings).read_bytes()

    def resized(name: str, folder: Path) -> bytes:
        sizes = [(96, 64), (640, 360), (64, 96), (1920, 1080)]
        return b"".join(
            written(folder, number, name, size=size, start_s=Fraction(number, 2))
            for number, size in enumerate(sizes)
        )

    def pictures(folder: Path) -> bytes:
        parts = [
            clips.write_clip(
                folder / f"{number}", frames=8, size=size, codec="mjpeg", pixels="yuvj420p", container="mjpeg"
            ).read_bytes()
            for number, size in enumerate([(96, 64), (320, 200), (2000, 8)])
        ]
        return b"".join(parts)

    return [
        HostileFile(
            "changes: the size of the frames in a transport stream", partial(resized, ".ts"), "tracked"
        ),
        HostileFile("changes: the size of the frames in a bare stream", partial(resized, ".h264"), "tracked"),
        HostileFile("changes: the size of motion JPEG", pictures),
        HostileFile(
            "changes: one container after another", lambda _: clip("a.ts") + clip("a.mp4") + clip("a.mkv")
        ),
    ]


def _few_frames() -> list[HostileFile]:
    def frames(name: str, count: int) -> Builder:
        def build(folder: Path) -> bytes:
            with av.open(folder / name, "w") as file:
                stream = file.add_stream("mpeg4", rate=30)
                stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
                file.start_encoding()
                for number in range(count):
                    frame = VideoFrame.from_ndarray(clips.numbered(number), "rgb24")
                    frame.pts = number
                    file.mux(stream.encode(frame))
                file.mux(stream.encode())
            return (folder / name).read_bytes()

        return build

    return [
        *(
            HostileFile(f"few frames: one in {name}", frames(name, 1), "tracked")
            for name in ("a.mp4", "a.mkv", "a.avi")
        ),
        *(
            HostileFile(f"few frames: none in {name}", frames(name, 0), "rejected")
            for name in ("a.mp4", "a.mkv", "a.avi")
        ),
        HostileFile("few frames: one packet of a transport stream", lambda _: clip("a.ts")[:188], "rejected"),
    ]


def _pixel_formats() -> list[HostileFile]:
    formats = {
        "rgb48": ("ffv1", "gbrp16le", "a.mkv"),
        "grey of 16 bits": ("ffv1", "gray16le", "a.mkv"),
        "alpha": ("ffv1", "yuva420p", "a.mkv"),
        "alpha of 16 bits": ("ffv1", "yuva444p16le", "a.mkv"),
        "4:1:0": ("ffv1", "yuv410p", "a.mkv"),
        "a palette": ("qtrle", "rgb24", "a.mov"),
        "ProRes with alpha": ("prores_ks", "yuva444p10le", "a.mov"),
        "black and white": ("rawvideo", "monob", "a.nut"),
        "raw of 64 bits": ("rawvideo", "rgba64le", "a.nut"),
    }
    return [
        HostileFile(f"pixel formats: {name}", partial(_in_format, *settings), "tracked")
        for name, settings in formats.items()
    ]


def _in_format(codec: str, pixels: str, name: str, folder: Path) -> bytes:
    return clips.write_clip(folder / name, frames=6, codec=codec, pixels=pixels).read_bytes()


def _shapes() -> list[HostileFile]:
    def shaped(width: int, height: int) -> Builder:
        return lambda folder: clips.write_clip(
            folder / "a.nut", frames=4, size=(width, height), codec="rawvideo", pixels="rgb24"
        ).read_bytes()

    def interlaced(folder: Path) -> bytes:
        options = {"x264-params": "tff=1:interlaced=1"}
        return clips.write_clip(folder / "a.mkv", frames=6, size=(96, 68), options=options).read_bytes()

    def turned(folder: Path) -> bytes:
        return clips.write_clip(folder / "a.mp4", frames=6, rotation=45).read_bytes()

    def no_matrix(_: Path) -> bytes:
        return boxes.patched(clip("a.mp4"), b"tkhd", 40, bytes(36))

    return [
        *(
            HostileFile(f"shapes: {width} by {height}", shaped(width, height), "tracked")
            for width, height in ((1, 1), (3, 3), (17, 1), (1, 501), (4001, 2), (2, 4001))
        ),
        HostileFile("shapes: interlaced", interlaced, "tracked"),
        HostileFile("shapes: turned by 45 degrees", turned, "tracked"),
        HostileFile("shapes: a display matrix of zeros", no_matrix, "tracked"),
    ]

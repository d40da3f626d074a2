"""Damaged files: cut off, with flipped bytes, with impossible boxes, sizes, clocks and numbers of streams."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from tests import clips
from tests.hostile import boxes
from tests.hostile.file import Builder, HostileFile, Outcome, clip


def damaged_files() -> tuple[HostileFile, ...]:
    """Returns the damaged files."""
    return (*_truncated(), *_flipped(), *_boxes(), *_sizes(), *_clocks(), *_streams())


def _truncated() -> list[HostileFile]:
    return [
        HostileFile(f"truncated {name} at {share:.0%}", partial(_cut, name, share))
        for name in ("a.mp4", "first.mp4", "fragments.mp4", "a.mkv", "a.ts", "a.avi", "a.flv")
        for share in (0.01, 0.2, 0.6, 0.99)
    ]


def _cut(name: str, share: float, _: Path) -> bytes:
    return clip(name)[: max(1, int(len(clip(name)) * share))]


def _flipped() -> list[HostileFile]:
    stretches = {
        "first.mp4": (0.0, 0.3),
        "a.mp4": (0.4, 1.0),
        "fragments.mp4": (0.0, 1.0),
        "a.mkv": (0.0, 0.2),
        "a.ts": (0.0, 1.0),
        "a.avi": (0.0, 0.5),
        "a.mpg": (0.0, 1.0),
        "a.webm": (0.0, 1.0),
    }
    return [
        HostileFile(f"bytes flipped in {name}, seed {seed}", partial(_flip, name, stretch, seed))
        for name, stretch in stretches.items()
        for seed in range(4)
    ]


def _flip(name: str, stretch: tuple[float, float], seed: int, _: Path) -> bytes:
    chance, content = random.Random(f"{name} {seed}"), bytearray(clip(name))
    first, last = (int(len(content) * share) for share in stretch)
    for _flip in range(5 + 20 * seed):
        content[chance.randrange(first, last)] = chance.randrange(256)
    return bytes(content)


def _boxes() -> list[HostileFile]:
    def changed(
        name: str, change: Callable[[bytes], bytes], outcome: Outcome = "either", advice: str = ""
    ) -> HostileFile:
        return HostileFile(f"boxes: {name}", lambda _: change(clip("a.mp4")), outcome, advice)

    huge = struct.pack(">I", 0xFFFF_FFFF)
    sizes = [
        changed(
            f"{kind.decode()} says that it has {size} bytes", partial(boxes.with_size, kind=kind, size=size)
        )
        for kind in (b"moov", b"trak", b"stbl", b"stsz", b"mdat")
        for size in (0, 1, 7, 0x7FFF_FFFF, 0xFFFF_FFFF)
    ]
    needed: dict[bytes, Outcome] = {
        b"moov": "either",
        b"mdat": "either",
        b"trak": "rejected",
        b"stts": "either",
        b"stsz": "rejected",
        b"stco": "rejected",
        b"stsd": "rejected",
    }
    missing = [
        changed(f"no {kind.decode()}", partial(boxes.without, kind=kind), outcome)
        for kind, outcome in needed.items()
    ]
    counts = [
        changed(
            f"{kind.decode()} counts to 2**32 - 1", partial(boxes.patched, kind=kind, offset=at, value=huge)
        )
        for kind, at in ((b"stsz", 8), (b"stts", 4), (b"stco", 4), (b"stss", 4), (b"ctts", 4), (b"elst", 4))
        if any(found == kind for found, *_ in boxes.walk(clip("a.mp4")))
    ]
    return [
        *sizes,
        *missing,
        *counts,
        changed("an index of 80 MB", _long_index, "rejected", "its index has more than 64 MB"),
        changed("moov within itself 5,000 times", lambda content: _nested(5_000) + content),
        changed(
            "a compressed index that expands to 768 MB",
            lambda _: _compressed_index(),
            "rejected",
            "more than 64 MB",
        ),
        changed("two indexes", lambda content: content + content[boxes.find(content, b"moov")[0] :]),
        changed("the same file twice", lambda content: content + content),
    ]


def _long_index(content: bytes) -> bytes:
    count = 20_000_000
    header = struct.pack(">III", 0, 0, count)
    return boxes.replaced(content, b"stsz", boxes.box(b"stsz", header, bytes(4 * count)))


def _nested(depth: int) -> bytes:
    return b"".join(struct.pack(">I4s", 8 * (depth - level), b"moov") for level in range(depth))


def _compressed_index() -> bytes:
    packer = zlib.compressobj(1)
    packed = b"".join(packer.compress(bytes(1 << 20)) for _ in range(768)) + packer.flush()
    data = boxes.box(b"cmvd", struct.pack(">I", 768 << 20), packed)
    index = boxes.box(b"moov", boxes.box(b"cmov", boxes.box(b"dcom", b"zlib"), data))
    return boxes.box(b"ftyp", b"qt  ", bytes(4)) + index + boxes.box(b"mdat", bytes(1000))


def _sizes() -> list[HostileFile]:
    def y4m(width: int, height: int, frames: int = 1) -> Builder:
        header = f"YUV4MPEG2 W{width} H{height} F30:1 Ip A1:1 C420jpeg\n".encode()
        return lambda _: header + b"FRAME\n" * frames

    def jpeg_size(_: Path) -> bytes:
        content = bytearray(clip("mjpeg.avi"))
        at = content.find(b"\xff\xc0")
        while at >= 0:
            struct.pack_into(">HH", content, at + 5, 65_500, 65_500)
            at = content.find(b"\xff\xc0", at + 1)
        return bytes(content)

    def track_size(content: bytes) -> bytes:
        _, size = boxes.find(content, b"tkhd")
        return boxes.patched(content, b"tkhd", size - 16, b"\xff" * 8)

    return [
        HostileFile("sizes: y4m of a million by a million", y4m(1_000_000, 1_000_000), "rejected"),
        HostileFile("sizes: y4m of 20,000 by 20,000", y4m(20_000, 20_000), "rejected"),
        HostileFile("sizes: y4m of 0 by 0", y4m(0, 0), "rejected"),
        HostileFile("sizes: y4m of -1 by -1", y4m(-1, -1), "rejected"),
        HostileFile("sizes: y4m of 65,535 by 1 without pixels", y4m(65_535, 1, 50), "rejected"),
        HostileFile("sizes: pictures larger than the header says", jpeg_size, "rejected"),
        HostileFile("sizes: a track of infinite size", lambda _: track_size(clip("a.mp4"))),
        HostileFile(
            "sizes: gif of 65,535 by 65,535", lambda _: b"GIF89a" + b"\xff" * 4 + bytes(900), "rejected"
        ),
        HostileFile("sizes: the largest frame that is accepted", _largest_frame, "tracked"),
    ]


def _largest_frame(folder: Path) -> bytes:
    def grey(_number: int, width: int, height: int) -> clips.Picture:
        return np.full((height, width, 3), 128, np.uint8)

    return clips.write_clip(
        folder / "a.mp4",
        frames=2,
        size=(8192, 4320),
        draw=grey,
        options={"preset": "ultrafast", "threads": "1"},
    ).read_bytes()


def _clocks() -> list[HostileFile]:
    def mp4(kind: bytes, offset: int, value: bytes) -> Builder:
        return lambda _: boxes.patched(clip("a.mp4"), kind, offset, value)

    def avi_rate(scale: int, rate: int) -> Builder:
        def build(_: Path) -> bytes:
            content = bytearray(clip("mjpeg.avi"))
            struct.pack_into("<II", content, content.find(b"strh") + 28, scale, rate)
            return bytes(content)

        return build

    def late_fragments(ticks: int) -> Builder:
        def build(_: Path) -> bytes:
            content = bytearray(clip("fragments.mp4"))
            at = content.find(b"tfdt")
            while at >= 0:
                struct.pack_into(">Q", content, at + 8, ticks)
                at = content.find(b"tfdt", at + 1)
            return bytes(content)

        return build

    maximum = b"\xff\xff\xff\xff"
    return [
        HostileFile("clocks: a time scale of 0", mp4(b"mdhd", 12, bytes(4))),
        HostileFile("clocks: a time scale of 1", mp4(b"mdhd", 12, b"\0\0\0\1"), "either"),
        HostileFile("clocks: a time scale of 2**32 - 1", mp4(b"mdhd", 12, maximum)),
        HostileFile("clocks: a duration of 2**32 - 1", mp4(b"mdhd", 16, maximum)),
        HostileFile("clocks: frames of no duration", mp4(b"stts", 12, bytes(4))),
        HostileFile("clocks: frames of 2**32 - 1 ticks", mp4(b"stts", 12, maximum)),
        HostileFile(
            "clocks: 90,000 frames per second", avi_rate(1, 90_000), "rejected", "state its frame rate"
        ),
        HostileFile("clocks: 0/0 frames per second", avi_rate(0, 0)),
        HostileFile(
            "clocks: a frame in 4 billion seconds",
            avi_rate(0xFFFF_FFFF, 1),
            "rejected",
            "state its frame rate",
        ),
        HostileFile(
            "clocks: 4 billion frames per second",
            avi_rate(1, 0xFFFF_FFFF),
            "rejected",
            "state its frame rate",
        ),
        HostileFile("clocks: fragments that begin after 10 hours", late_fragments(36_000 * 15_360)),
        HostileFile("clocks: fragments that begin in 1970", late_fragments(1_700_000_000 * 15_360)),
        HostileFile("clocks: fragments that begin at 2**64 - 1", late_fragments(2**64 - 1)),
        HostileFile(
            "clocks: a clock that restarts", lambda _: clip("a.ts") * 3, "rejected", "setpts=N/FR/TB"
        ),
    ]


def _streams() -> list[HostileFile]:
    def tracks(count: int) -> Builder:
        def build(_: Path) -> bytes:
            content = clip("a.mp4")
            start, size = boxes.find(content, b"trak")
            return boxes.replaced(content, b"trak", content[start : start + size] * count)

        return build

    def programs(_: Path) -> bytes:
        """A transport stream whose tables name 8,000 streams."""
        packets = bytearray()
        for pid in range(32, 8_190):
            header = struct.pack(">BHB", 0x47, 0x4000 | pid, 0x10)
            packets += (header + b"\0\0\1\xe0\0\0\x80\x80\x05!\0\1\0\1" + bytes(184))[:188]
        return bytes(packets)

    return [
        HostileFile("streams: 2,000 tracks", tracks(2_000), "either"),
        HostileFile("streams: 30,000 tracks", tracks(30_000), "either"),
        HostileFile("streams: 8,000 programs", programs, "either"),
    ]

"""Videos with the faults that cameras, recorders and converters write. Each frame shows its number."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from tests import clips
from tests.hostile import boxes

TICK = Fraction(1, 12_800)
UNITY = 1 << 16


def with_matrix(path: Path, matrix: Sequence[int], **settings: Any) -> Path:
    """Writes an MP4 file with the display matrix (a, b, u, c, d, v, x, y, w) of ISO/IEC 14496-12, 8.3.2."""
    content = clips.write_clip(path, **settings).read_bytes()
    path.write_bytes(boxes.patched(content, b"tkhd", 40, struct.pack(">9i", *matrix)))
    return path


def with_times(
    path: Path, time_of: Callable[[int], int], *, frames: int, codec: str = "mpeg4", rate: int = 25
) -> Path:
    """Writes a video without B-frames in which frame number n has the time `time_of(n)` in frames."""
    with av.open(path, "w") as file:
        stream = file.add_stream(codec, rate=rate)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt, stream.gop_size = 96, 64, "yuv420p", 5
        stream.max_b_frames = 0
        number = 0
        for picture in [*(clips.numbered(one) for one in range(frames)), None]:
            frame = None if picture is None else VideoFrame.from_ndarray(picture, "rgb24")
            for packet in stream.encode(frame):
                packet.time_base, packet.dts = TICK, round(number / rate / TICK)
                packet.pts = round(Fraction(time_of(number), rate) / TICK)
                packet.duration = round(1 / rate / TICK)
                file.mux(packet)
                number += 1
    return path


def late_fragments(path: Path, late_s: int, frames: int = 75) -> Path:
    """Writes a fragmented MP4 file whose clock does not start at 0."""
    settings = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}
    content = bytearray(
        clips.write_clip(path, frames=frames, rate=25, container_options=settings).read_bytes()
    )
    at = content.find(b"mdhd")
    ticks_per_s: int = struct.unpack_from(">I", content, at + 16)[0]
    at = content.find(b"tfdt")
    while at >= 0:
        assert content[at + 4] == 1
        ticks: int = struct.unpack_from(">Q", content, at + 8)[0]
        struct.pack_into(">Q", content, at + 8, ticks + late_s * ticks_per_s)
        at = content.find(b"tfdt", at + 4)
    path.write_bytes(content)
    return path


def with_empty_chunks(path: Path, is_kept: Callable[[int], bool], **settings: Any) -> Path:
    """Writes an AVI file some of whose chunks are empty, which means that the frame before is shown again."""
    content = clips.write_clip(path, **settings).read_bytes()
    index = content.find(b"idx1")
    movi = content.find(b"movi")
    data, entries = b"", b""
    for number in range(struct.unpack_from("<I", content, index + 4)[0] // 16):
        kind, flags, offset, size = struct.unpack_from("<4sIII", content, index + 8 + 16 * number)
        chunk = content[movi + offset + 8 :][:size]
        if not is_kept(number):
            flags, chunk = 0, b""
        entries += struct.pack("<4sIII", kind, flags, 4 + len(data), len(chunk))
        data += kind + struct.pack("<I", len(chunk)) + chunk + bytes(len(chunk) % 2)
    body = b"LIST" + struct.pack("<I", 4 + len(data)) + b"movi" + data
    body += b"idx1" + struct.pack("<I", len(entries)) + entries
    header = bytearray(content[: movi - 8])
    struct.pack_into("<I", header, 4, len(header) - 8 + len(body))
    path.write_bytes(header + body)
    return path


def with_stated_rate(path: Path, scale: int, rate: int, frames: int = 30) -> Path:
    """Writes an AVI file whose header states rate / scale frames per second."""
    content = bytearray(clips.write_clip(path, frames=frames, codec="mjpeg", pixels="yuvj420p").read_bytes())
    struct.pack_into("<II", content, content.find(b"strh") + 28, scale, rate)
    path.write_bytes(content)
    return path


def with_sound(path: Path, *, frames: int, picture_s: float, sound_s: float, rate: int = 25) -> Path:
    """Writes a video with sound from 0 to sound_s seconds whose pictures begin at picture_s."""
    with av.open(path, "w") as file:
        stream = file.add_stream("libx264", rate=rate, options={"bf": "0", "g": "5"})
        sound = file.add_stream("aac", rate=8000, layout="mono")
        assert isinstance(stream, VideoStream)
        assert isinstance(sound, AudioStream)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        picture_times = [picture_s + number / rate for number in range(frames)]
        sound_times = [number * 1024 / 8000 for number in range(int(sound_s * 8000 / 1024))]
        for time, number in sorted(
            [(time, number) for number, time in enumerate(picture_times)]
            + [(time, -1) for time in sound_times]
        ):
            if number >= 0:
                picture = VideoFrame.from_ndarray(clips.numbered(number), "rgb24")
                picture.pts, picture.time_base = round(time * rate), Fraction(1, rate)
                file.mux(stream.encode(picture))
            else:
                silence = AudioFrame(format="fltp", layout="mono", samples=1024)
                silence.sample_rate, silence.pts = 8000, round(time * 8000)
                for plane in silence.planes:
                    plane.update(bytes(plane.buffer_size))
                file.mux(sound.encode(silence))
        file.mux(stream.encode())
        file.mux(sound.encode())
    return path


def without_first_packets(path: Path, share: float, **settings: Any) -> Path:
    """Writes a transport stream that begins in the middle of a group of pictures."""
    content = clips.write_clip(path, **settings).read_bytes()
    packets = [content[at : at + 188] for at in range(0, len(content), 188)]
    path.write_bytes(b"".join([*packets[:3], *packets[int(len(packets) * share) :]]))
    return path


def encrypted(path: Path, frames: int = 30) -> Path:
    """Writes an MP4 file with Common Encryption (ISO/IEC 23001-7)."""
    settings = {
        "encryption_scheme": "cenc-aes-ctr",
        "encryption_key": "76a6c65c5ea762046bd749a2e632ccbb",
        "encryption_kid": "a7e61c373e219033c21091fa607bf3b8",
    }
    return clips.write_clip(path, frames=frames, container_options=settings)


def scrambled(path: Path, frames: int = 30) -> Path:
    """Writes a transport stream whose payload is noise and marked as scrambled."""
    content = bytearray(clips.write_clip(path, frames=frames).read_bytes())
    for at in range(0, len(content), 188):
        identifier = struct.unpack_from(">H", content, at + 1)[0] & 0x1FFF
        if identifier >= 0x100:
            content[at + 3] |= 0x80
            content[at + 40 : at + 188] = bytes((3 * byte + 77) % 256 for byte in content[at + 40 : at + 188])
    path.write_bytes(content)
    return path


def with_exif(path: Path, orientation: int, **settings: Any) -> Path:
    """Writes Motion JPEG whose pictures state an orientation in EXIF, as the videos of photo cameras do.

    Args:
        path: the file.
        orientation: 1 to 8; see the tag Orientation in "Exif 2.32", 4.6.5.
        settings: of `clips.write_clip`.
    """
    tag = struct.pack("<HHII", 0x112, 3, 1, orientation)
    exif = b"Exif\0\0II*\0" + struct.pack("<IH", 8, 1) + tag + bytes(4)
    segment = b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif
    plain = clips.write_clip(path.with_name("plain.avi"), codec="mjpeg", pixels="yuvj420p", **settings)
    with av.open(plain) as source, av.open(path, "w") as file:
        stream = file.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(source.streams.video[0]):
            if packet.size:
                content = bytes(packet)
                written = av.Packet(content[:2] + segment + content[2:])
                written.pts, written.dts, written.time_base = packet.pts, packet.dts, packet.time_base
                written.stream, written.is_keyframe = stream, True
                file.mux(written)
    return path

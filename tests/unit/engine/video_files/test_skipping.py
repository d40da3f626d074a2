"""Frames that are not sampled need not be decoded, and that changes nothing else."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import av
import numpy as np
import pytest
from av.packet import Packet
from av.video.stream import VideoStream

from people_pathing.engine.decoding import Frame, VideoDecoder, open_video
from people_pathing.engine.sampling import sampling_slot, sampling_step
from people_pathing.engine.segments import plan_segments
from people_pathing.engine.video import Segment
from people_pathing.engine.video_files.skipping.h264 import H264Headers
from people_pathing.engine.video_files.skipping.hevc import HevcHeaders
from people_pathing.engine.video_files.skipping.nal_units import DisplayOrder, Headers
from tests import clips
from tests.hostile.damaged import damaged_files
from tests.hostile.file import HostileFile
from tests.hostile.unusual import unusual_videos
from tests.unit.engine.video_files.test_damaged_groups import damaged, texture

WHOLE = Segment(0, 0, None)
X265 = "log-level=none:"

SKIPPED: dict[str, dict[str, Any]] = {
    "b-frames.mp4": {"options": {"bf": "3"}},
    "pyramid.mp4": {"options": {"bf": "7", "x264-params": "b-pyramid=normal:keyint=60"}},
    "weighted.mp4": {"options": {"bf": "5", "x264-params": "b-adapt=2:keyint=90:ref=4:weightp=2"}},
    "open-gop.mkv": {"options": {"bf": "3", "x264-params": "open-gop=1:keyint=5"}},
    "intra-refresh.mkv": {"options": {"x264-params": "intra-refresh=1:keyint=8"}},
    "slices.ts": {"options": {"bf": "3", "x264-params": "slices=4:keyint=30"}},
    "fragments.mp4": {
        "options": {"bf": "3"},
        "container_options": {"movflags": "frag_keyframe+empty_moov+default_base_moof"},
    },
    "milliseconds.flv": {"rate": Fraction(30_000, 1001), "options": {"bf": "3"}},
    "4-2-2.mov": {"pixels": "yuv422p", "options": {"bf": "3"}},
    "varying.mkv": {
        "times": [Fraction(number, 60) + Fraction(7 * number**2 % 5, 400) for number in range(120)],
        "options": {"bf": "3"},
    },
    "60-a-second.ts": {"rate": 60, "options": {"bf": "3", "x264-params": "b-adapt=0:keyint=60"}},
    "hevc.mp4": {"codec": "libx265", "options": {"x265-params": f"{X265}keyint=30"}},
    "hevc-open-gop.mkv": {
        "codec": "libx265",
        "options": {"x265-params": f"{X265}open-gop=1:keyint=20:bframes=4"},
    },
    "hevc-layers.mp4": {
        "codec": "libx265",
        "options": {"x265-params": f"{X265}temporal-layers=3:b-adapt=0:bframes=3:keyint=40"},
    },
    "hevc-slices.ts": {
        "codec": "libx265",
        "options": {"x265-params": f"{X265}open-gop=0:keyint=30:bframes=8:slices=2"},
    },
    "hevc-10-bit.mov": {
        "codec": "libx265",
        "pixels": "yuv420p10le",
        "rate": 60,
        "options": {"x265-params": f"{X265}repeat-headers=1:keyint=25"},
    },
}
NEVER_SKIPPED: dict[str, dict[str, Any]] = {
    "no-b-frames.mp4": {"options": {"bf": "0"}},
    "interlaced.mp4": {"options": {"bf": "3", "x264-params": "tff=1:interlaced=1"}},
    "reordered.avi": {"options": {"bf": "2"}},
    "no-timestamps.h264": {"options": {"bf": "2"}},
    "mpeg2.mpg": {"codec": "mpeg2video", "rate": 25, "options": {"bf": "2"}},
    "mpeg4.mp4": {"codec": "mpeg4", "options": {"bf": "2"}},
    "vp9.webm": {"codec": "libvpx-vp9", "options": {"cpu-used": "8", "deadline": "realtime"}},
    "mjpeg.avi": {"codec": "mjpeg", "pixels": "yuvj420p"},
}


class Stored(Protocol):
    """Returns a clip, which is encoded once for all tests and never changed."""

    def __call__(self, name: str) -> Path: ...


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Stored:
    @cache
    def write(name: str) -> Path:
        folder = tmp_path_factory.mktemp("clips")
        settings = {**SKIPPED, **NEVER_SKIPPED}[name]
        return clips.write_clip(folder / name, frames=120, draw=texture, **settings)

    return write


Seen = tuple[int, int, bool, bytes]


def seen(video: VideoDecoder, frame: Frame) -> Seen:
    picture = video.image(frame, 96, 64).tobytes() if frame.is_sampled else b""
    return frame.timestamp_us, frame.slot, frame.is_sampled, picture


def sampled(path: Path, segment: Segment, sample_fps: float) -> tuple[list[Seen], int, int]:
    """Returns what is seen of each frame, how many frames are lost, and how many were skipped."""
    with open_video(path) as video:
        frames, skipped = [], 0
        for frame in video.frames(segment, sample_fps):
            frames.append(seen(video, frame))
            skipped += frame.picture is None
        return frames, video.lost_frame_count(segment), skipped


def sampled_of_all(path: Path, sample_fps: float) -> tuple[list[Seen], int]:
    """Decodes all frames, and samples the first of each interval afterwards."""
    with open_video(path) as video:
        rate = video.frame_rate
        step = sampling_step(rate, sample_fps)
        frames: list[Seen] = []
        previous = -1
        for frame in video.frames(WHOLE, math.inf):
            slot = sampling_slot(frame.timestamp_us, rate, step)
            picture = video.image(frame, 96, 64).tobytes() if slot != previous else b""
            frames.append((frame.timestamp_us, slot, slot != previous, picture))
            previous = slot
        return frames, video.lost_frame_count(WHOLE)


@pytest.mark.parametrize("sample_fps", [15, 10, 6, 1.5])
@pytest.mark.parametrize("name", [*SKIPPED, *NEVER_SKIPPED])
def test_sampled_frames_are_the_same_as_if_all_frames_were_decoded(
    stored: Stored, name: str, sample_fps: float
) -> None:
    frames, lost, skipped = sampled(stored(name), WHOLE, sample_fps)
    assert (frames, lost) == sampled_of_all(stored(name), sample_fps)
    assert (skipped > 0) == (name in SKIPPED)


@pytest.mark.parametrize("count", [1, 2, 7, 40])
@pytest.mark.parametrize("name", SKIPPED)
def test_segments_see_the_same_frames_as_the_whole_video(stored: Stored, name: str, count: int) -> None:
    path = stored(name)
    _, segments = plan_segments(path, count=count)
    parts = [sampled(path, segment, 15) for segment in segments]
    assert [frame for frames, _, _ in parts for frame in frames] == sampled_of_all(path, 15)[0]


def test_half_of_the_frames_of_a_fast_video_are_skipped(stored: Stored) -> None:
    frames, _, skipped = sampled(stored("60-a-second.ts"), WHOLE, 15)
    assert skipped > 0.35 * len(frames)


def rewritten(source: Path, path: Path, change: Callable[[list[Packet[VideoStream]]], None]) -> Path:
    """Writes a file with changed packets."""
    with av.open(source) as old, av.open(path, "w") as new:
        stream = new.add_stream_from_template(old.streams.video[0])
        packets = [packet for packet in old.demux(old.streams.video[0]) if packet.size]
        change(packets)
        for packet in packets:
            packet.stream = stream
            new.mux(packet)
    return path


@pytest.mark.parametrize("second", range(41, 49))
@pytest.mark.parametrize("first", [40, 44])
@pytest.mark.parametrize("name", ["weighted.mp4", "pyramid.mp4", "hevc-layers.mp4"])
def test_packets_with_exchanged_times_change_nothing(
    stored: Stored, tmp_path: Path, name: str, first: int, second: int
) -> None:
    def exchange(packets: list[Packet[VideoStream]]) -> None:
        one, other = packets[first], packets[second]
        one.pts, other.pts = other.pts, one.pts
        for packet in packets:
            assert packet.pts is not None
            packet.pts += round(1 / packet.time_base)  # no frame may be shown before it is decoded

    path = rewritten(stored(name), tmp_path / "exchanged.mp4", exchange)
    frames, lost, _ = sampled(path, WHOLE, 15)
    assert (frames, lost) == sampled_of_all(path, 15)


@pytest.mark.parametrize("number", range(34, 46))
@pytest.mark.parametrize("name", ["weighted.mp4", "pyramid.mp4", "hevc-layers.mp4"])
def test_a_missing_packet_changes_nothing_else(
    stored: Stored, tmp_path: Path, name: str, number: int
) -> None:
    def remove(packets: list[Packet[VideoStream]]) -> None:
        del packets[number]

    path = rewritten(stored(name), tmp_path / "missing.mp4", remove)
    frames, lost, _ = sampled(path, WHOLE, 15)
    assert (frames, lost) == sampled_of_all(path, 15)


def test_damage_in_a_skipped_frame_does_not_shift_what_is_read_again(tmp_path: Path) -> None:
    source = clips.write_clip(
        tmp_path / "sound.mp4", frames=120, draw=texture, options={"bf": "3", "x264-params": "keyint=60"}
    )

    def damage(packets: list[Packet[VideoStream]]) -> None:
        by_time = sorted(range(len(packets)), key=lambda number: packets[number].pts or 0)
        at = by_time[21]
        content = bytearray(bytes(packets[at]))
        start = end = 0
        while end < len(content):  # to the last unit, which is the slice
            start, end = end + 4, end + 4 + int.from_bytes(content[end : end + 4])
        content[start + 5 : start + 7] = b"\0\x10"
        changed: Any = Packet(bytes(content))
        for name in ("pts", "dts", "duration", "time_base", "is_keyframe"):
            setattr(changed, name, getattr(packets[at], name))
        packets[at] = changed
        del packets[93]

    path = rewritten(source, tmp_path / "damaged.mp4", damage)
    _, _, skipped = sampled(source, WHOLE, 15)
    frames, _, _ = sampled(path, WHOLE, 15)
    of_all, _ = sampled_of_all(path, 15)
    assert skipped > 0
    assert [one for one in frames if one[2]] == [one for one in of_all if one[2]]


def test_an_order_at_half_the_range_comes_later() -> None:
    orders = DisplayOrder()
    assert orders.complete(0, 4, is_kept=True) == (0, 0)
    assert orders.complete(8, 4, is_kept=True) == (0, 8)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", ["b-frames.mp4", "b-frames.mkv", "open-gop.mkv", "fragments.mp4"])
def test_a_damaged_video_is_read_as_if_all_frames_were_decoded(tmp_path: Path, name: str, seed: int) -> None:
    path = damaged(tmp_path / name, seed, **SKIPPED.get(name, {"options": {"bf": "2"}}))
    frames, lost, _ = sampled(path, WHOLE, 10)
    assert (frames, lost) == sampled_of_all(path, 10)


@pytest.mark.parametrize(
    ("name", "headers"), [("pyramid.mp4", H264Headers), ("hevc-layers.mp4", HevcHeaders)]
)
def test_the_order_in_headers_is_that_of_the_times(
    stored: Stored, name: str, headers: Callable[[bytes], Headers]
) -> None:
    with av.open(stored(name)) as file:
        stream = file.streams.video[0]
        reader = headers(stream.codec_context.extradata or b"")
        packets = [packet for packet in file.demux(stream) if packet.size]
        read = [reader.read(bytes(packet)) for packet in packets]
    orders = [header.order for header in read if header]
    assert len(orders) == 120
    times = [packet.pts or 0 for packet in packets]
    assert np.argsort(times).tolist() == sorted(range(120), key=orders.__getitem__)


@pytest.mark.parametrize("headers", [H264Headers, HevcHeaders])
def test_packets_of_noise_are_no_usual_pictures(headers: Callable[[bytes], Headers]) -> None:
    chance = np.random.default_rng(1)
    for size in range(200):
        reader = headers(chance.bytes(size))
        assert reader.read(chance.bytes(size)) is None
        assert headers(b"\1" + chance.bytes(size)).read(chance.bytes(size)) is None


def sound(files: tuple[HostileFile, ...]) -> list[HostileFile]:
    return [file for file in files if file.outcome == "tracked" and "largest frame" not in file.name]


@pytest.mark.parametrize("file", sound((*damaged_files(), *unusual_videos())), ids=lambda file: file.name)
def test_unusual_videos_are_read_as_if_all_frames_were_decoded(tmp_path: Path, file: HostileFile) -> None:
    path = tmp_path / "video"
    path.write_bytes(file.build(tmp_path))
    frames, lost, _ = sampled(path, WHOLE, 10)
    assert (frames, lost) == sampled_of_all(path, 10)

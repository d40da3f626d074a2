import io
import math
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pytest

from people_pathing.engine.decoding import open_video, read_metadata
from people_pathing.engine.segments import plan_segments
from people_pathing.engine.video import Segment, VideoError, VideoMetadata, VideoSource
from tests import clips

NTSC = Fraction(30_000, 1001)
WHOLE = Segment(0, 0, None)

# Each frame shows its own number, and the time of each number is known.
CLIPS: dict[str, dict[str, Any]] = {
    "b-frames.mp4": {"options": {"bf": "3"}},
    "no-b-frames.mp4": {"options": {"bf": "0"}},
    "open-gop.mkv": {"options": {"bf": "3", "x264-params": "open-gop=1:keyint=5"}},
    "intra-refresh.mkv": {"options": {"x264-params": "intra-refresh=1:keyint=8"}},
    "ntsc.mov": {"rate": NTSC},
    "milliseconds.mkv": {"rate": NTSC, "options": {"bf": "2"}},
    "milliseconds.flv": {"rate": NTSC},
    "transport.ts": {"rate": NTSC, "options": {"bf": "2"}},
    "no-timestamps.h264": {"rate": NTSC, "options": {"bf": "2"}},
    "reordered.avi": {"options": {"bf": "2"}},
    "msmpeg4.avi": {"codec": "msmpeg4"},
    "mpeg2.mpg": {"codec": "mpeg2video", "rate": 25},
    "hevc.mp4": {"codec": "libx265", "options": {"x265-params": "log-level=error:bframes=3"}},
    "vp9.webm": {"codec": "libvpx-vp9", "options": {"cpu-used": "8", "deadline": "realtime"}},
    "prores-10-bit.mov": {"codec": "prores_ks", "pixels": "yuv422p10le"},
    "h264-10-bit.mp4": {"pixels": "yuv420p10le"},
    "recorded-live.webm": {
        "codec": "libvpx-vp9",
        "options": {"cpu-used": "8", "deadline": "realtime"},
        "container_options": {"live": "1"},
    },
    "odd-size.mkv": {"codec": "ffv1", "pixels": "yuv444p", "size": (97, 63)},
    "starts-late.ts": {"start_s": 7},
    "starts-early.mkv": {"start_s": Fraction(1, 3)},
}


def shown(
    source: VideoSource, *segments: Segment, sample_fps: float | None = None
) -> list[tuple[int, bool, bytes]]:
    """Returns time, whether sampled, and picture of each frame in the segments; b"" if it is not sampled."""
    frames = []
    for segment in segments:
        with open_video(source) as video:
            frames += [
                (
                    frame.timestamp_us,
                    frame.is_sampled,
                    video.image(frame, 96, 64).tobytes() if frame.is_sampled else b"",
                )
                for frame in video.frames(segment, sample_fps)
            ]
    return frames


def number_in(picture: bytes) -> int:
    return clips.number_in(np.frombuffer(picture, np.uint8).reshape(64, 96, 3))


class Stored(Protocol):
    """Returns one of CLIPS, which is encoded once for all tests and never changed."""

    def __call__(self, name: str, frames: int = 23) -> Path: ...


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Stored:
    @cache
    def write(name: str, frames: int = 23) -> Path:
        folder = tmp_path_factory.mktemp(f"{frames}-frames")
        return clips.write_clip(folder / name, frames=frames, **CLIPS[name])

    return write


@pytest.mark.parametrize("name", CLIPS)
def test_every_frame_is_read_once_in_order_with_its_time(stored: Stored, name: str) -> None:
    frames = shown(stored(name), WHOLE, sample_fps=math.inf)
    rate = CLIPS[name].get("rate", 30)
    assert [number_in(picture) for _, _, picture in frames] == list(range(23))
    assert [time // 1000 for time, _, _ in frames] == [number * 1000 // rate for number in range(23)]


@pytest.mark.parametrize("name", CLIPS)
@pytest.mark.parametrize("count", [2, 7, 40])
def test_segments_have_the_same_frames_as_the_whole_video(stored: Stored, name: str, count: int) -> None:
    path = stored(name)
    _, segments = plan_segments(path, count=count)
    assert shown(path, *segments) == shown(path, WHOLE)


@pytest.mark.parametrize("name", CLIPS)
def test_segments_far_from_the_first_key_frames_have_the_same_frames(stored: Stored, name: str) -> None:
    path = stored(name, frames=160)
    _, segments = plan_segments(path, count=7)
    assert shown(path, *segments) == shown(path, WHOLE)


@pytest.mark.parametrize("frames", [20, 30, 60])
def test_a_file_whose_clock_restarts_is_rejected_with_advice(tmp_path: Path, frames: int) -> None:
    once = clips.write_clip(tmp_path / "once.ts", frames=frames).read_bytes()
    (tmp_path / "twice.ts").write_bytes(once + once)
    end = {20: "0\\.5", 30: "0\\.9", 60: "1\\.97"}[frames]
    with pytest.raises(
        VideoError, match=rf"twice\.ts: its clock jumps back from {end}.* to .* rewrite it with one clock"
    ):
        shown(tmp_path / "twice.ts", WHOLE)


def test_only_one_of_several_frames_with_the_same_time_is_sampled(tmp_path: Path) -> None:
    times = [Fraction(time, 1000) for time in (0, 100, 200, 200, 200, 300)]
    path = clips.write_clip(tmp_path / "stutter.mkv", frames=6, rate=10, times=times)
    frames = shown(path, WHOLE, sample_fps=math.inf)
    assert [time // 1000 for time, is_sampled, _ in frames if is_sampled] == [0, 100, 200, 300]


def test_frames_of_varying_duration_keep_their_own_times(tmp_path: Path) -> None:
    milliseconds = [0, 40, 50, 60, 200, 233, 266, 900, 901, 1000]
    times = [Fraction(time, 1000) for time in milliseconds]
    path = clips.write_clip(tmp_path / "phone.mp4", frames=10, times=times, options={"bf": "2"})
    frames = shown(path, WHOLE, sample_fps=math.inf)
    assert [time // 1000 for time, _, _ in frames] == milliseconds
    assert all(is_sampled for _, is_sampled, _ in frames)
    assert shown(path, *plan_segments(path, count=7)[1], sample_fps=math.inf) == frames


def test_sampling_follows_time_if_the_frame_rate_varies(tmp_path: Path) -> None:
    times = [Fraction(number, 60) for number in range(60)] + [1 + Fraction(number, 5) for number in range(5)]
    path = clips.write_clip(tmp_path / "phone.mp4", frames=65, times=times)
    frames = shown(path, WHOLE, sample_fps=10)
    sampled_us = [time for time, is_sampled, _ in frames if is_sampled]
    assert 9 <= sum(time < 1_000_000 for time in sampled_us) <= 12
    assert sum(time > 1_000_000 for time in sampled_us) == 4
    assert shown(path, *plan_segments(path, count=7)[1], sample_fps=10) == frames


@pytest.mark.parametrize(("rotation", "corner"), [(0, (0, 0)), (90, (1, 0)), (-90, (0, 1)), (180, (1, 1))])
def test_a_rotated_video_is_decoded_as_players_show_it(
    tmp_path: Path, rotation: int, corner: tuple[int, int]
) -> None:
    def bright_top_left(_number: int, width: int, height: int) -> clips.Picture:
        picture = np.zeros((height, width, 3), np.uint8)
        picture[: height // 2, : width // 2] = 255
        return picture

    path = clips.write_clip(
        tmp_path / "phone.mp4", frames=2, size=(96, 64), rotation=rotation, draw=bright_top_left
    )
    width, height = (64, 96) if rotation % 180 else (96, 64)
    metadata = read_metadata(path)
    assert (metadata.frame_width, metadata.frame_height) == (width, height)
    with open_video(path) as video:
        image = video.image(next(video.frames(WHOLE)), width, height)
    assert image.shape == (height, width, 3)
    quarters = image.reshape(2, height // 2, 2, width // 2, 3).mean(axis=(1, 3, 4)) > 127
    assert np.argwhere(quarters).tolist() == [list(corner)]


def test_only_one_field_of_an_interlaced_frame_is_used(tmp_path: Path) -> None:
    def combed(_number: int, width: int, height: int) -> clips.Picture:
        picture = np.zeros((height, width, 3), np.uint8)
        picture[::2] = 255
        return picture

    path = clips.write_clip(
        tmp_path / "tape.mkv",
        frames=3,
        rate=25,
        options={"x264-params": "tff=1:interlaced=1", "crf": "1"},
        pixels="yuv444p",
        draw=combed,
    )
    with open_video(path) as video:
        image = video.image(next(video.frames(WHOLE)), 48, 32)
    assert image.min() > 200


def test_images_are_in_the_order_blue_green_red(tmp_path: Path) -> None:
    def red(_number: int, width: int, height: int) -> clips.Picture:
        return np.broadcast_to(np.array([255, 0, 0], np.uint8), (height, width, 3)).copy()

    path = clips.write_clip(tmp_path / "red.mp4", frames=1, draw=red)
    with open_video(path) as video:
        blue, green, red_ = video.image(next(video.frames(WHOLE)), 96, 64).mean(axis=(0, 1))
    assert red_ > 240
    assert max(blue, green) < 15


def test_metadata_has_the_values_that_the_api_reports(tmp_path: Path) -> None:
    path = clips.write_clip(tmp_path / "street.mov", frames=30, rate=NTSC, size=(128, 72))
    assert read_metadata(path) == VideoMetadata(
        codec="h264",
        format="QuickTime / MOV",
        duration_ms=1001,
        frame_rate=30_000 / 1001,
        frame_width=128,
        frame_height=72,
        color_range=None,
    )


@pytest.mark.parametrize(
    ("name", "duration_ms"), [("no-timestamps.h264", 1001), ("recorded-live.webm", 1000)]
)
def test_the_duration_is_measured_if_the_file_does_not_state_it(
    stored: Stored, name: str, duration_ms: int
) -> None:
    assert read_metadata(stored(name, frames=30)).duration_ms == duration_ms


def test_only_the_needed_parts_of_a_file_object_are_read(tmp_path: Path) -> None:
    class Counting(io.FileIO):
        read_bytes = 0

        def read(self, size: int | None = -1, /) -> bytes:
            data = super().read(size)
            Counting.read_bytes += len(data)
            return data

    def noise(number: int, width: int, height: int) -> clips.Picture:
        return np.random.default_rng(number).integers(0, 256, (height, width, 3), np.uint8)

    path = clips.write_clip(tmp_path / "large.mp4", frames=600, size=(192, 128), draw=noise)
    size = path.stat().st_size
    assert size > 6_000_000
    with Counting(path) as file:
        _, segments = plan_segments(file, count=40)
        assert Counting.read_bytes < size / 10
        assert len(shown(file, segments[30])) == 15
        assert Counting.read_bytes < size / 4


@pytest.mark.parametrize(
    "name", ["no-b-frames.mp4", "milliseconds.mkv", "transport.ts", "msmpeg4.avi", "vp9.webm"]
)
def test_the_remaining_part_of_a_truncated_file_is_read(tmp_path: Path, name: str) -> None:
    settings = {**CLIPS[name]}
    if name.endswith(".mp4"):
        settings["container_options"] = {"movflags": "faststart"}
    path = clips.write_clip(tmp_path / name, frames=60, **settings)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    frames = shown(path, WHOLE, sample_fps=math.inf)
    numbers = [number_in(picture) for _, _, picture in frames[:-2]]
    assert numbers == list(range(len(numbers)))
    assert 20 <= len(numbers) < 59
    assert shown(path, *plan_segments(path, count=7)[1], sample_fps=math.inf) == frames


def test_a_damaged_stretch_is_skipped(tmp_path: Path) -> None:
    path = clips.write_clip(tmp_path / "damaged.ts", frames=60)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 188 * 3] = bytes(188 * 3)
    path.write_bytes(content)
    numbers = [number_in(picture) for _, _, picture in shown(path, WHOLE, sample_fps=math.inf)]
    assert numbers[:20] == list(range(20))
    assert numbers[-20:] == list(range(40, 60))

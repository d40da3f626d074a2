import io
import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from people_pathing.engine.decoding import (
    open_video,
    plan_segments,
    read_metadata,
    sampling_slot,
    sampling_step,
)
from people_pathing.engine.video import Segment, VideoError, VideoMetadata, VideoSource
from tests import clips

NTSC = Fraction(30_000, 1001)
WHOLE = Segment(0, 0, None)

# What the pictures of these clips show is known, and so is when they are shown.
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
    """Time, whether sampled, and picture of each frame of the segments."""
    frames = []
    for segment in segments:
        with open_video(source) as video:
            frames += [
                (frame.timestamp_us, frame.is_sampled, video.image(frame, 96, 64).tobytes())
                for frame in video.frames(segment, sample_fps)
            ]
    return frames


def number_in(picture: bytes) -> int:
    return clips.number_in(np.frombuffer(picture, np.uint8).reshape(64, 96, 3))


def write(folder: Path, name: str, frames: int = 23) -> Path:
    return clips.write_clip(folder / name, frames=frames, **CLIPS[name])


@pytest.mark.parametrize("name", CLIPS)
def test_every_frame_is_read_once_in_order_and_at_its_time(tmp_path: Path, name: str) -> None:
    frames = shown(write(tmp_path, name), WHOLE)
    rate = CLIPS[name].get("rate", 30)
    assert [number_in(picture) for _, _, picture in frames] == list(range(23))
    assert [time // 1000 for time, _, _ in frames] == [number * 1000 // rate for number in range(23)]


@pytest.mark.parametrize("name", CLIPS)
@pytest.mark.parametrize("count", [2, 7, 40])
def test_segments_hold_the_same_frames_as_the_whole(tmp_path: Path, name: str, count: int) -> None:
    path = write(tmp_path, name)
    _, segments = plan_segments(path, count=count)
    assert shown(path, *segments) == shown(path, WHOLE)


@pytest.mark.parametrize("name", CLIPS)
def test_segments_that_begin_long_after_the_first_key_frames_hold_the_same_frames(
    tmp_path: Path, name: str
) -> None:
    path = write(tmp_path, name, frames=160)
    _, segments = plan_segments(path, count=7)
    assert shown(path, *segments) == shown(path, WHOLE)


def test_a_file_whose_clock_starts_again_is_refused_with_what_would_be_right(tmp_path: Path) -> None:
    once = clips.write_clip(tmp_path / "once.ts", frames=60).read_bytes()
    (tmp_path / "twice.ts").write_bytes(once + once)
    with pytest.raises(
        VideoError, match=r"twice\.ts: its clock jumps back from 1\.97 to .* one clock would be right"
    ):
        shown(tmp_path / "twice.ts", WHOLE)


def test_of_frames_that_say_the_same_time_one_is_sampled(tmp_path: Path) -> None:
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


def test_sampling_goes_by_time_where_the_frame_rate_varies(tmp_path: Path) -> None:
    times = [Fraction(number, 60) for number in range(60)] + [1 + Fraction(number, 5) for number in range(5)]
    path = clips.write_clip(tmp_path / "phone.mp4", frames=65, times=times)
    frames = shown(path, WHOLE, sample_fps=10)
    sampled_us = [time for time, is_sampled, _ in frames if is_sampled]
    assert 9 <= sum(time < 1_000_000 for time in sampled_us) <= 12
    assert sum(time > 1_000_000 for time in sampled_us) == 4
    assert shown(path, *plan_segments(path, count=7)[1], sample_fps=10) == frames


@pytest.mark.parametrize(
    ("rate", "step"),
    [
        (60, 4),
        (50, 3),
        (30, 2),
        (NTSC, 2),
        (25, 2),
        (24, 2),
        (Fraction(24_000, 1001), 2),
        (20, 1),
        (10, 1),
        (5, 1),
    ],
)
def test_about_fifteen_frames_a_second_are_sampled_by_default(rate: Fraction | int, step: int) -> None:
    assert sampling_step(Fraction(rate)) == step


def test_the_sampling_rate_can_be_chosen() -> None:
    assert sampling_step(Fraction(30), 5) == 6
    assert sampling_step(Fraction(30), 1000) == 1
    assert sampling_step(Fraction(60), math.inf) == 1


@pytest.mark.parametrize("sample_fps", [0, -1, math.nan])
def test_a_sampling_rate_not_above_zero_is_refused(sample_fps: float) -> None:
    with pytest.raises(ValueError, match="sample_fps must be above 0"):
        sampling_step(Fraction(30), sample_fps)


@pytest.mark.parametrize("rate", [NTSC, Fraction(30), Fraction(24_000, 1001)])
def test_every_second_frame_stays_every_second_frame_for_hours(rate: Fraction) -> None:
    after_five_hours = round(5 * 3600 * rate / 2) * 2
    for start in (0, after_five_hours):
        slots = [sampling_slot(int(n * 1_000_000 / rate), rate, 2) for n in range(start, start + 1000)]
        assert slots == [n // 2 for n in range(start, start + 1000)]


def test_frames_half_a_frame_early_or_late_are_sampled_alike() -> None:
    jitter_us = np.random.default_rng(1).integers(-16_000, 16_000, 300).tolist()
    times_us = [max(0, number * 100_000 // 3 + jitter) for number, jitter in enumerate(jitter_us)]
    slots = [sampling_slot(time_us, Fraction(30), 2) for time_us in times_us]
    assert slots == [number // 2 for number in range(300)]


@pytest.mark.parametrize(("rotation", "corner"), [(0, (0, 0)), (90, (1, 0)), (-90, (0, 1)), (180, (1, 1))])
def test_a_turned_video_is_seen_as_players_show_it(
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


def test_of_interlaced_frames_one_field_is_seen(tmp_path: Path) -> None:
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


def test_colours_come_as_blue_green_red(tmp_path: Path) -> None:
    def red(_number: int, width: int, height: int) -> clips.Picture:
        return np.broadcast_to(np.array([255, 0, 0], np.uint8), (height, width, 3)).copy()

    path = clips.write_clip(tmp_path / "red.mp4", frames=1, draw=red)
    with open_video(path) as video:
        blue, green, red_ = video.image(next(video.frames(WHOLE)), 96, 64).mean(axis=(0, 1))
    assert red_ > 240
    assert max(blue, green) < 15


def test_metadata_are_those_the_api_reports(tmp_path: Path) -> None:
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
def test_the_duration_is_found_where_the_file_does_not_say_it(
    tmp_path: Path, name: str, duration_ms: int
) -> None:
    assert read_metadata(write(tmp_path, name, frames=30)).duration_ms == duration_ms


def test_a_file_object_is_read_where_needed_only(tmp_path: Path) -> None:
    class Counting(io.FileIO):
        read_bytes = 0

        def read(self, size: int | None = -1, /) -> bytes:
            data = super().read(size)
            Counting.read_bytes += len(data)
            return data

    def noise(number: int, width: int, height: int) -> clips.Picture:
        return np.random.default_rng(number).integers(0, 256, (height, width, 3), np.uint8)

    path = clips.write_clip(tmp_path / "large.mp4", frames=200, size=(192, 128), draw=noise)
    size = path.stat().st_size
    assert size > 2_000_000
    with Counting(path) as file:
        _, segments = plan_segments(file, count=40)
        assert Counting.read_bytes < size / 10
        assert len(shown(file, segments[30])) == 5
        assert Counting.read_bytes < size / 4


def test_plans_cover_the_video_without_gap_or_overlap(tmp_path: Path) -> None:
    path = clips.write_clip(tmp_path / "street.mp4", frames=30)
    for count in (1, 2, 7):
        _, segments = plan_segments(path, count=count)
        assert [segment.index for segment in segments] == list(range(count))
        assert segments[0].start_us == 0
        assert [segment.end_us for segment in segments] == [*(one.start_us for one in segments[1:]), None]
    assert len(plan_segments(path, segment_s=0.3)[1]) == 4
    assert len(plan_segments(path)[1]) == 1


def test_a_video_without_timestamps_is_one_segment(tmp_path: Path) -> None:
    assert plan_segments(write(tmp_path, "no-timestamps.h264"), count=7)[1] == (WHOLE,)


@pytest.mark.parametrize(
    "name", ["no-b-frames.mp4", "milliseconds.mkv", "transport.ts", "msmpeg4.avi", "vp9.webm"]
)
def test_of_a_truncated_file_what_is_there_is_read(tmp_path: Path, name: str) -> None:
    settings = {**CLIPS[name]}
    if name.endswith(".mp4"):
        settings["container_options"] = {"movflags": "faststart"}
    path = clips.write_clip(tmp_path / name, frames=60, **settings)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    frames = shown(path, WHOLE)
    numbers = [number_in(picture) for _, _, picture in frames[:-2]]
    assert numbers == list(range(len(numbers)))
    assert 20 <= len(numbers) < 59
    assert shown(path, *plan_segments(path, count=7)[1]) == frames


def test_a_damaged_stretch_is_passed_over(tmp_path: Path) -> None:
    path = clips.write_clip(tmp_path / "damaged.ts", frames=60)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 188 * 3] = bytes(188 * 3)
    path.write_bytes(content)
    numbers = [number_in(picture) for _, _, picture in shown(path, WHOLE)]
    assert numbers[:20] == list(range(20))
    assert numbers[-20:] == list(range(40, 60))


def test_sound_alone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(VideoError, match=r"talk\.m4a: has no video stream, only audio"):
        read_metadata(clips.write_sound(tmp_path / "talk.m4a"))


def test_the_cover_of_a_song_is_no_video(tmp_path: Path) -> None:
    song = clips.write_sound(tmp_path / "song.m4a", cover=clips.numbered(5))
    with pytest.raises(VideoError, match=r"song\.m4a: has no video stream, only audio"):
        read_metadata(song)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.mp4", b""),
        ("text.mp4", b"These are my holiday notes, not a video.\n" * 40),
        ("text.txt", b"These are my holiday notes, not a video.\n" * 40),
        ("random.mp4", np.random.default_rng(1).bytes(5000)),
        (
            "playlist.mp4",
            b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n",
        ),
    ],
)
def test_what_is_no_video_is_refused_by_name(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(VideoError, match=rf"{path}: no video that FFmpeg can read"):
        read_metadata(path)


def test_a_video_whose_index_was_never_written_is_refused_by_name(tmp_path: Path) -> None:
    path = clips.write_clip(tmp_path / "cut-off.mp4", frames=30)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(VideoError, match=r"cut-off\.mp4: no video that FFmpeg can read"):
        read_metadata(path)


def test_a_file_that_names_other_files_opens_none_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clips.write_clip(tmp_path / "private.mp4")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "upload.mp4").write_text("ffconcat version 1.0\nfile private.mp4\n")
    with pytest.raises(VideoError, match=r"upload\.mp4: no video that FFmpeg can read"):
        read_metadata(tmp_path / "upload.mp4")


def test_a_picture_is_no_video(tmp_path: Path) -> None:
    picture = clips.write_clip(
        tmp_path / "photo.png", frames=1, codec="png", pixels="rgb24", container="image2pipe"
    )
    with pytest.raises(VideoError, match=r"photo\.png: a still image"):
        read_metadata(picture)


def test_a_file_object_is_called_by_its_own_name_in_errors() -> None:
    class UploadedVideo(io.BytesIO):
        name = "s3://videos/holiday notes.txt"

    with pytest.raises(VideoError, match=r"^s3://videos/holiday notes\.txt: "):
        read_metadata(UploadedVideo(b"not a video"))


def test_a_file_that_cannot_be_read_is_not_called_a_bad_video() -> None:
    class Unreadable(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise ConnectionResetError("the network is gone")

    with pytest.raises(ConnectionResetError, match="the network is gone"):
        read_metadata(Unreadable(b"x" * 100))
    with pytest.raises(FileNotFoundError):
        read_metadata("nowhere.mp4")

"""Files as cameras, recorders and converters write them give right times, durations and frame rates."""

import math
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from people_pathing.engine.decoding import open_video, read_metadata, summarize
from people_pathing.engine.detections import concatenate
from people_pathing.engine.interfaces import FrameDetections
from people_pathing.engine.segments import detect_segment
from people_pathing.engine.video import Segment, VideoError, cut
from tests import clips
from tests.unit.engine.video_files import camera_files

WHOLE = Segment(0, 0, None)
RATE = 25


def shown(
    path: Path, *segments: Segment, frame_rate: float | None = None
) -> tuple[list[tuple[int, bool, int]], int]:
    """Returns time in microseconds, whether sampled, and number of each frame, and the count of lost ones."""
    frames, lost = [], 0
    for segment in segments or (WHOLE,):
        with open_video(path, frame_rate=frame_rate) as video:
            for frame in video.frames(segment, math.inf):
                image = video.image(frame, video.width_px, video.height_px)
                frames.append((frame.timestamp_us, frame.is_sampled, clips.number_in(image)))
            lost += video.lost_frame_count(segment)
    return frames, lost


def disorder(group: int) -> Callable[[int], int]:
    """Returns times of frames that descend in groups."""
    return lambda number: 2 * group + number - 2 * (number % group)


def moved(frames: dict[int, int]) -> Callable[[int], int]:
    """Returns regular times of frames, with some moved."""
    return lambda number: 100 + number + frames.get(number, 0)


def still(first: int, after: int, time: int) -> Callable[[int], int]:
    """Returns regular times of frames, except that the clock stands still for some."""
    return lambda number: 100 + (time if first <= number < after else number)


def shifted(first: int, after: int, shift: int) -> Callable[[int], int]:
    """Returns regular times of frames, except that the clock is another for some."""
    return moved(dict.fromkeys(range(first, after), shift))


def whole_seconds(number: int) -> int:
    """Returns the times of a clock without fractions of a second."""
    return 100 + number // RATE * RATE


OUTLIERS = {9: 9_800 * RATE, 23: -45, 40: 3_600 * RATE, 41: 3_600 * RATE, 60: 50}
SOUND = partial(camera_files.with_sound, frames=75)
FILES: dict[str, Callable[[Path], Path]] = {
    "late-1-hour.mp4": partial(camera_files.late_fragments, late_s=3_600),
    "late-10-hours.mp4": partial(camera_files.late_fragments, late_s=36_000),
    "since-1970.mp4": partial(camera_files.late_fragments, late_s=1_700_000_000),
    "future.mp4": partial(camera_files.with_times, time_of=moved({40: 9_800 * RATE}), frames=75),
    "future.mkv": partial(camera_files.with_times, time_of=moved({40: 9_800 * RATE}), frames=75),
    "past.mkv": partial(camera_files.with_times, time_of=moved({40: -90}), frames=75),
    "many.mkv": partial(camera_files.with_times, time_of=moved(OUTLIERS), frames=75),
    "first.mkv": partial(camera_files.with_times, time_of=moved(dict.fromkeys(range(1, 75), 900)), frames=75),
    "last.mkv": partial(camera_files.with_times, time_of=moved({74: 9_800 * RATE}), frames=75),
    "still-until-the-end.mkv": partial(
        camera_files.with_times, time_of=still(40, 75, 9_800 * RATE), frames=75
    ),
    "still.mkv": partial(camera_files.with_times, time_of=still(31, 66, 9_800 * RATE), frames=75),
    "still-soon.mkv": partial(camera_files.with_times, time_of=still(20, 43, 120), frames=75),
    "still-in-time.mkv": partial(camera_files.with_times, time_of=still(20, 43, 20), frames=75),
    "still.ts": partial(
        camera_files.with_times, time_of=still(30, 50, 900 * RATE), frames=75, codec="mpeg2video"
    ),
    "still-in-the-past.mkv": partial(camera_files.with_times, time_of=still(40, 63, 0), frames=75),
    "still-before-all.mkv": partial(camera_files.with_times, time_of=still(40, 63, -30), frames=75),
    "behind.mkv": partial(camera_files.with_times, time_of=shifted(60, 71, -35), frames=75),
    "ahead.mkv": partial(camera_files.with_times, time_of=shifted(22, 57, 3_600 * RATE), frames=75),
    "ahead.mp4": partial(camera_files.with_times, time_of=shifted(22, 57, 3_600 * RATE), frames=75),
    "ahead.ts": partial(
        camera_files.with_times, time_of=shifted(22, 57, 3_600 * RATE), frames=75, codec="mpeg2video"
    ),
    "disorder-3.mkv": partial(camera_files.with_times, time_of=disorder(3), frames=75),
    "disorder-5.mkv": partial(camera_files.with_times, time_of=disorder(5), frames=75),
    "long-sound.mkv": partial(SOUND, picture_s=0, sound_s=60),
    "late-picture.ts": partial(SOUND, picture_s=20, sound_s=25),
    "late-picture.mkv": partial(SOUND, picture_s=20, sound_s=25),
    "frames.avi": partial(
        clips.write_clip, frames=75, rate=RATE, codec="mpeg4", options={"bf": "2"}, container="avi"
    ),
    "h264-frames.avi": partial(clips.write_clip, frames=75, rate=RATE, options={"bf": "2"}),
}


@pytest.mark.parametrize("name", FILES)
def test_every_frame_has_its_time_and_the_duration_is_that_of_the_frames(tmp_path: Path, name: str) -> None:
    path = FILES[name](tmp_path / name)
    frames, lost = shown(path)
    assert [number for _, _, number in frames] == list(range(75))
    assert [time // 1000 for time, _, _ in frames] == [number * 1000 // RATE for number in range(75)]
    assert all(is_sampled for _, is_sampled, _ in frames)
    assert lost == 0
    metadata = read_metadata(path)
    assert (metadata.duration_ms, metadata.frame_rate) == (3_000, RATE)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("count", [2, 7, 40])
def test_segments_have_the_same_frames_as_the_whole_video(tmp_path: Path, name: str, count: int) -> None:
    path = FILES[name](tmp_path / name)
    summary = summarize(path)
    assert summary.is_seekable
    assert shown(path, *cut(summary.metadata.duration_ms, count)) == shown(path)


def test_a_clock_by_which_no_frame_can_be_found_gives_right_times_but_one_segment(tmp_path: Path) -> None:
    path = camera_files.with_times(tmp_path / "clock.mkv", whole_seconds, frames=75)
    frames, _ = shown(path)
    assert [time // 1000 for time, _, _ in frames] == [number * 1000 // RATE for number in range(75)]
    summary = summarize(path)
    assert (summary.metadata.duration_ms, summary.is_seekable) == (3_000, False)
    assert shown(path, *cut(3_000, 7))[0] == frames


def test_pauses_and_varying_distances_are_no_wrong_clock(tmp_path: Path) -> None:
    def paused(number: int) -> int:
        return number + 400 * (number >= 20) + 9_000 * (number >= 45) + number // 3 % 2

    path = camera_files.with_times(tmp_path / "motion.mkv", paused, frames=75)
    frames, _ = shown(path)
    assert [time // 1000 for time, _, _ in frames] == [40 * paused(number) for number in range(75)]
    summary = summarize(path)
    assert summary.metadata.duration_ms == pytest.approx(40 * paused(74) + 40, abs=20)
    assert summary.is_seekable
    assert shown(path, *cut(summary.metadata.duration_ms, 7))[0] == frames


@pytest.mark.parametrize("codec", ["mpeg4", "mjpeg"])
def test_empty_chunks_of_an_avi_file_count(tmp_path: Path, codec: str) -> None:
    options = {"bf": "2"} if codec == "mpeg4" else {}
    pixels = "yuv420p" if codec == "mpeg4" else "yuvj420p"
    path = camera_files.with_empty_chunks(
        tmp_path / "skipped.avi",
        lambda number: not 20 <= number < 44,
        frames=74,
        rate=RATE,
        codec=codec,
        pixels=pixels,
        options=options,
    )
    frames, lost = shown(path)
    numbers = [time // 40_000 for time, _, _ in frames]
    assert numbers[:19] == list(range(19))
    assert numbers[-20:] == list(range(54, 74))
    assert len(numbers) in (49, 50)  # the first B-frame after the gap refers to a frame in it
    assert lost == 0
    assert read_metadata(path).duration_ms == 74 * 40
    for count in (2, 7, 40):
        assert shown(path, *cut(74 * 40, count)) == (frames, 0)


def test_zero_is_the_first_frame_that_can_be_shown(tmp_path: Path) -> None:
    path = camera_files.without_first_packets(
        tmp_path / "middle.ts", 0.2, frames=75, rate=RATE, options={"g": "25", "bf": "0"}, size=(320, 240)
    )
    frames, lost = shown(path)
    first = frames[0][2]
    assert first > 0
    assert [number for _, _, number in frames] == list(range(first, 75))
    assert [time // 40_000 for time, _, _ in frames] == list(range(75 - first))
    assert read_metadata(path).duration_ms == (75 - first) * 40
    assert lost == 0
    for count in (2, 7):
        assert shown(path, *cut((75 - first) * 40, count)) == (frames, 0)


@pytest.mark.parametrize(("scale", "rate"), [(1, 90_000), (1, 0xFFFF_FFFF), (0xFFFF_FFFF, 1)])
def test_an_impossible_rate_is_refused_by_name_unless_another_is_stated(
    tmp_path: Path, scale: int, rate: int
) -> None:
    path = camera_files.with_stated_rate(tmp_path / "clip.avi", scale, rate)
    with pytest.raises(VideoError, match=r"clip\.avi: its frames are .* s apart.*; state its frame rate"):
        read_metadata(path)
    metadata = read_metadata(path, frame_rate=10)
    assert (metadata.frame_rate, metadata.duration_ms) == (10, 3_000)
    frames, _ = shown(path, frame_rate=10)
    assert [time // 100_000 for time, _, _ in frames] == list(range(30))
    assert summarize(path, frame_rate=10).is_seekable


def test_the_rate_of_a_raw_stream_can_be_stated(tmp_path: Path) -> None:
    path = clips.write_clip(tmp_path / "raw.h264", frames=30, rate=30, options={"bf": "2"})
    metadata = read_metadata(path, frame_rate=12.5)
    assert (metadata.frame_rate, metadata.duration_ms) == (12.5, 2_400)
    assert [time for time, _, _ in shown(path, frame_rate=12.5)[0]] == [
        80_000 * number for number in range(30)
    ]
    ntsc = read_metadata(path, frame_rate=29.97)
    assert ntsc.frame_rate == 29.97


def test_a_stated_rate_replaces_the_times_of_any_file(tmp_path: Path) -> None:
    path = clips.write_clip(tmp_path / "clip.mp4", frames=30, rate=30)
    assert read_metadata(path, frame_rate=15).duration_ms == 2_000
    assert [time // 1000 for time, _, _ in shown(path, frame_rate=10)[0]] == [
        100 * number for number in range(30)
    ]
    assert not summarize(path, frame_rate=10).is_seekable


@pytest.mark.parametrize("rate", [0, -1, 1e9, math.nan, math.inf])
def test_a_stated_rate_that_no_video_has_is_an_error(tmp_path: Path, rate: float) -> None:
    path = clips.write_clip(tmp_path / "clip.mp4", frames=2)
    with pytest.raises(ValueError, match="frame_rate must be between 1/3600 and 1000"):
        read_metadata(path, frame_rate=rate)
    with pytest.raises(TypeError, match="frame_rate must be a number"):
        read_metadata(path, frame_rate="25")  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["jitter.ts", "jitter.mkv"])
def test_the_rate_of_frames_with_inexact_times_is_their_mean(tmp_path: Path, name: str) -> None:
    chance = np.random.default_rng(0)
    times = [Fraction(number, 25) + Fraction(int(chance.integers(0, 30)), 1000) for number in range(150)]
    path = clips.write_clip(tmp_path / name, frames=150, rate=RATE, times=times, options={"bf": "0"})
    metadata = read_metadata(path)
    assert metadata.frame_rate == RATE
    assert metadata.duration_ms == pytest.approx(6_000, abs=50)
    whole = shown(path)
    assert len(whole[0]) == 150
    assert shown(path, *cut(metadata.duration_ms, 7)) == whole


@pytest.mark.parametrize(("step_s", "rate"), [(60, 1 / 60), (1, 1), (Fraction(1, 10), 10)])
def test_the_rate_is_that_of_the_frames_and_not_that_of_the_header(
    tmp_path: Path, step_s: Fraction, rate: float
) -> None:
    times = [number * Fraction(step_s) for number in range(30)]
    path = clips.write_clip(tmp_path / "lapse.mkv", frames=30, rate=RATE, times=times)
    metadata = read_metadata(path)
    assert metadata.frame_rate == pytest.approx(rate)
    assert metadata.duration_ms == 30 * step_s * 1000
    frames, lost = shown(path)
    assert ([time for time, _, _ in frames], lost) == ([int(one * 1_000_000) for one in times], 0)


def test_frames_months_apart_are_refused(tmp_path: Path) -> None:
    path = camera_files.with_stated_rate(tmp_path / "clip.avi", 3_000, 1, frames=1_000)
    with pytest.raises(VideoError, match=r"clip\.avi: its frames span 34 days, which cannot be"):
        read_metadata(path)


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.avi", "a.ts", "a.flv"])
def test_a_video_of_one_frame_is_as_long_as_that_frame(tmp_path: Path, name: str) -> None:
    codec = {"a.avi": "mpeg4", "a.flv": "flv1"}.get(name, "libx264")
    path = clips.write_clip(tmp_path / name, frames=1, rate=RATE, codec=codec)
    frames, lost = shown(path)
    assert [(time, number) for time, _, number in frames] == [(0, 0)]
    assert lost == 0
    metadata = read_metadata(path)
    assert 20 <= metadata.duration_ms <= 40
    assert metadata.frame_rate in (25, 50)


@pytest.mark.parametrize("make", [camera_files.encrypted, camera_files.scrambled])
def test_an_encrypted_video_is_named_as_such(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    path = make(tmp_path / ("drm.ts" if make is camera_files.scrambled else "drm.mp4"))
    with pytest.raises(VideoError, match=r"drm\.\w+: its pictures are encrypted; decrypt the file first"):
        read_metadata(path)


def test_an_animated_webp_file_is_refused_with_advice(tmp_path: Path) -> None:
    path = clips.write_clip(
        tmp_path / "a.webp", frames=5, codec="libwebp_anim", pixels="yuv420p", container="webp"
    )
    with pytest.raises(
        VideoError, match=r"a\.webp: an animated WebP file .* rewrite it: ffmpeg -i IN OUT\.mp4"
    ):
        read_metadata(path)


def noise(number: int, width: int, height: int) -> clips.Picture:
    picture = clips.numbered(number, width, height)
    picture //= 2
    picture += np.random.default_rng(number).integers(0, 100, picture.shape, np.uint8)
    return picture


@pytest.mark.parametrize("name", ["a.mp4", "a.avi"])
def test_frames_that_damage_makes_useless_are_counted(tmp_path: Path, name: str) -> None:
    path = clips.write_clip(tmp_path / name, frames=60, size=(192, 128), draw=noise, options={"bf": "2"})
    content = bytearray(path.read_bytes())
    start = len(content) // 3
    content[start : start + 30_000] = np.random.default_rng(1).bytes(30_000)
    path.write_bytes(content)
    frames, lost = shown(path)
    assert 0 < lost < 40
    assert len(frames) + lost == pytest.approx(60, abs=2)
    for count in (2, 7, 40):
        segments = cut(read_metadata(path).duration_ms, count)
        assert shown(path, *segments)[1] == lost


def test_frames_that_are_cut_off_are_counted(tmp_path: Path) -> None:
    path = clips.write_clip(
        tmp_path / "a.mp4", frames=60, draw=noise, container_options={"movflags": "faststart"}
    )
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    frames, lost = shown(path)
    assert lost > 10
    assert len(frames) + lost == 60
    metadata = read_metadata(path)
    assert metadata.duration_ms < 1_700
    assert shown(path, *cut(metadata.duration_ms, 7)) == (frames, lost)


def test_packets_that_a_transport_stream_lacks_are_counted(tmp_path: Path) -> None:
    path = clips.write_clip(tmp_path / "a.ts", frames=60)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 188 * 3] = bytes(188 * 3)
    path.write_bytes(content)
    frames, lost = shown(path)
    assert len(frames) + lost == 60
    assert lost > 0


@pytest.mark.parametrize("name", ["a.mkv", "a.webm"])
@pytest.mark.parametrize("between", [0, 2])
def test_frames_that_a_matroska_file_lacks_are_counted(tmp_path: Path, name: str, between: int) -> None:
    options = (
        {"bf": str(between), "g": "10"} if name == "a.mkv" else {"cpu-used": "8", "deadline": "realtime"}
    )
    codec = "libx264" if name == "a.mkv" else "libvpx"
    whole = clips.write_clip(
        tmp_path / f"whole-{name}",
        frames=120,
        size=(192, 128),
        draw=noise,
        codec=codec,
        options=options,
        container_options={"cluster_time_limit": "400"},
    )
    assert shown(whole)[1] == 0
    content = bytearray(whole.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 12_000] = bytes(12_000)
    path = tmp_path / name
    path.write_bytes(content)
    frames, lost = shown(path)
    assert lost >= 3
    assert len(frames) + lost == pytest.approx(120, abs=1)
    for count in (2, 7):
        assert shown(path, *cut(read_metadata(path).duration_ms, count))[1] == lost


def test_pauses_and_unknown_elements_of_a_matroska_file_are_no_loss(tmp_path: Path) -> None:
    steps = np.random.default_rng(2).choice([1, 1, 2, 40], 120)
    times = [Fraction(int(number), RATE) for number in np.cumsum(steps)]
    path = clips.write_clip(tmp_path / "motion.mkv", frames=120, rate=RATE, times=times, options={"bf": "2"})
    assert shown(path)[1] == 0
    content = path.read_bytes()
    at = content.rindex(b"\x1f\x43\xb6\x75")  # the last cluster
    void = b"\xec" + (2_000 | 1 << 56).to_bytes(8, "big") + bytes(2_000)
    path.write_bytes(content[:at] + void + content[at:])
    frames, lost = shown(path)
    assert (len(frames), lost) == (120, 0)


@pytest.mark.parametrize(("name", "container"), [("a.mpg", "mpeg"), ("a.vob", "vob")])
@pytest.mark.parametrize("between", [0, 2])
def test_frames_without_a_time_at_the_end_count_in_the_duration(
    tmp_path: Path, name: str, container: str, between: int
) -> None:
    # A packet of an MPEG program stream has a time for the first of the frames in it only.
    path = clips.write_clip(
        tmp_path / name, frames=60, rate=RATE, container=container, options={"bf": str(between)}
    )
    frames, lost = shown(path)
    assert (frames[-1][0], lost) == (59_000_000 // RATE, 0)
    # How frames between others are ordered is known only from their times.
    assert abs(read_metadata(path).duration_ms - 2400) <= between * 1000 // RATE


def test_a_damaged_time_is_no_gap_in_a_transport_stream(tmp_path: Path) -> None:
    content = bytearray(clips.write_clip(tmp_path / "a.ts", frames=60, options={"bf": "2"}).read_bytes())
    pictures = [at for at in range(0, len(content), 188) if content[at + 1 : at + 3] == b"\x41\x00"]
    picture = pictures[20]
    header = content.index(b"\x00\x00\x01\xe0", picture)
    assert content[header + 7] & 0xC0 == 0xC0  # it has a presentation and a decoding time
    content[header + 16] ^= 0x20  # the decoding time becomes some minutes later
    content[picture + 3] ^= 0x05  # the counter of packets tells FFmpeg of damage
    path = tmp_path / "damaged.ts"
    path.write_bytes(content)
    frames, lost = shown(path)
    assert 57 <= len(frames) + lost <= 61


class NoOne:
    """A detector without any results."""

    name = "no one"

    def input_size(self, width_px: int, height_px: int) -> tuple[int, int]:
        return width_px, height_px

    def detect(self, image: clips.Picture) -> FrameDetections:
        return FrameDetections(np.zeros((0, 4), np.float32), np.zeros(0, np.float32))


@pytest.mark.parametrize("count", [1, 2, 7, 40])
def test_detections_tell_how_many_frames_the_file_has(tmp_path: Path, count: int) -> None:
    whole = clips.write_clip(tmp_path / "a.mp4", frames=60, draw=noise, options={"bf": "2"})
    damaged = tmp_path / "damaged.mp4"
    content = whole.read_bytes()
    damaged.write_bytes(content[: len(content) // 3] + bytes(5_000) + content[len(content) // 3 + 5_000 :])
    for path, is_damaged in ((whole, False), (damaged, True)):
        segments = cut(read_metadata(path).duration_ms, count)
        found = concatenate([detect_segment(path, segment, NoOne()) for segment in segments])
        assert (found.frame_count < found.expected_frame_count) == is_damaged
        assert found.expected_frame_count == 60

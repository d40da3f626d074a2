import io
import math
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from people_pathing.engine.decoding import open_video, summarize
from people_pathing.engine.detect_step.schedule import widening_us
from people_pathing.engine.interfaces import FrameDetections, Reidentifier
from people_pathing.engine.planning import work as work_module
from people_pathing.engine.planning.plan import LONGEST_S, MOST_S, plan_by_work
from people_pathing.engine.planning.work import PACKET_S, STOP_S, FrameWork, WorkMeter, frame_work
from people_pathing.engine.sampling import sampling_step, search_interval
from people_pathing.engine.segments import detect_segment
from people_pathing.engine.video import Segment, VideoError, VideoMetadata, VideoSummary
from tests import clips

HOUR_S = 3600
MAX_SEGMENTS = 400


def summary(
    *,
    duration_s: float = HOUR_S,
    frame_rate: float = 30,
    size: tuple[int, int] = (1920, 1080),
    is_seekable: bool = True,
    key_interval_s: float | None = 10,
) -> VideoSummary:
    metadata = VideoMetadata("h264", "QuickTime / MOV", round(duration_s * 1000), frame_rate, *size, None)
    return VideoSummary("street.mp4", metadata, round(duration_s * 500_000), is_seekable, key_interval_s)


class Detector:
    """A detector of a stated speed whose input has the frame's shape."""

    name = "stated"

    def __init__(self, input_px: int = 960, pixel_s: float = 170e-9) -> None:
        self.input_px = input_px
        self.pixel_s = pixel_s

    def input_size(self, width_px: int, height_px: int) -> tuple[int, int]:
        scale = self.input_px / max(width_px, height_px)
        return round(width_px * scale), round(height_px * scale)

    def detect(self, image: NDArray[np.uint8]) -> FrameDetections:
        return FrameDetections(np.zeros((0, 4), np.float32), np.zeros(0, np.float32))


class Reidentify:
    """A reidentifier of a stated speed."""

    name = "stated"

    def __init__(self, crop_s: float = 22e-3) -> None:
        self.crop_s = crop_s

    def embed(self, image: NDArray[np.uint8], boxes: NDArray[np.float32]) -> NDArray[np.uint8]:
        return np.zeros((len(boxes), 4), np.uint8)


def work_of(
    video: VideoSummary,
    detector: Detector,
    *,
    with_faces: bool = False,
    sample_fps: float | None = None,
    reidentifier: Reidentifier | None = None,
) -> FrameWork:
    size = video.metadata.frame_width, video.metadata.frame_height
    return frame_work(
        detector, *size, with_faces=with_faces, sample_fps=sample_fps, reidentifier=reidentifier
    )


def planned(video: VideoSummary, work: FrameWork, *, segment_s: float = 60) -> tuple[Segment, ...]:
    return plan_by_work(video, work, segment_s=segment_s, max_segments=MAX_SEGMENTS)


def test_a_segment_has_at_most_the_duration_of_the_setting() -> None:
    assert len(planned(summary(size=(640, 360)), work_of(summary(size=(640, 360)), Detector(640)))) == 60


@pytest.mark.parametrize(
    "harder",
    [
        (summary(frame_rate=60), Detector(), {"sample_fps": math.inf}),
        (summary(size=(3840, 2160)), Detector(), {}),
        (summary(), Detector(1920), {}),
        (summary(), Detector(pixel_s=1e-6), {}),
        (summary(), Detector(), {"with_faces": True}),
        (summary(), Detector(), {"reidentifier": Reidentify(44e-3)}),
    ],
)
def test_segments_are_shorter_if_their_frames_are_more_work(
    harder: tuple[VideoSummary, Detector, dict[str, Any]],
) -> None:
    video, detector, settings = harder
    usual = planned(summary(), work_of(summary(), Detector()))

    assert len(planned(video, work_of(video, detector, **settings))) > 1.3 * len(usual)


def test_no_combination_of_settings_and_video_outlasts_a_function() -> None:
    accepted = 0
    refusals: list[str] = []
    for size, rate, sample_fps, input_px, pixel_s, faces, reidentifier, hours, key_s, segment_s in product(
        [(64, 64), (1920, 1080), (7680, 4320), (35_000, 1000)],
        [1.0, 30.0, 60.0, 1_000.0],
        [None, math.inf],
        [960, 1920, 4096],
        [170e-9, 360e-9],
        [False, True],
        [None, Reidentify()],
        [0.001, 0.3, 6],
        [2, 60],
        [1, 60, 1800],
    ):
        video = summary(duration_s=hours * HOUR_S, frame_rate=rate, size=size, key_interval_s=key_s)
        work = work_of(
            video,
            Detector(input_px, pixel_s),
            with_faces=faces,
            sample_fps=sample_fps,
            reidentifier=reidentifier,
        )
        try:
            segments = planned(video, work, segment_s=segment_s)
        except VideoError as error:
            refusals.append(str(error))
            continue
        accepted += 1
        seconds = hours * HOUR_S / len(segments)
        sampled = seconds * rate / sampling_step(rate, sample_fps)
        assert len(segments) <= MAX_SEGMENTS
        embedded = min(seconds, sampled)
        sampled_fps = rate / sampling_step(rate, sample_fps)
        wider_s = min(hours * HOUR_S, widening_us(sampled_fps) / 1e6)
        compared = sampled + wider_s * sampled_fps
        searched = sampled / search_interval(sampled_fps, sample_fps=sample_fps, with_faces=faces)
        decoding_s = (seconds + key_s + wider_s) * rate * work.packet_s
        usual_s = decoding_s + compared * work.usual_comparison_s
        usual_s += searched * work.usual_search_s + embedded * work.usual_embedding_s
        longest_s = decoding_s + sampled * (work.longest_comparison_s + work.longest_search_s)
        longest_s += embedded * work.longest_embedding_s
        assert usual_s <= LONGEST_S
        assert longest_s <= MOST_S < STOP_S
    assert accepted > 1000
    reasons = ("is too much work", "key frames are up to", "around each part of the video")
    assert all(any(reason in text for reason in reasons) for text in refusals)


@pytest.mark.parametrize(
    ("size", "frame_rate", "with_faces"),
    [
        ((1920, 1080), 60, False),
        ((1920, 1080), 60, True),
        ((3840, 2160), 30, False),
    ],
)
def test_six_hours_are_accepted_with_default_settings(
    size: tuple[int, int], frame_rate: float, with_faces: bool
) -> None:
    video = summary(duration_s=6 * HOUR_S, frame_rate=frame_rate, size=size)

    assert planned(video, work_of(video, Detector(), with_faces=with_faces, reidentifier=Reidentify()))


def test_only_the_frames_that_are_searched_count_as_searched() -> None:
    video = summary()
    by_default, every_frame = (
        work_of(video, Detector(), sample_fps=sample_fps).usual_second_s(15) for sample_fps in (None, 15)
    )
    with_faces = work_of(video, Detector(), with_faces=True)

    assert by_default < 0.7 * every_frame
    assert with_faces.usual_second_s(15) > 15 * with_faces.usual_search_s


def test_the_frames_around_a_segment_count_as_its_work() -> None:
    video = summary(duration_s=6 * HOUR_S, size=(3840, 2160), key_interval_s=1)
    work = work_of(video, Detector(), sample_fps=0.1)

    with pytest.raises(VideoError, match=r"0\.1 sampled frames per second, 77 s .* sample more"):
        planned(video, work)
    assert planned(video, work_of(video, Detector(), sample_fps=1))


def test_too_much_work_is_refused_with_what_would_be_possible() -> None:
    video = summary(duration_s=6 * HOUR_S, frame_rate=60, size=(3840, 2160))
    work = work_of(video, Detector(4096), sample_fps=math.inf)

    with pytest.raises(
        VideoError,
        match=r"street\.mp4: 6:00:00 of 3840x2160 pixels is too much work; .*, 0:15:39 is possible; cut",
    ):
        planned(video, work)
    possible = replace(video, metadata=replace(video.metadata, duration_ms=930_000), size_bytes=465_000_000)
    assert planned(possible, work)


def test_a_video_with_key_frames_too_far_apart_is_refused_with_advice() -> None:
    video = summary(key_interval_s=HOUR_S)

    with pytest.raises(VideoError, match=r"key frames are up to 3600 s apart.*ffmpeg -i IN -g 60 OUT\.mp4"):
        planned(video, work_of(video, Detector()))


def test_a_video_that_must_be_read_in_one_go_is_one_segment_or_refused() -> None:
    short, long = (summary(duration_s=seconds, is_seekable=False) for seconds in (60, HOUR_S))

    assert planned(short, work_of(short, Detector()), segment_s=10) == (Segment(0, 0, None),)
    with pytest.raises(VideoError, match=r"at 3600 s it is too long to be read in one go; rewrite it"):
        planned(long, work_of(long, Detector()))


def test_a_detector_without_a_stated_speed_is_taken_for_yolox_nano() -> None:
    class Unknown:
        name = "unknown"

        def input_size(self, width_px: int, height_px: int) -> tuple[int, int]:
            return 960, 540

        def detect(self, image: NDArray[np.uint8]) -> FrameDetections:
            raise NotImplementedError

    unknown = frame_work(Unknown(), 1920, 1080, with_faces=False, sample_fps=None)
    assert unknown.longest_search_s == pytest.approx(work_of(summary(), Detector()).longest_search_s, rel=0.1)


def test_the_longest_time_between_key_frames_is_read_from_the_index(tmp_path: Path) -> None:
    for name in ("a.mp4", "b.mov", "c.avi"):
        path = clips.write_clip(
            tmp_path / name, frames=60, codec="mpeg4", options={"g": "20"}, pixels="yuv420p"
        )
        interval_s = summarize(path).key_interval_s
        assert interval_s is not None
        assert interval_s == pytest.approx(20 / 30, abs=0.01)
    assert summarize(clips.write_clip(tmp_path / "d.ts", frames=60)).key_interval_s is None


def test_embeddings_count_once_a_second_of_the_timestamps() -> None:
    meter = WorkMeter(FrameWork(0, 0, 0, None, longest_embedding_s=STOP_S / 10), "clip.mp4")
    for timestamp_us in range(0, 10_000_000, 40_000):
        meter.add_sample(timestamp_us)

    with pytest.raises(VideoError, match="far longer"):
        meter.add_sample(10_000_000)


@pytest.mark.parametrize("sample_fps", [None, math.inf])
def test_a_file_that_is_far_more_work_than_planned_is_given_up_with_advice(
    tmp_path: Path, sample_fps: float | None
) -> None:
    path = clips.write_clip(tmp_path / "clip.mp4", frames=30)
    cheap = FrameWork(0.1, 0.1, 0.1, sample_fps)
    detect_segment(path, Segment(0, 0, None), Detector(), meter=WorkMeter(cheap, "clip.mp4"))

    for costly in (FrameWork(STOP_S / 20, 0, 0, sample_fps), FrameWork(0, 0, STOP_S / 10, sample_fps)):
        with pytest.raises(
            VideoError, match=r"clip\.mp4: a part of it takes far longer than .* ffmpeg -i IN -r"
        ):
            detect_segment(
                path,
                Segment(0, 0, None),
                Detector(),
                sample_fps=sample_fps,
                meter=WorkMeter(costly, "clip.mp4"),
            )


def test_frames_that_are_decoded_before_a_segment_count_as_its_work(tmp_path: Path) -> None:
    path = clips.write_clip(tmp_path / "clip.mp4", frames=60, codec="mpeg4", options={"g": "60"})
    sizes: list[int] = []

    with open_video(path, sizes.append) as video:
        shown = sum(1 for _ in video.frames(Segment(0, 1_900_000, None)))

    assert shown == 3
    assert len(sizes) > 5
    assert sum(sizes) > 0


def test_a_video_whose_first_frame_takes_too_long_to_find_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = clips.write_clip(tmp_path / "clip.mp4", frames=60).read_bytes()
    start, end = content.index(b"mdat") + 4, content.index(b"moov") - 4
    content = content[:start] + bytes(end - start) + content[end:]  # no picture that can be decoded
    monkeypatch.setattr(work_module, "STOP_S", 20 * PACKET_S)

    with pytest.raises(VideoError, match="takes far longer than"):
        summarize(io.BytesIO(content))

"""Damaged files show the same frames however they are cut into segments."""

import io
import math
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from people_pathing.engine.decoding import open_video, read_metadata
from people_pathing.engine.detections import concatenate
from people_pathing.engine.interfaces import FrameDetections
from people_pathing.engine.segments import detect_segment
from people_pathing.engine.video import Segment, cut
from tests import clips

WHOLE = Segment(0, 0, None)
CLIPS: dict[str, dict[str, Any]] = {
    "b-frames.mp4": {"options": {"bf": "2"}},
    "b-frames.mkv": {"options": {"bf": "2"}},
    "open-gop.mkv": {"options": {"bf": "3", "x264-params": "open-gop=1:keyint=8"}},
    "fragments.mp4": {
        "options": {"bf": "2"},
        "container_options": {"movflags": "frag_keyframe+empty_moov+default_base_moof"},
    },
    "h264.avi": {"options": {"bf": "0"}},
    "mpeg4.avi": {"codec": "mpeg4", "options": {"bf": "2"}},
    "mjpeg.avi": {"codec": "mjpeg", "pixels": "yuvj420p"},
    "mpeg2.ts": {"codec": "mpeg2video", "rate": 25},
    "b-frames.ts": {"options": {"bf": "2"}},
}


def texture(number: int, width: int, height: int) -> clips.Picture:
    """A moving texture behind the number of the frame."""
    chance = np.random.default_rng(5)
    cells = chance.integers(0, 100, (height // 8, width // 8 + 40, 3), np.uint8).repeat(8, 0).repeat(8, 1)
    picture = clips.numbered(number, width, height) // 2
    picture += np.roll(cells, 3 * number, axis=1)[:, :width]
    return picture


def damaged(path: Path, seed: int, **settings: Any) -> Path:
    """Writes a video in which some bytes are wrong."""
    content = bytearray(
        clips.write_clip(path, frames=90, size=(192, 128), draw=texture, **settings).read_bytes()
    )
    chance = random.Random(seed)
    for _ in range(6):
        at = chance.randrange(len(content) // 10, len(content) * 9 // 10)
        content[at : at + 4] = chance.randbytes(4)
    path.write_bytes(content)
    return path


def shown(path: Path, *segments: Segment) -> tuple[list[tuple[int, bytes]], int]:
    """Returns time and picture of each frame, and the number of lost frames."""
    frames, lost = [], 0
    for segment in segments:
        with open_video(path) as video:
            for frame in video.frames(segment, math.inf):
                frames.append((frame.timestamp_us, video.image(frame, 192, 128).tobytes()))
            lost += video.lost_frame_count(segment)
    return frames, lost


@pytest.mark.parametrize("seed", range(3))
def test_another_decoder_in_the_same_process_changes_nothing(tmp_path: Path, seed: int) -> None:
    path = damaged(tmp_path / "b-frames.mp4", seed, **CLIPS["b-frames.mp4"])
    alone, _ = shown(path, WHOLE)
    beside = []
    with open_video(path) as video, open_video(path) as other:
        others = other.frames(WHOLE, math.inf)
        for frame in video.frames(WHOLE, math.inf):
            beside.append((frame.timestamp_us, video.image(frame, 192, 128).tobytes()))
            next(others, None)
            next(others, None)

    assert beside == alone


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("name", CLIPS)
def test_segments_of_a_damaged_video_have_the_same_frames_as_the_whole(
    tmp_path: Path, name: str, seed: int
) -> None:
    path = damaged(tmp_path / name, seed, **CLIPS[name])
    whole = shown(path, WHOLE)
    assert len(whole[0]) > 60
    for count in (2, 7, 40):
        assert shown(path, *cut(read_metadata(path).duration_ms, count)) == whole


class Brightness:
    """Finds one person, whose box shows the mean brightness of the picture."""

    name = "brightness"

    def input_size(self, width_px: int, height_px: int) -> tuple[int, int]:
        return width_px, height_px

    def detect(self, image: clips.Picture) -> FrameDetections:
        box = [10, 10, 30 + float(image.mean()), 90]
        return FrameDetections(np.array([box], np.float32), np.array([0.9], np.float32))


@pytest.mark.parametrize("name", ["b-frames.mp4", "b-frames.mkv", "mpeg4.avi"])
def test_detections_in_a_damaged_video_are_the_same_bytes_for_any_number_of_segments(
    tmp_path: Path, name: str
) -> None:
    def saved(count: int) -> bytes:
        segments = cut(read_metadata(path).duration_ms, count)
        file = io.BytesIO()
        concatenate([detect_segment(path, segment, Brightness()) for segment in segments]).save(file)
        return file.getvalue()

    path = damaged(tmp_path / name, 1, **CLIPS[name])
    assert len({saved(count) for count in (1, 2, 7, 40)}) == 1

import math
import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from people_pathing.engine import Track, TrackerSettings, concatenate, link_detections, track_video
from people_pathing.engine.interfaces import FrameDetections
from people_pathing.engine.segments import detect_segment, plan_segments
from people_pathing.engine.whole_video import ASSOCIATION_SHARE, DETECTION_SHARE
from tests import clips

FRAMES = 90
SIZE = (320, 160)
PERSON = (24, 60)


def left_px(lane: int, number: int) -> int:
    """One person walks to the right, the other to the left. Their paths cross in the middle."""
    return 10 + 3 * number if lane == 0 else 286 - 3 * number


def street(number: int, width: int, height: int) -> clips.Picture:
    """Two people on two lanes, one red and one green."""
    picture = np.zeros((height, width, 3), np.uint8)
    for lane in (0, 1):
        x, y = left_px(lane, number), 10 + 80 * lane
        picture[y : y + PERSON[1], x : x + PERSON[0], lane] = 255
    return picture


class ColourDetector:
    """Finds exactly the people of `street` by their colours, ordered by box, not by person."""

    name = "colours"

    def input_size(self, width_px: int, height_px: int) -> tuple[int, int]:
        return width_px, height_px

    def detect(self, image: NDArray[np.uint8]) -> FrameDetections:
        boxes = []
        for channel in (1, 2):
            rows, columns = np.nonzero(image[:, :, channel] > 127)
            if len(rows):
                boxes.append([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1])
        boxes.sort()
        scores = np.full(len(boxes), 0.9, np.float32)
        return FrameDetections(np.array(boxes, np.float32).reshape(-1, 4), scores)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clips.write_clip(
        tmp_path_factory.mktemp("street") / "street.mp4",
        frames=FRAMES,
        size=SIZE,
        options={"crf": "12", "bf": "2"},
        pixels="yuv444p",
        draw=street,
    )


def content(tracks: Iterable[Track]) -> list[tuple[object, ...]]:
    return [
        (
            track.index,
            track.frame_numbers.tobytes(),
            track.timestamps_ms.tobytes(),
            track.boxes.tobytes(),
            track.scores.tobytes(),
        )
        for track in tracks
    ]


def test_each_person_has_one_track_along_the_known_path(clip: Path) -> None:
    result = track_video(clip, detector=ColourDetector(), sample_fps=math.inf)
    assert (result.frame_count, result.sampled_frames.tolist()) == (FRAMES, list(range(FRAMES)))
    assert [track.index for track in result.tracks] == [0, 1]
    lanes = {int(track.boxes[0, 1] > 60): track for track in result.tracks}
    for lane, track in lanes.items():
        assert track.frame_numbers.tolist() == list(range(FRAMES))
        assert track.timestamps_ms.tolist() == [number * 1000 // 30 for number in range(FRAMES)]
        expected = [left_px(lane, number) for number in range(FRAMES)]
        np.testing.assert_allclose(track.boxes[:, 0], expected, atol=3)
        np.testing.assert_allclose(track.boxes[:, 1], 10 + 80 * lane, atol=2)


def test_timestamps_are_those_of_the_sampled_frames(clip: Path) -> None:
    result = track_video(clip, detector=ColourDetector())
    assert result.sampled_frames.tolist() == list(range(0, FRAMES, 2))
    assert len(result.tracks) == 2
    for track in result.tracks:
        assert track.timestamps_ms.tolist() == [number * 1000 // 30 for number in range(0, FRAMES, 2)]


def test_a_person_who_crosses_segment_borders_has_one_track(clip: Path) -> None:
    whole = track_video(clip, detector=ColourDetector())
    for count in (2, 7, 40):
        metadata, segments = plan_segments(clip, count=count)
        parts = [detect_segment(clip, segment, ColourDetector()) for segment in segments]
        detections = concatenate(parts)
        tracks = link_detections(detections, metadata)
        assert content(tracks) == content(whole)


def test_a_job_gives_the_same_tracks_after_and_beside_other_jobs_as_alone(clip: Path, tmp_path: Path) -> None:
    program = (
        "import sys; sys.path[:0] = sys.argv[2:]\n"
        "from tests.unit.engine.test_whole_video import ColourDetector, content\n"
        "from people_pathing.engine import track_video\n"
        "print(content(track_video(sys.argv[1], detector=ColourDetector())))\n"
    )
    alone = subprocess.run(
        [sys.executable, "-c", program, str(clip), *sys.path],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    with ThreadPoolExecutor(2) as pool:
        beside = list(pool.map(lambda _: track_video(clip, detector=ColourDetector()), range(2)))
    after = track_video(clip, detector=ColourDetector())
    assert [str(content(result)) for result in (*beside, after)] == [alone] * 3


def test_a_file_object_gives_the_same_tracks_as_its_path(clip: Path) -> None:
    with clip.open("rb") as file:
        from_file = track_video(file, detector=ColourDetector())
    assert content(from_file) == content(track_video(clip, detector=ColourDetector()))


def test_progress_rises_to_one(clip: Path) -> None:
    shares: list[float] = []
    track_video(clip, detector=ColourDetector(), on_progress=shares.append)
    assert shares == sorted(shares)
    assert len(shares) > FRAMES / 2
    assert shares[-3:] == pytest.approx([DETECTION_SHARE, DETECTION_SHARE + ASSOCIATION_SHARE, 1.0])


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"detector": "hog"}, TypeError, r"""^detector .* for example load_detector\("hog"\), not 'hog'$"""),
        ({"detector": ""}, TypeError, r"^detector must be a detector"),
        (
            {"face_detector": "centerface"},
            TypeError,
            r"""^face_detector .* for example load_face_detector\("centerface"\), not 'centerface'$""",
        ),
        (
            {"reidentifier": "none"},
            TypeError,
            r"""^reidentifier must be a reidentifier, for example load_reidentifier\(\), not 'none'$""",
        ),
        (
            {"settings": {"best_score": 0.5}},
            TypeError,
            r"^settings must be TrackerSettings\(\.\.\.\), not",
        ),
        (
            {"settings": TrackerSettings(recognises_returns=True), "reidentifier": None},
            ValueError,
            r"^recognises_returns needs a reidentifier, for example load_reidentifier\(\)$",
        ),
        ({"sample_fps": "all"}, TypeError, r"math\.inf for every frame\), not 'all'$"),
        ({"sample_fps": 0}, ValueError, r"above 0 \(or math\.inf for every frame\), not 0$"),
    ],
)
def test_a_wrong_argument_is_rejected_with_what_would_be_right(
    options: dict[str, Any], error: type[Exception], message: str
) -> None:
    """Arguments are checked before the video is opened and before a model is downloaded."""
    with pytest.raises(error, match=message):
        track_video("no-such-video.mp4", **options)


def test_a_missing_video_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"gone\.mp4"):
        track_video(tmp_path / "gone.mp4", detector=ColourDetector())


def test_a_video_without_people_has_no_tracks(tmp_path: Path) -> None:
    path = clips.write_clip(
        tmp_path / "empty.mp4",
        frames=10,
        draw=lambda _, width, height: np.zeros((height, width, 3), np.uint8),
    )
    result = track_video(path, detector=ColourDetector())
    assert (result.tracks, result.frame_count) == ((), 10)


def test_a_missing_model_is_logged_and_in_the_result(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv("REIDENTIFICATION_MODEL")
    monkeypatch.delenv("TRACKING_MODEL", raising=False)
    monkeypatch.setenv("MODEL_CACHE_DIR", str(tmp_path))
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")  # nothing listens there

    result = track_video(clip)

    detector, reidentifier = result.warnings
    assert detector.startswith("model nano: ")
    assert reidentifier.startswith("model person-reidentification-retail-0286: ")
    logged = [record.message for record in caplog.records if record.name.endswith("whole_video")]
    assert logged == [detector, reidentifier]

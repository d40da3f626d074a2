"""MOTChallenge rows: from the engine's result, or from result files."""

from pathlib import Path

import numpy as np
import pytest

from people_pathing.engine.tracks import Track, TrackingResult
from people_pathing.engine.video import VideoMetadata
from people_pathing.exports import ExportError, ExportSource, mot
from tests.unit.exports.stored import METADATA, seen, store


def test_a_video_that_was_just_tracked_has_rows_for_every_frame_with_scores(tmp_path: Path) -> None:
    box = np.array([[160, 60, 480, 180]] * 2, np.float32)
    track = Track(0, np.array([0, 2]), np.array([0, 80]), box, np.array([0.5, 0.75], np.float32))
    video = VideoMetadata("h264", "QuickTime / MOV", 120, 25.0, 640, 480, None)
    tracking = TrackingResult(video, 3, 3, np.array([0, 2]), (track,))

    mot.write(ExportSource(store(tmp_path, []), tracking), tmp_path / "mot.txt")

    assert (tmp_path / "mot.txt").read_text().splitlines() == [
        f"{frame},1,160.00,60.00,320.00,120.00,{score},-1,-1,-1"
        for frame, score in ((1, "0.500"), (2, "0.625"), (3, "0.750"))
    ]


def test_result_files_give_rows_for_the_reported_frames_with_the_score_1(tmp_path: Path) -> None:
    stored = store(tmp_path, [seen(2, 0, (0.25, 0.125, 0.5, 0.25)), seen(2, 40), seen(2, 80, (0, 0, 1, 1))])

    mot.write(ExportSource(stored), tmp_path / "mot.txt")

    assert (tmp_path / "mot.txt").read_text().splitlines() == [
        "1,3,160.00,60.00,320.00,120.00,1.000,-1,-1,-1",
        "3,3,0.00,0.00,640.00,480.00,1.000,-1,-1,-1",
    ]


@pytest.mark.parametrize("rate", [5.0, 12.5, 23.976024627685547, 25.0, 29.970029830932617, 60.0, 240.0])
def test_the_frame_number_of_every_reported_time_is_found_again(tmp_path: Path, rate: float) -> None:
    exact_rate = {23.976024627685547: 24000 / 1001, 29.970029830932617: 30000 / 1001}.get(rate, rate)
    frames = [*range(300), *range(200_000, 200_300)]
    persons = [seen(0, int(frame * 1000 / exact_rate), (0, 0, 1, 1)) for frame in frames]

    stored = store(tmp_path, persons, metadata={**METADATA, "FrameRate": rate})
    mot.write(ExportSource(stored), tmp_path / "mot.txt")

    rows = (tmp_path / "mot.txt").read_text().splitlines()
    assert [int(row.partition(",")[0]) - 1 for row in rows] == frames


@pytest.mark.parametrize("missing", ["FrameRate", "FrameWidth", "FrameHeight"])
def test_a_video_whose_metadata_is_unknown_is_refused(tmp_path: Path, missing: str) -> None:
    metadata = {name: value for name, value in METADATA.items() if name != missing}
    stored = store(tmp_path, [seen(0, 0, (0, 0, 1, 1))], metadata=metadata)

    with pytest.raises(ExportError, match=r"frame size of s3://videos/lobby/ramp 1\.mp4 is unknown"):
        mot.write(ExportSource(stored), tmp_path / "mot.txt")

    assert not (tmp_path / "mot.txt").exists()

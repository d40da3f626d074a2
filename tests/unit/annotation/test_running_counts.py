"""Counts while a video plays."""

import json
from pathlib import Path

import pytest

from people_pathing.analysis.summaries.intervals import Recording
from people_pathing.analysis.video_counts import VideoCounts, count_video
from people_pathing.analysis.zones_file.reading import read_zones
from people_pathing.annotation.drawing.running_counts import (
    LineCount,
    PictureCount,
    RunningCounts,
    ZoneCount,
)
from people_pathing.annotation.people_paths import stored_paths
from tests.unit.annotation.material import results_of, write_video

ZONES = {
    "version": 1,
    "zones": [{"name": "right", "polygon": [[0.5, 0], [1, 0], [1, 1], [0.5, 1]]}],
    "lines": [{"name": "middle", "start": [0.5, 1], "end": [0.5, 0]}],
    "rules": {"confirm_ms": 0, "margin": 0},
}


@pytest.fixture
def counts(tmp_path: Path) -> VideoCounts:
    """The counts of person 0, who walks to the right in two seconds, and of person 1, who stands left."""
    video = write_video(tmp_path / "video.mp4", frames=75)
    walking = {at_ms: (at_ms / 2500, 0.5, 0.1, 0.25) for at_ms in range(0, 2001, 80)}
    standing = dict.fromkeys(range(400, 1601, 80), (0.1, 0.5, 0.1, 0.25))
    stored = results_of(video, {0: walking, 1: standing}, tmp_path / "results")
    return count_video(
        stored_paths(stored, with_faces=False).path_points(),
        read_zones(json.dumps(ZONES)),
        aspect_ratio=4 / 3,
        recording=Recording(stored.duration_ms),
        interval_minutes=15,
    )


def test_the_people_in_the_picture_come_and_go(counts: VideoCounts) -> None:
    running = RunningCounts(counts)

    assert [running.picture(at_ms) for at_ms in (0, 399, 400, 1600, 1601, 3000)] == [
        PictureCount(1, 1),
        PictureCount(1, 1),
        PictureCount(2, 2),
        PictureCount(2, 2),
        PictureCount(1, 2),
        PictureCount(0, 2),
    ]


def test_a_visit_and_a_crossing_count_from_their_time_on(counts: VideoCounts) -> None:
    [visit], [crossing] = counts.counted.visits, counts.counted.crossings
    running = RunningCounts(counts)

    assert running.zones(visit.enter.at_ms - 1) == {"right": ZoneCount(0, 0)}
    assert running.zones(visit.enter.at_ms) == {"right": ZoneCount(1, 1)}
    assert running.zones(visit.exit.at_ms) == {"right": ZoneCount(1, 0)}
    before, after = (running.lines(crossing.moment.at_ms + step) for step in (-1, 0))
    assert (before, after) == ({"middle": LineCount(0, 0)}, {"middle": LineCount(0, 1)})


def test_the_last_counts_are_those_of_the_whole_video(counts: VideoCounts) -> None:
    running, end_ms = RunningCounts(counts), counts.recording.duration_ms

    [zone], [line] = counts.whole.zones, counts.whole.lines
    assert running.zones(end_ms)["right"].visits == zone.visits == 1
    assert running.lines(end_ms)["middle"] == LineCount(line.crossings_in, line.crossings_out)
    assert running.picture(end_ms).so_far == counts.whole.picture.people == 2

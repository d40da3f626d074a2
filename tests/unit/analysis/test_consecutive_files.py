"""Adding up the files of one recorder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from people_pathing.analysis.consecutive_files import FilesError, add_up
from people_pathing.analysis.path_points import PathPoint
from people_pathing.analysis.summaries.intervals import Recording
from people_pathing.analysis.video_counts import VideoCounts, count_video
from people_pathing.analysis.zones_file.sections import Zone, ZonesFile
from tests.unit.analysis.paths import AT_ONCE, SQUARE, UPWARDS, along, walk

NINE = int(datetime(2026, 3, 2, 9, tzinfo=UTC).timestamp() * 1000)
MINUTE_MS = 60_000
ZONES = ZonesFile((Zone("square", SQUARE),), (UPWARDS,), rules=AT_ONCE, timezone="UTC")
# Through the line, into the zone and back.
WAY = along([0.1, 0.3, 0.45, 0.5, 0.55, 0.9, 0.5, 0.1])


def counted(points: Sequence[PathPoint], start_ms: int | None, duration_ms: int = MINUTE_MS) -> VideoCounts:
    recording = Recording(duration_ms, start_ms)
    return count_video(points, ZONES, aspect_ratio=1.0, recording=recording, interval_minutes=1)


def test_a_video_in_two_files_has_the_counts_of_the_whole_if_nobody_is_at_the_cut() -> None:
    early = [*walk(WAY, person=0, start_ms=5_000), *walk(WAY, person=1, start_ms=20_000)]
    late = [*walk(WAY, person=0, start_ms=10_000), *walk(WAY[:5], person=3, start_ms=30_000)]
    shifted = [replace(one, person=one.person + 2, at_ms=one.at_ms + MINUTE_MS) for one in late]
    whole = counted([*early, *shifted], NINE, 2 * MINUTE_MS)

    added = add_up([counted(late, NINE + MINUTE_MS), counted(early, NINE)], 1)

    assert added.order == (1, 0)
    assert added.counts == whole
    assert [zone.visits > 0 for zone in whole.whole.zones] == [True]
    assert [line.crossings_in > 0 for line in whole.whole.lines] == [True]
    assert [(one.gap_ms, one.cut_before, one.cut_after) for one in added.between] == [(0, 0, 0)]
    assert (added.gaps, added.overlaps) == ((), ())


def test_time_that_no_file_has_is_left_out_of_means_and_intervals() -> None:
    stands = list(walk([(0.5, 0.5)] * 61, step_ms=1000))

    added = add_up([counted(stands, NINE), counted(stands, NINE + 210_000)], 1)

    assert [one.gap_ms for one in added.gaps] == [150_000 - 1]
    # No file has the time from 9:01 to 9:03:30, and half of 9:03 was recorded.
    labels = [one.interval.label[11:16] for one in added.counts.per_interval]
    assert labels == ["09:00", "09:01", "09:03", "09:04"]
    assert added.counts.per_interval[2].picture.occupancy.mean == pytest.approx(1)
    assert added.counts.whole.picture.occupancy.mean == pytest.approx(1, abs=1e-4)


def test_people_at_the_boundary_are_reported_and_count_in_both_files() -> None:
    before = [
        *walk([(0.5, 0.5)] * 60, person=0, start_ms=0, step_ms=1000),
        *walk([(0.2, 0.5)] * 30, person=1, start_ms=0, step_ms=1000),
    ]
    after = list(walk([(0.5, 0.5)] * 10, person=4, start_ms=200, step_ms=1000))

    added = add_up([counted(before, NINE), counted(after, NINE + MINUTE_MS)], 1)

    assert [(one.cut_before, one.cut_after) for one in added.between] == [(1, 1)]
    assert added.counts.whole.picture.people == 3


def test_an_overlap_is_reported() -> None:
    added = add_up([counted([], NINE), counted([], NINE + 50_000), counted([], NINE + 110_500)], 1)

    assert [(one.at, one.gap_ms) for one in added.overlaps] == [(0, -10_000)]
    # Half a second is within what names of files can say.
    assert added.gaps == ()


def test_everybody_who_is_seen_during_an_overlap_can_count_twice() -> None:
    # One after the other, so that only the last is there when the first file ends.
    seen_s = ((10, 20), (30, 42), (43, 47), (48, 59))
    points = [
        point
        for person, (first_s, last_s) in enumerate(seen_s)
        for point in walk(
            [(0.5, 0.5)] * (last_s - first_s + 1), person=person, start_ms=first_s * 1000, step_ms=1000
        )
    ]
    later = [replace(one, at_ms=one.at_ms - 40_000) for one in points if one.at_ms >= 40_000]

    added = add_up([counted(points, NINE), counted(later, NINE + 40_000)], 1)

    assert [(one.gap_ms, one.cut_before, one.cut_after) for one in added.between] == [(-20_000, 3, 3)]


def test_a_file_within_another_makes_no_gap() -> None:
    at_the_end = list(walk([(0.5, 0.5)] * 30, person=0, start_ms=70_000, step_ms=1000))
    within = counted([], NINE + 10_000, 10_000)

    added = add_up([counted(at_the_end, NINE, 100_000), within, counted([], NINE + 90_000)], 1)

    assert added.gaps == ()
    assert added.counts.gaps == ()
    # The file within ends before the person comes.
    assert [(one.gap_ms, one.cut_before) for one in added.between] == [(-90_000, 0), (-10_000, 1)]


@pytest.mark.parametrize(
    ("starts", "message"),
    [
        ((NINE, None), "the time of recording is not known"),
        ((NINE, NINE + 367 * 24 * 3_600_000), "more than a year apart"),
    ],
)
def test_files_without_usable_times_are_refused(starts: Sequence[int | None], message: str) -> None:
    with pytest.raises(FilesError, match=message):
        add_up([counted([], start) for start in starts], 1)

"""Percentiles, occupancy, intervals and flows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from people_pathing.analysis.counting.events import Counted, Crossing, Excluded, Moment
from people_pathing.analysis.counting.geometry import rounded
from people_pathing.analysis.path_points import PathPoint
from people_pathing.analysis.summaries.figures import Occupancy, occupancy, percentile
from people_pathing.analysis.summaries.flows import flow_events
from people_pathing.analysis.summaries.intervals import INTERVAL_MINUTES, Recording, intervals
from people_pathing.analysis.video_counts import count_video
from people_pathing.analysis.zones_file.sections import Zone, ZonesFile
from tests.unit.analysis.paths import AT_ONCE, BOX_HEIGHT, RANDOM, SQUARE, UPWARDS, along, walk

HOUR_MS = 3_600_000
ZONES = ZonesFile((Zone("zone", SQUARE),), (UPWARDS,), rules=AT_ONCE)
recorded = st.integers(0, 2**41)
durations = st.integers(0, 30 * HOUR_MS)
zones = st.sampled_from(
    ["UTC", "Europe/Berlin", "America/St_Johns", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia"]
)


# ---- percentiles and occupancy


@RANDOM
@given(values=st.lists(st.integers(0, 100_000), min_size=1), share=st.sampled_from([0.0, 0.5, 0.9, 1.0]))
def test_a_percentile_is_that_of_numpy(values: list[int], share: float) -> None:
    assert percentile(values, share) == pytest.approx(float(np.percentile(values, 100 * share)), abs=0.51)


def test_there_is_no_percentile_of_nothing() -> None:
    assert percentile([], 0.5) is None


def test_who_exits_is_not_present_together_with_who_enters_at_the_same_time() -> None:
    assert occupancy([(0, 10), (10, 20)], 0, 20) == Occupancy(mean=1.0, maximum=1)


def test_occupancy_is_limited_to_the_time() -> None:
    assert occupancy([(0, 100), (90, 95)], 50, 90) == Occupancy(mean=1.0, maximum=1)
    assert occupancy([(0, 100)], 100, 100) == Occupancy(mean=0.0, maximum=0)


# ---- intervals


@RANDOM
@given(duration_ms=durations, recorded_at_ms=recorded, zone=zones, minutes=st.sampled_from(INTERVAL_MINUTES))
def test_intervals_cover_the_video_and_follow_the_local_clock(
    duration_ms: int, recorded_at_ms: int, zone: str, minutes: int
) -> None:
    found = intervals(Recording(min(duration_ms, minutes * HOUR_MS), recorded_at_ms, zone), minutes)

    assert all(one.end_ms == other.start_ms for one, other in pairwise(found))
    assert len({one.label for one in found}) == len(found)
    if found:
        assert (found[0].start_ms, found[-1].end_ms) == (0, min(duration_ms, minutes * HOUR_MS))
    for interval in found:
        start, last = (
            (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=recorded_at_ms + at_ms)).astimezone(
                ZoneInfo(zone)
            )
            for at_ms in (interval.start_ms, interval.end_ms - 1)
        )
        label = datetime.fromisoformat(interval.label)
        assert 0 < interval.end_ms - interval.start_ms <= minutes * 60_000
        assert label.minute % minutes == 0
        assert label.second == 0
        assert label.utcoffset() == start.utcoffset() == last.utcoffset()
        for moment in (start, last):
            assert label.replace(tzinfo=None) <= moment.replace(tzinfo=None)
            assert moment.replace(tzinfo=None) < label.replace(tzinfo=None) + timedelta(minutes=minutes)


def test_a_day_on_which_the_clocks_change_has_23_or_25_hours() -> None:
    def hours(start: datetime, duration_h: int) -> int:
        recorded_at_ms = round(start.timestamp() * 1000)
        found = intervals(Recording(duration_h * HOUR_MS, recorded_at_ms, "Europe/Berlin"), 60)
        return sum(one.label.startswith(f"{start:%Y-%m-%d}") for one in found)

    berlin = ZoneInfo("Europe/Berlin")
    assert hours(datetime(2026, 3, 29, tzinfo=berlin), 48) == 23
    assert hours(datetime(2026, 10, 25, tzinfo=berlin), 48) == 25
    assert hours(datetime(2026, 10, 26, tzinfo=berlin), 48) == 24


def test_without_a_time_of_recording_intervals_count_from_the_start() -> None:
    found = intervals(Recording(HOUR_MS + 1), 60)

    assert [(one.label, one.start_ms, one.end_ms) for one in found] == [
        ("0:00:00", 0, HOUR_MS),
        ("1:00:00", HOUR_MS, HOUR_MS + 1),
    ]


def test_a_time_of_the_video_in_utc_has_milliseconds() -> None:
    assert Recording(0, 1_772_438_400_000).utc(61_005) == "2026-03-02T08:01:01.005Z"
    assert Recording(0).utc(0) is None


# ---- summaries of a video


def test_sums_over_the_intervals_are_those_of_the_whole_video() -> None:
    points = [
        point
        for person in range(8)
        for point in walk(
            along([0.1, 0.3, 0.6, 0.9, 0.6, 0.3, 0.1] * 3),
            person=person,
            start_ms=person * 17_000,
            step_ms=3000,
        )
    ]
    counts = count_video(points, ZONES, aspect_ratio=1.0, recording=Recording(300_000), interval_minutes=1)

    [zone], [line] = counts.whole.zones, counts.whole.lines
    parts = [one.zones[0] for one in counts.per_interval]
    assert len(parts) == 5
    minutes = [(one.enter.at_ms // 60_000, one.exit.at_ms // 60_000) for one in counts.counted.visits]
    assert any(first != last for first, last in minutes)
    assert zone.visits == sum(part.visits for part in parts) == 8 * 6
    assert zone.entered == sum(part.entered for part in parts)
    assert zone.exited == sum(part.exited for part in parts)
    assert zone.occupancy.maximum == max(part.occupancy.maximum for part in parts)
    assert zone.occupancy.mean == pytest.approx(sum(part.occupancy.mean for part in parts) / 5)
    assert line.crossings_in == sum(part.lines[0].crossings_in for part in counts.per_interval) == 8 * 3
    assert line.crossings_out == sum(part.lines[0].crossings_out for part in counts.per_interval) == 8 * 3


def test_a_video_is_as_long_as_its_last_observation_needs() -> None:
    points = [PathPoint(0, 5000, 0.5, 0.5, BOX_HEIGHT)]

    counts = count_video(points, ZONES, aspect_ratio=1.0, recording=Recording(5000), interval_minutes=1)
    assert counts.recording.duration_ms == 5001
    assert counts.per_interval[0].picture.people == 1


def test_events_are_in_the_order_of_time_and_alternate() -> None:
    points = [*walk(along([0.1, 0.9] * 4), person=0), *walk(along([0.9, 0.5] * 4), person=1, start_ms=50)]
    counts = count_video(points, ZONES, aspect_ratio=1.0, recording=Recording(0), interval_minutes=1)

    assert [one.moment.at_ms for one in counts.events] == sorted(one.moment.at_ms for one in counts.events)
    types = [one.type for one in counts.events if one.person == 1 and one.section == "zone"]
    assert types == ["enter", "exit"] * 4
    assert {one.type for one in counts.events if one.section == "door"} == {"cross"}


@RANDOM
@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from("abc"), st.integers(0, 9)), max_size=20))
def test_a_person_is_in_a_flow_if_the_destination_comes_after_the_origin(
    arrivals: list[tuple[int, str, int]],
) -> None:
    crossings = tuple(
        Crossing(section, person, "in", Moment(at_ms, 0, 0)) for person, section, at_ms in sorted(arrivals)
    )
    found = flow_events(Counted((), crossings, (), (), Excluded(), 9), ("a", "b", "c"))

    for person in range(4):
        times = sorted((at_ms, section) for who, section, at_ms in arrivals if who == person)
        sections = [section for _, section in times]
        expected = {
            (origin, destination)
            for first, origin in enumerate(sections)
            for destination in sections[first + 1 :]
        }
        mine = [flow for flow in found if flow.person == person]
        assert {(flow.origin, flow.destination) for flow in mine} == expected
        assert len(mine) == len(expected)
        ends = [(flow.origin, flow.destination) for flow in mine if flow.is_end_to_end]
        assert ends == ([(sections[0], sections[-1])] if len(sections) > 1 else [])


def test_rounding_is_that_of_javascript() -> None:
    assert [rounded(value) for value in (0.5, 1.5, 2.5, -0.5)] == [1, 2, 3, 0]

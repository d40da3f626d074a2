"""docs/scaling.md is what the program calculates, and the calculation agrees with simple cases."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.engine.tables import TABLE_END, table_start
from benchmarks.scaling.measuring import load
from benchmarks.scaling.tables import LONG_VIDEOS, tables
from benchmarks.scaling.turnaround import (
    VCPU_MB,
    default_setup,
    makespan_s,
    one_thread_s,
    reads_of_pages,
    segment_lengths_s,
    serving_s,
    turnaround,
)
from tests.template.translated import REPOSITORY, source

SCALING = (REPOSITORY / "docs/scaling.md").read_text("utf-8")


def test_the_page_has_the_tables_that_the_program_writes() -> None:
    for name, table in tables(load()).items():
        written = SCALING.split(table_start(name))[1].split(TABLE_END)[0]
        assert written.strip() == table.strip(), f"{name}: write the page again"


def test_workers_take_the_next_segment_as_soon_as_they_are_free() -> None:
    # Two workers start after 1 s: the first takes 4 and ends at 5, the other takes 1, 1 and 2.
    assert makespan_s([4, 1, 1, 2], workers=2, start_s=1) == 5
    assert makespan_s([4, 1, 1, 2], workers=1, start_s=1) == 9
    assert makespan_s([3], workers=20, start_s=0) == 3


def test_one_thread_uses_at_most_one_processor_and_a_share_of_a_smaller_function() -> None:
    assert one_thread_s(10, 1.0, VCPU_MB) == 10
    assert one_thread_s(10, 1.0, 2 * VCPU_MB) == 10
    assert one_thread_s(10, 2.0, VCPU_MB // 2) == pytest.approx(40, rel=0.01)


def test_the_segments_of_a_plan_cover_the_video() -> None:
    video = load().video("1080p")

    for minutes in (1, 10, 60, 360):
        lengths_s = segment_lengths_s(video, minutes, 60.0)
        assert sum(lengths_s) == pytest.approx(minutes * 60)
        assert max(lengths_s) <= 60.0 or minutes == 360


def test_more_workers_and_a_faster_processor_make_an_hour_faster_but_not_cheaper() -> None:
    measured, setup = load(), default_setup(2.0)
    video = measured.video("1080p")
    now = turnaround(measured, video, 60, setup)
    wider = turnaround(measured, video, 60, replace(setup, concurrency=LONG_VIDEOS))
    faster = turnaround(measured, video, 60, replace(setup, slowness=1.0))

    assert wider.total_s < now.total_s
    assert wider.detect_gb_s >= now.detect_gb_s
    assert faster.total_s < now.total_s
    assert faster.detect_gb_s < now.detect_gb_s


def test_the_pages_of_an_hour_are_read_eight_at_once_after_the_first_eight() -> None:
    reads = reads_of_pages(324)

    # 1, 1, 2, 4, then 39 times 8, and the last 4.
    assert len(reads) == 4 + 39 + 1
    assert reads[-1] < max(reads) == reads[4]
    assert len(reads_of_pages(1)) == 1


def test_serving_a_page_takes_its_processor_time_and_its_share_of_a_read() -> None:
    measured = load()
    more_s = serving_s(measured, 800, 1.0) - serving_s(measured, 792, 1.0)

    processor_s = one_thread_s(8 * measured.page_s, 1.0, 512)
    assert more_s == pytest.approx(processor_s + 0.1 + 1.83 * 0.012, rel=0.01)


def test_the_table_for_long_videos_uses_the_most_segments_that_the_template_allows() -> None:
    pattern = source()["Parameters"]["MaxConcurrentSegments"]["AllowedPattern"]

    assert pattern.endswith(f"|{LONG_VIDEOS})$")

"""docs/scaling.md is what the program calculates, and the calculation agrees with bills made by hand."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.engine.tables import TABLE_END, table_start
from benchmarks.scaling import __main__ as scaling
from benchmarks.scaling import measuring
from benchmarks.scaling.aws import CALL_S, VCPU_MB, Setup, default_setup, memory_mb, one_thread_s
from benchmarks.scaling.collecting import collect_s, report_s, serving_s
from benchmarks.scaling.linking import LinkTime, seamless
from benchmarks.scaling.measuring import Effort, FanOut, Measured, VideoTime, load, measure
from benchmarks.scaling.results import ResultTime
from benchmarks.scaling.tables import LONG_VIDEOS, MANY_VIDEOS, fan_out, tables
from benchmarks.scaling.turnaround import (
    detect_step_s,
    makespan_s,
    segment_lengths_s,
    segment_processor_s,
    speedup,
    turnaround,
)
from people_pathing.engine import Detections, concatenate
from people_pathing.engine.planning.work import UNKNOWN_FRAMES
from tests.template.translated import REPOSITORY, source

SCALING = (REPOSITORY / "docs/scaling.md").read_text("utf-8")

VIDEO = VideoTime(
    size="1080p",
    sampling="default",
    seconds=60,
    video_bytes=60_000_000,
    detect_s=30.0,
    detections=6_000,
    segment_bytes=1_000_000,
    peak_mb=300,
    calling_thread_share=0.2,
    work=UNKNOWN_FRAMES,
)
LINK = LinkTime(
    minutes=60,
    windows=4,
    window_s=2.0,
    link_s=40.0,
    peak_mb=300,
    detections=100_000,
    observations=100_000,
    result_bytes=100_000_000,
    tracks=100,
)
MEASURED = Measured(
    machine="none",
    date="2026-11-27",
    start_s=1.0,
    hour_plan_s=0.5,
    videos=(VIDEO,),
    fan_out=FanOut("1080p", 60, {"1": [30.0], "2": [31.0]}, [15.5], 1.6),
    links=(LINK,),
    results=(
        ResultTime(10_000, 1.0, 1.0, {}, {}, 1),
        ResultTime(110_000, 11.0, 3.0, {}, {"GetObject": 10}, 1),
    ),
    page_s=0.002,
)
"""Round numbers, for bills made by hand."""
ONE_PROCESSOR = Setup(slowness=1.0, concurrency=5, memory_mb=VCPU_MB, segment_s=30)


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


def test_a_second_processor_helps_as_much_as_measured() -> None:
    assert speedup(MEASURED, VIDEO, 0.5) == 0.5
    assert speedup(MEASURED, VIDEO, 1) == 1
    assert speedup(MEASURED, VIDEO, 2) == pytest.approx(1.6)
    # A quarter of the work is for one processor: 1 / (1/4 + 3/4 / 3).
    assert speedup(MEASURED, VIDEO, 3) == pytest.approx(2)


def test_no_number_of_processors_divides_the_thread_that_decodes() -> None:
    video = replace(VIDEO, calling_thread_share=0.8)

    assert speedup(MEASURED, video, 2) == 1 / 0.8


def test_a_cut_costs_what_was_measured_for_the_cuts_of_a_video() -> None:
    # Two segments took 1 s more than one, which is the work of 2 s of the video.
    assert segment_processor_s(MEASURED, VIDEO, 30) == pytest.approx(15 + 1)


def test_a_detect_step_works_and_waits_for_its_requests() -> None:
    # 30 s of video have 30 MB in 8 blocks of 4 MiB. The plan, the index and the result are a request each.
    step_s = detect_step_s(MEASURED, VIDEO, 30, ONE_PROCESSOR)

    assert step_s == pytest.approx(16 + 11 * 0.1 + 30 * 0.012)


def test_in_the_worse_case_all_work_and_the_requests_take_twice_as_long() -> None:
    step_s = detect_step_s(MEASURED, VIDEO, 30, replace(ONE_PROCESSOR, slowness=2.0))

    assert step_s == pytest.approx(32 + 11 * 0.2 + 30 * 0.012)


def test_the_steps_of_an_hour_take_what_a_bill_by_hand_says() -> None:
    times = turnaround(MEASURED, VIDEO, 60, ONE_PROCESSOR)

    segments = 120
    assert times.segments == segments
    assert times.start_s == 0.5 + 2 * 1 + 12 * CALL_S
    plan_s = 1.5 / (memory_mb("PlanJob") / VCPU_MB) if memory_mb("PlanJob") < VCPU_MB else 1.5
    assert times.plan_s == pytest.approx(5 + plan_s + 3 * 0.1)
    step_s = detect_step_s(MEASURED, VIDEO, 30, ONE_PROCESSOR)
    assert times.detect_s == pytest.approx(5 + 1 + segments / 5 * (0.1 + step_s))
    assert times.detect_gb_s == pytest.approx((segments * step_s + 5 * 6) * VCPU_MB / 1024)
    # Each window reads 30 segments and one of its neighbours, eight at once, with 15 of 60 MB.
    assert memory_mb("AssociateWindow") >= VCPU_MB
    assert times.window_s == pytest.approx((2 + 4) * 0.1 + 15 * 0.012 + 2)
    assert times.associate_s == pytest.approx(5 + 0.1 + times.window_s)
    # Linking reads a plan, 120 segments, eight at once, and four windows, and uploads 100 MB in parts.
    assert memory_mb("LinkTracks") >= VCPU_MB
    assert times.link_s == pytest.approx(5 + (1 + 15 + 4 + 3) * 0.1 + (60 + 100) * 0.012 + 40)
    assert times.between_s == pytest.approx(5 * 0.1 + 1 + 6 * CALL_S)
    assert times.collect_s == pytest.approx(0.5 + 1 + collect_s(MEASURED, 100_000, ONE_PROCESSOR))
    assert times.image_starts_s == 4 * 5
    assert times.total_s == pytest.approx(sum(times.steps_s.values()))
    assert times.execution_s == pytest.approx(times.total_s - times.start_s - times.collect_s)


def test_a_short_video_has_no_associate_step_and_links_the_only_window_itself() -> None:
    times = turnaround(MEASURED, VIDEO, 1, ONE_PROCESSOR)

    assert times.associate_s == 0
    assert times.image_starts_s == 3 * 5
    # A sixtieth of the work of an hour, whose four windows are one here.
    work_s = 40 / 60 + 2 * 4 / 60
    assert times.link_s == pytest.approx(5 + (1 + 1 + 3) * 0.1 + (1 + 100 / 60) * 0.012 + work_s)


def test_collecting_takes_as_long_as_the_slower_of_reading_and_storing_and_reads_its_pieces_again() -> None:
    # 100 pages are ten chunks. The last one is not stored on the way. A chunk has two pieces.
    pieces_s = 18 * 0.1
    # The record is written after each chunk.
    storing_s = one_thread_s(100_000 * 0.0001, 1.0, memory_mb("CollectResults")) + pieces_s + 9 * CALL_S
    reading_s = serving_s(MEASURED, 100, 1.0) + 100 * 0.01

    assert reading_s < storing_s
    # 18 pieces are read eight at once, and two files are uploaded, each with a begin, a part and an end.
    ending_s = (3 + 2 * 3) * 0.1
    assert collect_s(MEASURED, 100_000, ONE_PROCESSOR) == pytest.approx(storing_s + ending_s)
    slow_pages = replace(MEASURED, page_s=1.0)
    reading_s = serving_s(slow_pages, 100, 1.0) + 100 * 0.01
    assert reading_s > storing_s
    assert collect_s(slow_pages, 100_000, ONE_PROCESSOR) == pytest.approx(reading_s + ending_s)


def test_the_report_takes_its_start_its_work_and_its_calls() -> None:
    # A second for the first 10,000 observations, and two for each further 100,000.
    for observations, analyze_s in ((100, 1.0), (10_000, 1.0), (210_000, 5.0)):
        work_s = one_thread_s(analyze_s, 1.0, memory_mb("AnalyzeResults"))
        report = report_s(MEASURED, observations, ONE_PROCESSOR)
        assert report == pytest.approx(0.5 + 5 + work_s + 10 * 0.1)


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


def test_a_fan_out_is_compared_with_one_worker_in_the_same_round() -> None:
    divided = FanOut("1080p", 60, {"1": [10.0, 20.0, 30.0], "2": [11.0, 20.0, 30.0]}, [5.0, 11.0, 15.0], 1.6)
    at_once, all_segments = fan_out(replace(MEASURED, fan_out=divided)).splitlines()[2:]

    assert at_once == "| 2, measured at once | 0.500 | 0.500 | +0.0% | +0.0% to +10.0% |"
    assert all_segments == "| 2, from the time of all segments | 0.500 | 0.500 | +0.0% | +0.0% to +10.0% |"


def test_the_table_for_long_videos_uses_the_most_segments_that_the_template_allows() -> None:
    pattern = source()["Parameters"]["MaxConcurrentSegments"]["AllowedPattern"]

    allowed = [number for number in range(1, 1000) if re.fullmatch(pattern, str(number))]
    assert max(allowed) == LONG_VIDEOS


def test_the_jobs_and_segments_of_the_table_for_a_day_are_those_that_the_deployment_guide_recommends() -> (
    None
):
    guide = (REPOSITORY / "docs/deploy.md").read_text("utf-8")

    for jobs, segments in MANY_VIDEOS:
        assert re.search(rf"^\| 1,000 \| [a-z ]+ \| {jobs} \| {segments} \|", guide, re.MULTILINE)


def found(frames: int, cut: int) -> Detections:
    """Returns one person in each second sampled frame who walks to the right, and a cut before a frame."""
    rows = np.arange(0, frames, 2, dtype=np.int32)
    left = rows.astype(np.float32)
    return Detections(
        frame_numbers=np.arange(frames, dtype=np.int64) * 2,
        timestamps_us=np.arange(frames, dtype=np.int64) * 66_667,
        searched=np.arange(frames) % 2 == 0,
        cuts=np.isin(np.arange(frames), [0, cut]),
        camera_steps=np.tile(np.array([1, 0, 0, 0], np.float32), (frames, 1)),
        frame_count=frames * 2,
        expected_frame_count=frames * 2,
        rows=rows,
        boxes=np.stack([left, left, left + 10, left + 30], axis=1),
        scores=(left / 100).astype(np.float32),
        descriptors=np.stack([rows, rows], axis=1).astype(np.uint8),
        embedding_rows=np.array([0, 3], np.int64),
        embeddings=np.array([[10], [16]], np.uint8),
    )


def test_a_long_video_is_seamless_it_ends_in_time_and_it_shows_the_first_scene_only() -> None:
    parts = list(seamless(found(frames=20, cut=9), until_us=30 * 66_667))
    whole = concatenate(parts)

    assert [len(part.frame_numbers) for part in parts] == [9, 9, 9, 3]
    assert set(np.diff(whole.timestamps_us)) == {66_667}
    assert not whole.cuts.any()
    for part, later in pairwise(parts):
        # The scene has nine sampled frames, so a person is in its first one and in its last one.
        assert part.rows[-1] == len(part.frame_numbers) - 1
        assert later.rows[0] == 0
        np.testing.assert_array_equal(part.boxes[-1], later.boxes[0])
        np.testing.assert_array_equal(part.descriptors[:][-1], later.descriptors[:][0])
    forwards, backwards = parts[:2]
    np.testing.assert_array_equal(backwards.scores, forwards.scores[::-1])
    np.testing.assert_array_equal(backwards.searched, forwards.searched[::-1])
    # The embeddings stay with their detections, which are the first and the fourth of five.
    assert backwards.embedding_rows.tolist() == [1, 4]
    assert backwards.embeddings[:].tolist() == [[16], [10]]


def test_measuring_takes_medians_over_rounds_and_runs_every_step_with_both_models(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    commands: list[tuple[str, ...]] = []

    def output(module: str, *options: str) -> str:
        commands.append((module, *options))
        return outputs(module, options, len(commands))

    monkeypatch.setattr(measuring, "_output", output)
    monkeypatch.setattr(measuring, "make", lambda _, size, *__: written(tmp_path / size.name))
    monkeypatch.setattr(measuring, "repeat", lambda *_: tmp_path / "hour")
    models = ["--model", "a.onnx", "--reidentification-model", "b.onnx"]

    measured = measure(tmp_path / "v.avi", tmp_path, Effort(rounds=3, linked_minutes=(1, 60)), models)

    steps = [options for module, *options in commands if module == "benchmarks.scaling.steps"]
    assert all(set(models) <= set(options) for options in steps)
    assert [(one.size, one.sampling) for one in measured.videos] == [
        ("720p", "default"),
        ("1080p", "default"),
        ("4K", "default"),
        ("1080p", "7"),
    ]
    assert [link.minutes for link in measured.links] == [1, 60]
    assert [result.observations for result in measured.results] == [10_000, 100_000]
    assert set(measured.fan_out.cut_s) == {"1", "2", "4", "8"}
    assert all(len(times) == 3 for times in measured.fan_out.cut_s.values())
    assert measured.fan_out.speedup == 2.0
    assert len(measured.fan_out.two_processes_s) == 3
    assert measured.video("1080p").detect_s == np.median(measured.fan_out.cut_s["1"])
    assert measured.page_s == 0.003


def written(path: Path) -> Path:
    """Writes a file that stands for a video."""
    path.write_bytes(b"video")
    return path


def outputs(module: str, options: Sequence[str], number: int) -> str:
    """Returns what a module prints. Each run takes longer, and two processors halve the elapsed time."""
    if module.endswith("serving"):
        return "0.003"
    if module.endswith("linking"):
        return json.dumps(asdict(replace(LINK, minutes=int(options[2]))))
    if module.endswith("results"):
        return json.dumps(asdict(ResultTime(int(options[0]), 1.0, 1.0, {}, {}, 1)))
    step: dict[str, Any] = {"processor_s": float(number), "elapsed_s": 10.0, "calling_thread_s": 1.0}
    step |= {"requests": 1, "result_bytes": 1, "detections": 1}
    if list(options[1:4]) == ["--cpus", "0", "1"]:
        step["elapsed_s"] = 5.0
    run = {"start": step, "plan": step, "segments": [step], "work": asdict(UNKNOWN_FRAMES), "peak_mb": 1.0}
    return json.dumps(run)


def test_measuring_needs_both_models(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        scaling.main(["--measure", str(tmp_path), "--model", "a.onnx", "--reidentification-model", ""])

    assert "--measure needs --model and --reidentification-model" in capsys.readouterr().err


def test_the_peak_of_a_process_is_not_that_of_the_one_that_started_it() -> None:
    ballast = bytearray(300 << 20)
    ballast[::4096] = b"1" * len(ballast[::4096])
    program = "from benchmarks.scaling.memory import peak_mb; print(peak_mb())"
    ran = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, check=True)

    assert float(ran.stdout) < 100

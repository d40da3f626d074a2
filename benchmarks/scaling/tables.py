"""The tables of docs/scaling.md: what was measured, and what is calculated from it."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.costs import prices
from benchmarks.engine.tables import markdown
from benchmarks.scaling.measuring import Measured
from benchmarks.scaling.turnaround import (
    FIRST_BYTE_S,
    IMAGE_START_S,
    MAP_CONCURRENCY,
    VCPU_MB,
    Setup,
    collect_rate_s,
    default_setup,
    metadata_of,
    segment_lengths_s,
    segment_processor_s,
    turnaround,
)
from people_pathing.engine.tracking.association import plan_windows

SPEEDS = ((1.0, "as fast"), (2.0, "half as fast"))
"""Lambda's processors beside the one that was measured. The slowest are about half as fast."""
LENGTHS_MIN = (1, 10, 60, 360)
HOUR_S = 3600
DAY_S = 24 * HOUR_S
HOUR_MIN = 60
LONG_VIDEOS = 20
"""MaxConcurrentSegments for long videos, the most that the template allows."""
WINDOWS_FACTOR, READERS = 3, 8
FARGATE_GB = 2
QUOTAS = (1_000, 10_000)


def fan_out(measured: Measured) -> str:
    """The detect phase with several workers, beside the time of one."""
    divided = measured.fan_out
    alone_s = divided.cut_s["1"]
    rows = [_fan_out_row("2, measured at once", 2, divided.two_processes_s / alone_s)]
    for count, total_s in divided.cut_s.items():
        if int(count) > 1:
            share = total_s / int(count) / alone_s
            rows.append(_fan_out_row(f"{count}, from the time of all segments", int(count), share))
    return markdown(["workers", "1 ÷ workers", "time ÷ one worker's", "more than 1 ÷ workers"], rows)


def _fan_out_row(name: str, workers: int, share: float) -> list[str]:
    return [name, f"{1 / workers:.3f}", f"{share:.3f}", f"{share * workers - 1:+.1%}"]


def rates(measured: Measured) -> str:
    """Processor seconds of each step for a minute of video, and memory."""
    hour = measured.links[-1]
    rows = [
        [
            f"{video.size}" + ("" if video.sampling == "default" else f", `SampleFps={video.sampling}`"),
            f"{video.detect_s / video.seconds * 60:.1f} s",
            f"{video.calling_thread_share:.0%}",
            f"{video.peak_mb:.0f} MB",
            f"{video.segment_bytes / video.seconds * 60 / 1e6:.1f} MB",
        ]
        for video in measured.videos
    ]
    detecting = markdown(
        ["detect step, a minute of", "processor time", "in the decoding thread", "memory", "stored"], rows
    )
    others = markdown(
        ["other steps", "processor time"],
        [
            ["start of a worker with its models", f"{measured.start_s:.2f} s"],
            ["plan step, an hour", f"{measured.hour_plan_s:.2f} s"],
            ["associate step, the longest window of an hour", f"{hour.window_s:.1f} s"],
            ["link step, an hour with " + f"{hour.observations:,} observations", f"{hour.link_s:.1f} s"],
            ["serving a page of 1,000 of them", f"{measured.page_s:.4f} s"],
            ["collecting them", f"{collect_rate_s(measured) * hour.observations:.1f} s"],
        ],
    )
    return f"{detecting}\n{others}"


def turnarounds(measured: Measured) -> str:
    """From the upload until the results are stored, in 1080p, by concurrency."""
    rows = []
    for concurrency in (default_setup(1.0).concurrency, LONG_VIDEOS):
        for slowness, name in SPEEDS:
            for minutes in LENGTHS_MIN:
                setup = replace(default_setup(slowness), concurrency=concurrency)
                times = turnaround(measured, measured.video("1080p"), minutes, setup)
                length = f"{minutes} min" if minutes < 60 else f"{minutes // 60} h"
                rows.append(
                    [
                        f"{concurrency}",
                        name,
                        length,
                        f"{times.segments}",
                        *(f"{seconds:.0f}" for seconds in times.steps_s.values()),
                        f"**{_clock(times.total_s)}**",
                    ]
                )
    header = ["segments at once", "processor", "video", "segments", *times.steps_s, "total"]
    return markdown(header, rows)


def what_if(measured: Measured) -> str:
    """By how much an hour would be faster with changes that are not made yet, and what is left."""
    cells: dict[str, list[str]] = {}
    for slowness, _ in SPEEDS:
        setup = replace(default_setup(slowness), concurrency=LONG_VIDEOS)
        video = measured.video("1080p")
        now = turnaround(measured, video, HOUR_MIN, setup)
        windows = len(plan_windows(metadata_of(video, HOUR_MIN)))
        tracked_s = now.associate_s - IMAGE_START_S
        reads_s = now.segments * FIRST_BYTE_S
        saved_s = {
            f"{MAP_CONCURRENCY} segments at once, which the history of an execution has no room for": (
                now.detect_s
                - turnaround(measured, video, HOUR_MIN, replace(setup, concurrency=MAP_CONCURRENCY)).detect_s
            ),
            f"{WINDOWS_FACTOR * windows} tracking windows instead of {windows}": (
                tracked_s * (1 - 1 / WINDOWS_FACTOR)
            ),
            f"the link step reads {READERS} segments at once": reads_s * (1 - 1 / READERS),
            "workers that have started already": 3 * IMAGE_START_S,
        }
        cells.setdefault("now", []).append(_clock(now.total_s))
        for name, seconds in saved_s.items():
            cells.setdefault(name, []).append(f"-{seconds:.0f} s")
        cells.setdefault("with all of them", []).append(_clock(now.total_s - sum(saved_s.values())))
    header = [f"an hour, {LONG_VIDEOS} segments at once", *(name for _, name in SPEEDS)]
    return markdown(header, ([name, *both] for name, both in cells.items()))


def choices(measured: Measured) -> str:
    """An hour in 1080p by segment length and concurrency."""
    rows = []
    for segment_s in (15, 30, 60, 120):
        cells = []
        for concurrency in (5, 10, 20, 40):
            hours = [
                turnaround(
                    measured,
                    measured.video("1080p"),
                    60,
                    Setup(slowness, concurrency, default_setup(1).memory_mb, segment_s),
                )
                for slowness, _ in SPEEDS
            ]
            cells.append(" to ".join(_clock(hour.total_s) for hour in hours))
        lengths_s = segment_lengths_s(measured.video("1080p"), 60, segment_s)
        processor_s = sum(
            segment_processor_s(measured, measured.video("1080p"), length_s) for length_s in lengths_s
        )
        whole_s = segment_processor_s(measured, measured.video("1080p"), HOUR_S)
        rows.append([f"{segment_s} s", f"{len(lengths_s)}", f"{processor_s / whole_s - 1:+.1%}", *cells])
    header = ["`SegmentSeconds`", "segments", "more work", *(f"{count} at once" for count in (5, 10, 20, 40))]
    return markdown(header, rows)


def beyond(measured: Measured) -> str:
    """What quotas of concurrent executions carry in a day, and what Fargate would cost instead."""
    rows = []
    for slowness, name in SPEEDS:
        setup = default_setup(slowness)
        hour = turnaround(measured, measured.video("1080p"), 60, setup)
        worker_s = hour.detect_gb_s / (setup.memory_mb / 1024)
        processor_hours = hour.detect_gb_s * 1024 / VCPU_MB / HOUR_S
        fargate = processor_hours * (
            prices.FARGATE_PROCESSORS.dollars + FARGATE_GB * prices.FARGATE_MEMORY.dollars
        )
        rows.append(
            [
                name,
                f"{worker_s:.0f} s",
                *(f"{quota * DAY_S / worker_s:,.0f} h" for quota in QUOTAS),
                f"${prices.LAMBDA_X86.of(hour.detect_gb_s):.3f}",
                f"${fargate:.3f}",
            ]
        )
    return markdown(
        [
            "Lambda's processor",
            "detection of an hour",
            *(f"a day with {quota:,} executions" for quota in QUOTAS),
            "an hour on Lambda",
            "on Fargate",
        ],
        rows,
    )


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def tables(measured: Measured) -> dict[str, str]:
    """Returns all tables by name."""
    head = f"{measured.machine}; {measured.date}\n\n"
    return {
        "fan-out": head + fan_out(measured),
        "rates": head + rates(measured),
        "turnaround": turnarounds(measured),
        "choices": choices(measured),
        "what-if": what_if(measured),
        "beyond": beyond(measured),
    }

"""The tables of docs/scaling.md: what was measured, and what is calculated from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import ceil
from statistics import median

from benchmarks.costs import prices
from benchmarks.engine.tables import markdown
from benchmarks.scaling.aws import VCPU_MB, Setup, default_setup
from benchmarks.scaling.collecting import collect_rate_s, report_s
from benchmarks.scaling.measuring import Measured
from benchmarks.scaling.turnaround import (
    Turnaround,
    detection_s,
    interpolated,
    segment_lengths_s,
    segment_processor_s,
    turnaround,
)

SPEEDS = ((1.0, "as fast"), (2.0, "half as fast"))
"""Lambda's processors beside the one that was measured; S3 answers after 100 and after 200 ms."""
LENGTHS_MIN = (1, 10, 60, 360)
HOUR_S = 3600
DAY_S = 24 * HOUR_S
HOUR_MIN = 60
AIM_S = 180
"""An hour of video should be done within three minutes of its upload."""
LONG_VIDEOS = 40
"""MaxConcurrentSegments for long videos, the most that the template allows."""
MANY_VIDEOS = ((150, 5), (20, LONG_VIDEOS))
"""MaxConcurrentJobs and MaxConcurrentSegments for a quota of 1,000, as docs/deploy.md recommends them."""
CONCURRENCIES = (5, 10, 20, 40)
DIVIDED_JOBS = ((10, 5), (10, 20), (60, 5), (60, 20), (60, 40), (360, 5), (360, 40))
"""Minutes of video, and workers."""
MORE_MEMORY_MB = 5307
"""Memory of three processors."""
FARGATE_GB = 2
EXECUTIONS = 1_000


def fan_out(measured: Measured) -> str:
    """The detect phase with several workers, beside the time of one in the same round."""
    divided = measured.fan_out
    rows = [_fan_out_row("2, measured at once", 2, divided.two_processes_s, divided.cut_s["1"])]
    for count, totals_s in divided.cut_s.items():
        if count != "1":
            shares_s = [total_s / int(count) for total_s in totals_s]
            name = f"{count}, from the time of all segments"
            rows.append(_fan_out_row(name, int(count), shares_s, divided.cut_s["1"]))
    header = ["workers", "1 ÷ workers", "time ÷ one worker's", "more than 1 ÷ workers", "in the rounds"]
    return markdown(header, rows)


def _fan_out_row(name: str, workers: int, times_s: Sequence[float], alone_s: Sequence[float]) -> list[str]:
    shares = [time_s / one_s for time_s, one_s in zip(times_s, alone_s, strict=True)]
    more = [share * workers - 1 for share in shares]
    return [
        name,
        f"{1 / workers:.3f}",
        f"{median(shares):.3f}",
        f"{median(more):+.1%}",
        f"{min(more):+.1%} to {max(more):+.1%}",
    ]


def fan_out_of_jobs(measured: Measured) -> str:
    """The detect phase of whole jobs beside 1/N of one worker's time, with the start of every worker."""
    rows = []
    for minutes, concurrency in DIVIDED_JOBS:
        cells = []
        for slowness, _ in SPEEDS:
            setup = replace(default_setup(slowness), concurrency=concurrency)
            some_s, _ = detection_s(measured, measured.video("1080p"), minutes, setup)
            alone_s, _ = detection_s(
                measured, measured.video("1080p"), minutes, replace(setup, concurrency=1)
            )
            cells.append(f"{some_s * concurrency / alone_s - 1:+.0%}")
        rows.append([_length(minutes), f"{concurrency}", *cells])
    return markdown(["video", "workers", *(f"more, {name}" for _, name in SPEEDS)], rows)


def rates(measured: Measured) -> str:
    """Processor seconds of each step for a minute of video, and memory."""
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
    linking = markdown(
        ["last steps of", "detections", "observations", "longest window", "link step", "memory"],
        [
            [
                _length(link.minutes),
                f"{link.detections:,}",
                f"{link.observations:,}",
                f"{link.window_s:.1f} s",
                f"{link.link_s:.1f} s",
                f"{link.peak_mb:.0f} MB",
            ]
            for link in measured.links
        ],
    )
    others = markdown(
        ["other work", "processor time"],
        [
            ["start of a worker with its models", f"{measured.start_s:.2f} s"],
            ["plan step, an hour", f"{measured.hour_plan_s:.2f} s"],
            ["serving a page of 1,000 observations", f"{measured.page_s:.4f} s"],
            ["collecting 1,000 observations", f"{collect_rate_s(measured) * 1000:.4f} s"],
        ],
    )
    faster = f"With two processors, the detect step is {measured.fan_out.speedup:.2f} times as fast.\n"
    return f"{detecting}\n{faster}\n{linking}\n{others}"


def turnarounds(measured: Measured) -> str:
    """From the upload until the results are stored, in 1080p, by concurrency."""
    rows = []
    for concurrency in (default_setup(1.0).concurrency, LONG_VIDEOS):
        for slowness, name in SPEEDS:
            for minutes in LENGTHS_MIN:
                setup = replace(default_setup(slowness), concurrency=concurrency)
                times = turnaround(measured, measured.video("1080p"), minutes, setup)
                report = report_s(measured, interpolated(measured, minutes).observations, setup)
                rows.append(
                    [
                        f"{concurrency}",
                        name,
                        _length(minutes),
                        f"{times.segments}",
                        *(f"{seconds:.0f}" for seconds in times.steps_s.values()),
                        f"**{_clock(times.total_s)}**",
                        f"{report:.0f}",
                    ]
                )
    header = ["segments at once", "processor", "video", "segments", *times.steps_s, "total", "report"]
    return markdown(header, rows)


def aim(measured: Measured) -> str:
    """Whether an hour is done within three minutes, and what would make it faster."""
    rows = []
    for concurrency in CONCURRENCIES:
        cells = []
        for slowness, _ in SPEEDS:
            setup = replace(default_setup(slowness), concurrency=concurrency)
            cells.append(_verdict(_hour(measured, setup).total_s))
        rows.append([f"{concurrency} segments at once", *cells])
    more_memory, started, both = [], [], []
    for slowness, _ in SPEEDS:
        setup = replace(default_setup(slowness), concurrency=LONG_VIDEOS)
        now = _hour(measured, setup)
        larger = _hour(measured, replace(setup, memory_mb=MORE_MEMORY_MB))
        dearer = larger.detect_gb_s / now.detect_gb_s - 1
        more_memory.append(f"{_verdict(larger.total_s)}; detection costs {dearer:+.0%}")
        started.append(_verdict(now.total_s - now.image_starts_s))
        both.append(_verdict(larger.total_s - larger.image_starts_s))
    rows += [
        [f"{LONG_VIDEOS}, with {MORE_MEMORY_MB:,} MB for `DetectSegment`", *more_memory],
        [f"{LONG_VIDEOS}, if the worker's image has started", *started],
        [f"{LONG_VIDEOS}, with both", *both],
    ]
    return markdown(["an hour in 1080p", *(name for _, name in SPEEDS)], rows)


def _hour(measured: Measured, setup: Setup) -> Turnaround:
    return turnaround(measured, measured.video("1080p"), HOUR_MIN, setup)


def _verdict(seconds: float) -> str:
    """Returns a time, and by how much it meets or misses the aim."""
    spare_s = AIM_S - ceil(seconds)
    return f"{_clock(seconds)}, " + (f"{spare_s} s to spare" if spare_s >= 0 else f"misses by {-spare_s} s")


def choices(measured: Measured) -> str:
    """An hour in 1080p by segment length and concurrency."""
    rows = []
    video = measured.video("1080p")
    for segment_s in (15, 30, 60, 120):
        cells = []
        for concurrency in CONCURRENCIES:
            setups = (
                replace(default_setup(slowness), concurrency=concurrency, segment_s=segment_s)
                for slowness, _ in SPEEDS
            )
            cells.append(" to ".join(_clock(_hour(measured, setup).total_s) for setup in setups))
        lengths_s = segment_lengths_s(video, HOUR_MIN, segment_s)
        processor_s = sum(segment_processor_s(measured, video, length_s) for length_s in lengths_s)
        whole_s = segment_processor_s(measured, video, HOUR_S)
        rows.append([f"{segment_s} s", f"{len(lengths_s)}", f"{processor_s / whole_s - 1:+.1%}", *cells])
    header = ["`SegmentSeconds`", "segments", "more work", *(f"{count} at once" for count in CONCURRENCIES)]
    return markdown(header, rows)


def beyond(measured: Measured) -> str:
    """What a quota of concurrent executions carries in a day, and what Fargate would cost instead."""
    rows = []
    for slowness, name in SPEEDS:
        setup = default_setup(slowness)
        hour = _hour(measured, setup)
        worker_s = hour.detect_gb_s / (setup.memory_mb / 1024)
        processor_hours = hour.detect_gb_s * 1024 / VCPU_MB / HOUR_S
        fargate = processor_hours * (
            prices.FARGATE_PROCESSORS.dollars + FARGATE_GB * prices.FARGATE_MEMORY.dollars
        )
        days = (
            jobs * DAY_S / _hour(measured, replace(setup, concurrency=segments)).execution_s
            for jobs, segments in MANY_VIDEOS
        )
        rows.append(
            [
                name,
                f"{worker_s:.0f} s",
                _round(EXECUTIONS * DAY_S / worker_s),
                *map(_round, days),
                f"${prices.LAMBDA_X86.of(hour.detect_gb_s):.3f}",
                f"${fargate:.3f}",
            ]
        )
    return markdown(
        [
            "processor",
            "detection of an hour",
            f"{EXECUTIONS:,} executions that only detect",
            *(f"{jobs} jobs with {segments} segments" for jobs, segments in MANY_VIDEOS),
            "detection on Lambda",
            "on Fargate",
        ],
        rows,
    )


def _round(hours: float) -> str:
    """Returns hours of video a day, which are not known more exactly than to two digits."""
    return f"{float(f'{hours:.2g}'):,.0f} h a day"


def _length(minutes: int) -> str:
    return f"{minutes} min" if minutes < HOUR_MIN else f"{minutes // HOUR_MIN} h"


def _clock(seconds: float) -> str:
    minutes, rest_s = divmod(ceil(seconds), 60)
    return f"{minutes}:{rest_s:02}"


def tables(measured: Measured) -> dict[str, str]:
    """Returns all tables by name."""
    head = f"{measured.machine}; {measured.date}\n\n"
    return {
        "fan-out": head + fan_out(measured),
        "fan-out-of-jobs": fan_out_of_jobs(measured),
        "rates": head + rates(measured),
        "turnaround": turnarounds(measured),
        "aim": aim(measured),
        "choices": choices(measured),
        "beyond": beyond(measured),
    }

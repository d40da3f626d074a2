"""Calculates how long a video takes on AWS, from the times that were measured here.

What could not be measured here is a constant of this module, with its source or as an assumption.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from math import ceil

from benchmarks.scaling.measuring import Measured, VideoTime
from people_pathing.engine.planning.plan import plan_by_work
from people_pathing.engine.tracking.association import plan_windows
from people_pathing.engine.video import VideoMetadata, VideoSummary
from people_pathing.service.result_pages.layout import BLOCK_BYTES, PAGE_SIZE, PageRange
from people_pathing.service.result_pages.sequential_reads import SequentialReads
from people_pathing.service.steps.plan import MAX_SEGMENTS
from tests.template.translated import source

VCPU_MB = 1769
"""Memory of a function that has one virtual processor. Source: "Configure Lambda function memory" in the
AWS Lambda Developer Guide."""
MAP_CONCURRENCY = 40
"""Most iterations of an inline map at once ("Using Map state in Inline mode" in the AWS Step Functions
Developer Guide)."""
FIRST_BYTE_S = 0.1
"""Until a reply of S3 begins: 100 to 200 ms ("Performance design patterns" in the Amazon S3 User Guide)."""
MEGABYTE_S = 0.012
"""For each further megabyte of the reply (the same source)."""
IMAGE_START_S = 5.0
"""Until the program of the worker's image runs in a new environment. An assumption: it was not measured."""
ZIP_START_S = 1.0
"""The same for a zip function, with its imports. An assumption."""
NOTICE_S = 0.5
"""Until an event of S3 or a notice of SNS reaches its function. An assumption."""
REQUEST_S = 0.01
"""For each request to the API: its invocation and the network, besides the work of both functions. An
assumption."""
SECOND = 1_000_000
MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Setup:
    """How the stack is deployed.

    Attributes:
        slowness: how many times longer Lambda's processor takes than the one of the measurements.
        concurrency: MaxConcurrentSegments.
        memory_mb: memory of DetectSegment.
        segment_s: SegmentSeconds.
    """

    slowness: float
    concurrency: int
    memory_mb: int
    segment_s: float

    @property
    def vcpus(self) -> float:
        """Virtual processors of DetectSegment."""
        return self.memory_mb / VCPU_MB


@dataclass(frozen=True, slots=True)
class Turnaround:
    """From the upload of a video until its results are stored, in seconds.

    Attributes:
        segments: how many segments it has.
        start_s: until the execution is started.
        plan_s: the plan step.
        detect_s: all detect steps.
        associate_s: all associate steps.
        link_s: the link step.
        collect_s: the notice, and collecting the results.
        detect_gb_s: what all detect steps are billed, in gigabyte-seconds, if every environment is new.
    """

    segments: int
    start_s: float
    plan_s: float
    detect_s: float
    associate_s: float
    link_s: float
    collect_s: float
    detect_gb_s: float

    @property
    def steps_s(self) -> dict[str, float]:
        """The time of each step by name, in order."""
        return {
            "start": self.start_s,
            "plan": self.plan_s,
            "detect": self.detect_s,
            "associate": self.associate_s,
            "link": self.link_s,
            "collect": self.collect_s,
        }

    @property
    def total_s(self) -> float:
        """The whole time."""
        return sum(self.steps_s.values())


def memory_mb(function: str) -> int:
    """Returns the memory of a function, as the template says."""
    template = source()
    properties = template["Resources"][function]["Properties"]
    return int(properties.get("MemorySize", template["Globals"]["Function"]["MemorySize"]))


def default_setup(slowness: float) -> Setup:
    """Returns the stack with the defaults of the template."""
    parameters = source()["Parameters"]
    return Setup(
        slowness,
        int(parameters["MaxConcurrentSegments"]["Default"]),
        memory_mb("DetectSegment"),
        float(parameters["SegmentSeconds"]["Default"]),
    )


def one_thread_s(processor_s: float, slowness: float, memory: int) -> float:
    """Returns how long a step takes that uses one thread."""
    return processor_s * slowness / min(1.0, memory / VCPU_MB)


def metadata_of(video: VideoTime, minutes: float) -> VideoMetadata:
    """Returns the metadata of a longer video of the same kind."""
    width_px, height_px = {"720p": (1280, 720), "1080p": (1920, 1080), "4K": (3840, 2160)}[video.size]
    return VideoMetadata("h264", "QuickTime / MOV", round(minutes * 60_000), 30.0, width_px, height_px, None)


def segment_lengths_s(video: VideoTime, minutes: float, segment_s: float) -> list[float]:
    """Returns the lengths of the segments that the plan step makes."""
    metadata = metadata_of(video, minutes)
    size_bytes = round(video.video_bytes * minutes * 60 / video.seconds)
    summary = VideoSummary("video", metadata, size_bytes, is_seekable=True, key_interval_s=2.0)
    segments = plan_by_work(summary, video.work, segment_s=segment_s, max_segments=MAX_SEGMENTS)
    end_us = metadata.duration_ms * 1000
    return [((one.end_us or end_us) - one.start_us) / SECOND for one in segments]


def segment_processor_s(measured: Measured, video: VideoTime, length_s: float) -> float:
    """Returns the processor time of one detect step, on the machine of the measurements.

    A cut costs the frames around it, which are decoded and compared twice. That was measured for one size,
    and is assumed to be in proportion to the work in others.
    """
    divided = measured.fan_out
    counts = sorted(map(int, divided.cut_s))
    most = counts[-1]
    per_cut_s = max(0.0, divided.cut_s[str(most)] - divided.cut_s["1"]) / (most - 1)
    cut_share = per_cut_s / (divided.cut_s["1"] / divided.seconds)
    return video.detect_s / video.seconds * (length_s + cut_share)


def detect_step_s(measured: Measured, video: VideoTime, length_s: float, setup: Setup) -> float:
    """Returns how long one detect step takes in an environment that has its models already."""
    processor_s = segment_processor_s(measured, video, length_s)
    vcpus = setup.vcpus
    if vcpus > 1:
        # The thread that decodes is not divided, and threads disturb each other.
        vcpus = min(vcpus, 1 / video.calling_thread_share)
        processor_s *= max(1.0, measured.fan_out.two_threads_s / measured.fan_out.cut_s["1"])
    read_mb = video.video_bytes * length_s / video.seconds / MEGABYTE
    requests = ceil(read_mb / 4.19) + 1
    return processor_s * setup.slowness / vcpus + requests * FIRST_BYTE_S + read_mb * MEGABYTE_S


def makespan_s(durations_s: Iterable[float], workers: int, start_s: float) -> float:
    """Returns when the last of some tasks ends. Each worker has to start, and then takes the next task."""
    free = [start_s] * workers
    end_s = 0.0
    for duration_s in durations_s:
        begun_s = heapq.heappop(free)
        end_s = max(end_s, begun_s + duration_s)
        heapq.heappush(free, begun_s + duration_s)
    return end_s


def turnaround(measured: Measured, video: VideoTime, minutes: float, setup: Setup) -> Turnaround:
    """Calculates a video that is uploaded to a stack whose functions have not run lately."""
    slowness, new_s = setup.slowness, IMAGE_START_S
    lengths_s = segment_lengths_s(video, minutes, setup.segment_s)
    detect_each_s = [detect_step_s(measured, video, length_s, setup) for length_s in lengths_s]
    models_s = one_thread_s(measured.start_s, slowness, setup.memory_mb)
    workers = min(setup.concurrency, MAP_CONCURRENCY, len(lengths_s))
    detect_s = makespan_s(detect_each_s, workers, new_s + models_s)
    link = interpolated(measured, minutes)
    windows = len(plan_windows(metadata_of(video, minutes)))
    needed_segments = ceil(len(lengths_s) / windows) + 1
    window_s = needed_segments * FIRST_BYTE_S + one_thread_s(
        link.window_s, slowness, memory_mb("AssociateWindow")
    )
    waves = ceil(windows / min(setup.concurrency, MAP_CONCURRENCY)) if windows > 1 else 0
    link_processor_s = link.link_s + (link.window_s if windows == 1 else 0.0)
    pages = ceil(link.observations / PAGE_SIZE)
    collect_s = one_thread_s(
        link.observations * collect_rate_s(measured), slowness, memory_mb("CollectResults")
    )
    return Turnaround(
        segments=len(lengths_s),
        start_s=NOTICE_S + 2 * ZIP_START_S,
        plan_s=new_s
        + one_thread_s(measured.start_s + measured.hour_plan_s, slowness, memory_mb("PlanJob"))
        + 2 * FIRST_BYTE_S,
        detect_s=detect_s,
        associate_s=new_s + waves * window_s if waves else 0.0,
        link_s=new_s
        + len(lengths_s) * FIRST_BYTE_S
        + one_thread_s(link_processor_s, slowness, memory_mb("LinkTracks")),
        # A page is read while the one before it is stored.
        collect_s=2 * ZIP_START_S
        + NOTICE_S
        + max(serving_s(measured, pages, slowness) + pages * REQUEST_S, collect_s),
        detect_gb_s=(sum(detect_each_s) + workers * (new_s + models_s)) * setup.memory_mb / 1024,
    )


def serving_s(measured: Measured, pages: int, slowness: float) -> float:
    """Returns how long the API works and waits for S3 while a client requests the pages of a result in turn.

    One environment serves them, as it does while no other client reads a result.
    """
    reads = reads_of_pages(pages)
    return (
        pages * one_thread_s(measured.page_s, slowness, memory_mb("TrackingApi"))
        + len(reads) * FIRST_BYTE_S
        + sum(reads) / MEGABYTE * MEGABYTE_S
    )


@cache
def reads_of_pages(pages: int) -> tuple[int, ...]:
    """Returns the bytes of each read of S3 that the API makes for so many pages in turn."""
    sizes: list[int] = []

    def read_range(_: str, start: int, end: int) -> bytes:
        sizes.append(min(end, pages * BLOCK_BYTES) - start)
        return b""

    reads = SequentialReads(read_range, lambda: 0)
    for number in range(pages):
        read = reads.next_page if number else reads.first_page
        read("account", "key", PageRange("INDEX", number * PAGE_SIZE, PAGE_SIZE))
    return tuple(sizes)


@dataclass(frozen=True, slots=True)
class Link:
    """The last steps of a video of any length, on the machine of the measurements.

    Attributes:
        window_s: one tracking window.
        link_s: the link step.
        observations: how many observations are reported.
        result_bytes: size of the result object.
    """

    window_s: float
    link_s: float
    observations: int
    result_bytes: int


def interpolated(measured: Measured, minutes: float) -> Link:
    """Returns the last steps of a video, in proportion to the next longer one that was measured."""
    known = next((one for one in measured.links if one.minutes >= minutes), measured.links[-1])
    share = minutes / known.minutes
    windows = len(plan_windows(VideoMetadata("", "", round(minutes * 60_000), 30.0, 1, 1, None)))
    return Link(
        known.window_s * known.windows * share / windows,
        known.link_s * share,
        round(known.observations * share),
        round(known.result_bytes * share),
    )


def collect_rate_s(measured: Measured) -> float:
    """Returns the processor time of collecting one observation."""
    fewer, more = measured.results
    return (more.collect_s - fewer.collect_s) / (more.observations - fewer.observations)

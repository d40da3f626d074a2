"""Calculates how long a video takes on AWS, from the times that were measured here."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil
from statistics import median

from benchmarks.scaling.aws import (
    CALL_S,
    IMAGE_START_S,
    MAP_CONCURRENCY,
    MEGABYTE,
    MEGABYTE_S,
    NOTICE_S,
    TRANSITION_S,
    UPLOAD_CALLS,
    ZIP_START_S,
    Setup,
    memory_mb,
    one_thread_s,
)
from benchmarks.scaling.collecting import collect_s
from benchmarks.scaling.measuring import Measured, VideoTime
from people_pathing.common.read_ahead import READS_AHEAD
from people_pathing.engine.planning.plan import plan_by_work
from people_pathing.engine.tracking.association import plan_windows
from people_pathing.engine.video import VideoMetadata, VideoSummary
from people_pathing.service.steps.plan import MAX_SEGMENTS
from people_pathing.service.videos.reader import BLOCK_BYTES

SECOND = 1_000_000
STATES = 5
"""Transitions to PlanJob, the maps, LinkTracks and PublishCompletion. An execution has ended after that."""
START_CALLS, END_CALLS = 12, 6
"""Calls of StartTracking and TrackingApi for an upload, and of PublishCompletion for a job (counted in the
simulator)."""


@dataclass(frozen=True, slots=True)
class Turnaround:
    """From the upload of a video until its results are stored, in seconds.

    Attributes:
        segments: how many segments it has.
        start_s: until the execution is started.
        plan_s: the plan step.
        detect_s: all detect steps.
        associate_s: all associate steps.
        window_s: one of them, without the start of its environment.
        link_s: the link step.
        between_s: state transitions between the steps, and the last step, which sends the notice.
        collect_s: the notice, and collecting the results.
        detect_gb_s: what all detect steps are billed, in gigabyte-seconds, if every environment is new.
        image_starts_s: how much of the steps is the start of new environments of the worker.
    """

    segments: int
    start_s: float
    plan_s: float
    detect_s: float
    associate_s: float
    window_s: float
    link_s: float
    between_s: float
    collect_s: float
    detect_gb_s: float
    image_starts_s: float

    @property
    def steps_s(self) -> dict[str, float]:
        """The time of each step by name, in order."""
        return {
            "start": self.start_s,
            "plan": self.plan_s,
            "detect": self.detect_s,
            "associate": self.associate_s,
            "link": self.link_s,
            "between": self.between_s,
            "collect": self.collect_s,
        }

    @property
    def total_s(self) -> float:
        """The whole time."""
        return sum(self.steps_s.values())

    @property
    def execution_s(self) -> float:
        """How long the job holds its slot."""
        return self.total_s - self.start_s - self.collect_s


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
    most = max(map(int, divided.cut_s))
    alone_s, cut_s = (median(divided.cut_s[count]) for count in ("1", str(most)))
    per_cut_s = max(0.0, cut_s - alone_s) / (most - 1)
    cut_share = per_cut_s / (alone_s / divided.seconds)
    return video.detect_s / video.seconds * (length_s + cut_share)


def speedup(measured: Measured, video: VideoTime, vcpus: float) -> float:
    """Returns how many times faster a detect step is with so many processors than with one.

    Amdahl's law, with the share of the work for one processor that explains the measured speed-up with two.
    The thread that decodes is not divided.
    """
    if vcpus <= 1:
        return vcpus
    not_divided = max(0.0, 2 / measured.fan_out.speedup - 1)
    return min(1 / (not_divided + (1 - not_divided) / vcpus), 1 / video.calling_thread_share)


def detect_step_s(measured: Measured, video: VideoTime, length_s: float, setup: Setup) -> float:
    """Returns how long one detect step takes in an environment that has its models already."""
    processor_s = segment_processor_s(measured, video, length_s)
    read_bytes = video.video_bytes * length_s / video.seconds
    # The plan, the video's index, its blocks, and the detections that are stored.
    requests = ceil(read_bytes / BLOCK_BYTES) + 3
    return (
        processor_s * setup.slowness / speedup(measured, video, setup.vcpus)
        + requests * setup.first_byte_s
        + read_bytes / MEGABYTE * MEGABYTE_S
    )


def makespan_s(durations_s: Iterable[float], workers: int, start_s: float) -> float:
    """Returns when the last of some tasks ends. Each worker has to start, and then takes the next task."""
    free = [start_s] * workers
    end_s = 0.0
    for duration_s in durations_s:
        begun_s = heapq.heappop(free)
        end_s = max(end_s, begun_s + duration_s)
        heapq.heappush(free, begun_s + duration_s)
    return end_s


def detection_s(measured: Measured, video: VideoTime, minutes: float, setup: Setup) -> tuple[float, float]:
    """Returns how long all detect steps take, and how long they are billed."""
    lengths_s = segment_lengths_s(video, minutes, setup.segment_s)
    each_s = [detect_step_s(measured, video, length_s, setup) for length_s in lengths_s]
    start_s = IMAGE_START_S + one_thread_s(measured.start_s, setup.slowness, setup.memory_mb)
    workers = min(setup.concurrency, MAP_CONCURRENCY, len(each_s))
    elapsed_s = makespan_s([TRANSITION_S + one_s for one_s in each_s], workers, start_s)
    return elapsed_s, sum(each_s) + workers * start_s


def turnaround(measured: Measured, video: VideoTime, minutes: float, setup: Setup) -> Turnaround:
    """Calculates a video that is uploaded to a stack whose functions have not run lately."""
    slowness, first_byte_s = setup.slowness, setup.first_byte_s
    segments = len(segment_lengths_s(video, minutes, setup.segment_s))
    detect_s, billed_s = detection_s(measured, video, minutes, setup)
    stored_mb = video.segment_bytes * minutes * 60 / video.seconds / MEGABYTE
    link = interpolated(measured, minutes)
    windows = len(plan_windows(metadata_of(video, minutes)))
    # The plan, the segments, and the successors that are stored.
    window_s = (
        (2 + ceil((ceil(segments / windows) + 1) / READS_AHEAD)) * first_byte_s
        + stored_mb / windows * MEGABYTE_S
        + one_thread_s(link.window_s, slowness, memory_mb("AssociateWindow"))
    )
    windows = windows if windows > 1 else 0
    waves = ceil(windows / min(setup.concurrency, MAP_CONCURRENCY))
    link_processor_s = link.link_s + (0.0 if windows else link.window_s)
    return Turnaround(
        segments=segments,
        start_s=NOTICE_S + 2 * ZIP_START_S + START_CALLS * CALL_S,
        # The video's beginning and its index are read, and the plan is stored.
        plan_s=IMAGE_START_S
        + one_thread_s(measured.start_s + measured.hour_plan_s, slowness, memory_mb("PlanJob"))
        + 3 * first_byte_s,
        detect_s=detect_s,
        associate_s=IMAGE_START_S + waves * (TRANSITION_S + window_s) if windows else 0.0,
        window_s=window_s if windows else 0.0,
        link_s=IMAGE_START_S
        + (1 + ceil(segments / READS_AHEAD) + windows + UPLOAD_CALLS) * first_byte_s
        + (stored_mb + link.result_bytes / MEGABYTE) * MEGABYTE_S
        + one_thread_s(link_processor_s, slowness, memory_mb("LinkTracks")),
        between_s=STATES * TRANSITION_S + ZIP_START_S + END_CALLS * CALL_S,
        collect_s=NOTICE_S + ZIP_START_S + collect_s(measured, link.observations, setup),
        detect_gb_s=billed_s * setup.memory_mb / 1024,
        image_starts_s=(4 if windows else 3) * IMAGE_START_S,
    )


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

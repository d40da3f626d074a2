"""Cuts a video into segments and detects people, their appearance and their faces in one segment.

Sampled frames are searched in parallel, one thread per processor, while the calling thread decodes. The
results are in the order of the frames and do not depend on the number of threads.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from math import inf

from people_pathing.engine.decoding import VideoDecoder, ignore, open_video, summarize
from people_pathing.engine.detect_step.frame_flow import FrameFlow
from people_pathing.engine.detect_step.people import PeopleSearch
from people_pathing.engine.detect_step.sampled_frame import SampledFrame
from people_pathing.engine.detect_step.schedule import SearchSchedule, first_needed_us, memory_us, pause_us
from people_pathing.engine.detections import Detections, DetectionsWriter, concatenate
from people_pathing.engine.interfaces import Detector, FaceDetector, Reidentifier
from people_pathing.engine.models import Progress
from people_pathing.engine.planning.work import WorkMeter
from people_pathing.engine.sampling import sampling_step, search_interval
from people_pathing.engine.scene.masks import MaskedAreas, Masks
from people_pathing.engine.video import Segment, VideoMetadata, VideoSource, cut

MAX_INPUT_PIXELS = 20_000_000
"""Pixels that detectors search at the same time. YOLOX-nano needs 115 bytes for each."""


def plan_segments(source: VideoSource, *, count: int) -> tuple[VideoMetadata, tuple[Segment, ...]]:
    """Describes a video and cuts it into segments, without decoding more than its first frame.

    A video in which decoding cannot start in the middle gets one segment.

    Args:
        source: the video.
        count: number of segments.

    Raises:
        VideoError: The source is not a video or its first frame cannot be decoded.
    """
    video = summarize(source)
    return video.metadata, cut(video.metadata.duration_ms, count if video.is_seekable else 1)


def detect_segment(
    source: VideoSource,
    segment: Segment,
    detector: Detector,
    *,
    face_detector: FaceDetector | None = None,
    reidentifier: Reidentifier | None = None,
    sample_fps: float | None = None,
    frame_rate: float | None = None,
    search_fps: float | None = None,
    skip_still: bool = True,
    camera_motion: bool = True,
    masks: Masks = (),
    on_progress: Progress | None = None,
    meter: WorkMeter | None = None,
) -> Detections:
    """Detects the people in the sampled frames of one segment.

    The concatenated detections of all segments are the same for every plan.

    Args:
        source: the video.
        segment: part of the video.
        detector: finds people.
        face_detector: finds their faces; None for no face detection.
        reidentifier: describes how they look, once a second; None for no embeddings.
        sample_fps: frames per second to sample; see `sampling.sampling_step`.
        frame_rate: frames per second that replace the times in the file; None to trust them.
        search_fps: frames per second in which people are searched; see `sampling.search_interval`.
        skip_still: whether the people of the last search are taken again where nothing moves.
        camera_motion: whether the motion of the camera is estimated.
        masks: areas that are never analysed; see `track_video`.
        on_progress: receives the share of the segment that is done, 0..1.
        meter: counts the work and stops it if it gets too much; None for any amount of work.

    Raises:
        VideoError: The source is not a video, or the meter stopped the work.
        ValueError: sample_fps or search_fps is not above 0, or a mask is not possible.
        TypeError: The masks are not lists of points.
    """
    writer = DetectionsWriter()
    areas = MaskedAreas(masks)
    options = _Options(sample_fps, search_fps, skip_still, camera_motion)
    with open_video(source, meter.add_packet if meter else ignore, frame_rate=frame_rate) as video:
        share = _share_done(video, segment) if on_progress else None
        frame_size = video.width_px, video.height_px
        search = PeopleSearch(detector, face_detector, reidentifier, frame_size, areas)
        for part in _detected(video, segment, search, options, areas, meter):
            writer.append(part)
            if on_progress and share and len(part.timestamps_us):
                on_progress(share(int(part.timestamps_us[-1])))
    if on_progress:
        on_progress(1.0)
    return writer.finish()


def available_cpus() -> int:
    """Returns the number of processors that this process may use, which is the number of threads."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class _Options:
    sample_fps: float | None
    search_fps: float | None
    skip_still: bool
    camera_motion: bool


def _share_done(video: VideoDecoder, segment: Segment) -> Callable[[int], float]:
    end_us = segment.end_us or video.metadata.duration_ms * 1000
    length_us = max(end_us - segment.start_us, 1)
    return lambda timestamp_us: min(1.0, (timestamp_us - segment.start_us) / length_us)


def _detected(
    video: VideoDecoder,
    segment: Segment,
    search: PeopleSearch,
    options: _Options,
    areas: MaskedAreas,
    meter: WorkMeter | None,
) -> Iterator[Detections]:
    """Yields one part per sampled frame.

    A part also counts the unsampled frames before it. The last part counts those after the last sampled one.
    """
    step = sampling_step(video.frame_rate, options.sample_fps)
    sampled_fps = float(video.frame_rate / step)
    memory, pause = memory_us(sampled_fps), pause_us(sampled_fps)
    # Decisions depend on frames around the segment, which are decoded and compared, but not searched.
    end_us = segment.end_us
    seen = Segment(
        segment.index,
        first_needed_us(segment.start_us, memory),
        None if end_us is None else end_us + pause,
    )
    width_px, height_px = search.input_size
    threads = max(1, min(available_cpus(), MAX_INPUT_PIXELS // (width_px * height_px)))
    schedule = SearchSchedule[SampledFrame](
        search_interval(
            sampled_fps,
            options.search_fps,
            sample_fps=options.sample_fps,
            with_faces=search.searches_faces,
        ),
        skip_still=options.skip_still,
    )
    unsampled = 0
    with ThreadPoolExecutor(threads, thread_name_prefix="detect") as pool:
        flow = FrameFlow(
            video,
            search,
            pool,
            threads,
            schedule,
            areas,
            memory,
            pause,
            camera_motion=options.camera_motion,
        )
        for frame in video.frames(seen, options.sample_fps):
            is_inside = segment.start_us <= frame.timestamp_us < (inf if end_us is None else end_us)
            if not frame.is_sampled:
                unsampled += is_inside
                continue
            if meter and is_inside:
                meter.add_sample(frame.timestamp_us)
            flow.add(frame, unsampled=unsampled if is_inside else 0, is_inside=is_inside)
            unsampled = 0 if is_inside else unsampled
            yield from flow.results()
        yield from flow.results(at_end=True)
    expected = unsampled + video.lost_frame_count(segment)
    yield replace(concatenate([]), frame_count=unsampled, expected_frame_count=expected)

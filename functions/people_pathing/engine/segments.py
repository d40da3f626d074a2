"""Cuts a video into segments and detects people, their appearance and their faces in one segment.

Sampled frames are searched in parallel, one thread per processor, while the calling thread decodes. The
results are in the order of the frames and do not depend on the number of threads.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from people_pathing.engine.checks.detector_output import checked_detections, input_size
from people_pathing.engine.decoding import VideoDecoder, ignore, open_video, summarize
from people_pathing.engine.detections import FIXED_CAMERA, Detections, DetectionsWriter, concatenate
from people_pathing.engine.faces.search import find_faces
from people_pathing.engine.interfaces import Detector, FaceDetector, Image
from people_pathing.engine.models import Progress
from people_pathing.engine.planning.work import WorkMeter
from people_pathing.engine.tracking import appearance
from people_pathing.engine.video import Segment, VideoMetadata, VideoSource, cut

WAITING_FRAMES = 2
"""Decoded frames that may wait per thread: enough to keep every thread busy, few enough to need little
memory."""
MAX_INPUT_PIXELS = 20_000_000
"""Pixels that detectors search at the same time. YOLOX-nano needs 115 bytes for each."""
MAX_PEOPLE = 150
"""People per frame, the best first. Association compares each with each of the frame before. For a window
with so many people it takes six minutes."""


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
    sample_fps: float | None = None,
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
        sample_fps: frames per second to sample; see `sampling.sampling_step`.
        on_progress: receives the share of the segment that is done, 0..1.
        meter: counts the work and stops it if it gets too much; None for any amount of work.

    Raises:
        VideoError: The source is not a video, or the meter stopped the work.
    """
    writer = DetectionsWriter()
    with open_video(source, meter.add_packet if meter else ignore) as video:
        share = _share_done(video, segment) if on_progress else None
        for part in _detected(video, segment, detector, face_detector, sample_fps, meter):
            writer.append(part)
            if on_progress and share and len(part.timestamps_us):
                on_progress(share(int(part.timestamps_us[-1])))
    if on_progress:
        on_progress(1.0)
    return writer.finish()


def available_cpus() -> int:
    """Returns the number of processors that this process may use, which is the number of threads."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _share_done(video: VideoDecoder, segment: Segment) -> Callable[[int], float]:
    end_us = segment.end_us or video.metadata.duration_ms * 1000
    length_us = max(end_us - segment.start_us, 1)
    return lambda timestamp_us: min(1.0, (timestamp_us - segment.start_us) / length_us)


def _detected(
    video: VideoDecoder,
    segment: Segment,
    detector: Detector,
    face_detector: FaceDetector | None,
    sample_fps: float | None,
    meter: WorkMeter | None,
) -> Iterator[Detections]:
    """Yields one part per sampled frame.

    A part also counts the unsampled frames before it. The last part counts those after the last sampled one.
    """
    size = input_size(detector, video.width_px, video.height_px)
    scale = np.array([video.width_px / size[0], video.height_px / size[1]] * 2, np.float32)
    threads = max(1, min(available_cpus(), MAX_INPUT_PIXELS // (size[0] * size[1])))
    waiting: deque[Future[Detections]] = deque()
    unsampled = 0

    def search(image: Image, picture: Image | None, unsampled: int, timestamp_us: int) -> Detections:
        boxes, scores = (
            best[:MAX_PEOPLE] for best in checked_detections(detector, detector.detect(image), *size)
        )
        found = Detections(
            frame_numbers=np.array([unsampled], np.int64),
            timestamps_us=np.array([timestamp_us], np.int64),
            searched=np.ones(1, np.bool_),
            cuts=np.zeros(1, np.bool_),
            camera_steps=np.array([FIXED_CAMERA], np.float32),
            frame_count=unsampled + 1,
            expected_frame_count=unsampled + 1,
            rows=np.zeros(len(boxes), np.int32),
            boxes=boxes * scale,
            scores=scores,
            descriptors=appearance.describe(image, boxes),
        )
        if face_detector is None or picture is None:
            return found
        return replace(found, faces=find_faces(picture, found.boxes, scores, face_detector))

    with ThreadPoolExecutor(threads, thread_name_prefix="detect") as pool:
        for frame in video.frames(segment, sample_fps):
            if not frame.is_sampled:
                unsampled += 1
                continue
            if meter:
                meter.add_sample()
            image = video.image(frame, *size)
            # Faces are small, so they are searched at full resolution.
            picture = video.image(frame, video.width_px, video.height_px) if face_detector else None
            waiting.append(pool.submit(search, image, picture, unsampled, frame.timestamp_us))
            unsampled = 0
            if len(waiting) > threads * (1 + WAITING_FRAMES):
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    yield replace(concatenate([]), frame_count=unsampled, expected_frame_count=unsampled)

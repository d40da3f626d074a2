"""The detect step: every sampled frame of a segment, decoded, and searched for people, their looks and faces.

Frames are searched side by side, one thread of the machine each, while this thread decodes; what comes out
is in the order of the frames and does not depend on how many threads there are.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from people_pathing.engine.decoding import Video, open_video
from people_pathing.engine.detections import Detections, DetectionsWriter, concatenate
from people_pathing.engine.detector import Detector
from people_pathing.engine.faces.search import FaceDetector, find_faces
from people_pathing.engine.tracking import appearance
from people_pathing.engine.video import Segment, VideoSource

# Decoded frames that may wait, a thread: enough that none of them ever does, few enough to need no memory.
WAITING_FRAMES = 2

Progress = Callable[[float], None]


def detect_segment(
    source: VideoSource,
    segment: Segment,
    detector: Detector,
    *,
    face_detector: FaceDetector | None = None,
    sample_fps: float | None = None,
    on_progress: Progress | None = None,
) -> Detections:
    """Find the people in the sampled frames of one segment of a video.

    face_detector what finds their faces; None: nobody looks for them
    sample_fps    how many frames a second to look at, see `frames.sampling_step`; `math.inf` means all
    on_progress   called with the share of the segment that is done, 0..1

    The detections of all segments of a plan, concatenated, are the same for whatever plan.
    Raises VideoError where the source is no video.
    """
    writer = DetectionsWriter()
    with open_video(source) as video:
        share = _share_done(video, segment) if on_progress else None
        for part in _detected(video, segment, detector, face_detector, sample_fps):
            writer.append(part)
            if on_progress and share and len(part.timestamps_us):
                on_progress(share(int(part.timestamps_us[-1])))
    if on_progress:
        on_progress(1.0)
    return writer.finish()


def _share_done(video: Video, segment: Segment) -> Callable[[int], float]:
    end_us = segment.end_us or video.metadata.duration_ms * 1000
    span_us = max(end_us - segment.start_us, 1)
    return lambda timestamp_us: min(1.0, (timestamp_us - segment.start_us) / span_us)


def _detected(
    video: Video,
    segment: Segment,
    detector: Detector,
    face_detector: FaceDetector | None,
    sample_fps: float | None,
) -> Iterator[Detections]:
    """A part for each sampled frame, together with the unsampled ones before it; one for what is left."""
    size = detector.input_size(video.width_px, video.height_px)
    scale = np.array([video.width_px / size[0], video.height_px / size[1]] * 2, np.float32)
    threads = available_cpus()
    waiting: deque[Future[Detections]] = deque()
    passed = 0

    def search(
        image: NDArray[np.uint8], picture: NDArray[np.uint8] | None, passed: int, timestamp_us: int
    ) -> Detections:
        boxes, scores = detector.detect(image)
        found = Detections(
            frame_numbers=np.array([passed], np.int64),
            timestamps_us=np.array([timestamp_us], np.int64),
            frame_count=passed + 1,
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
                passed += 1
                continue
            image = video.image(frame, *size)
            # Faces need all pixels that there are.
            picture = video.image(frame, video.width_px, video.height_px) if face_detector else None
            waiting.append(pool.submit(search, image, picture, passed, frame.timestamp_us))
            passed = 0
            if len(waiting) > threads * (1 + WAITING_FRAMES):
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    yield replace(concatenate([]), frame_count=passed)


def available_cpus() -> int:
    """Processors that this process may use: how many frames are searched side by side."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

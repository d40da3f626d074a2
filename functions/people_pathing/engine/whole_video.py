"""The whole of the engine in one call: a video in, the paths of its people out."""

from __future__ import annotations

from importlib import import_module
from threading import Thread

from people_pathing.engine.decoding import read_metadata
from people_pathing.engine.detector import Detector, load_detector
from people_pathing.engine.faces.search import FaceDetector
from people_pathing.engine.segments import Progress, detect_segment
from people_pathing.engine.tracking.association import link_detections
from people_pathing.engine.tracks import TrackingResult
from people_pathing.engine.video import Segment, VideoSource

# Linking takes the rest; it is short, and not known in advance.
DETECTION_SHARE = 0.95


def track_video(
    source: VideoSource,
    *,
    detector: Detector | None = None,
    face_detector: FaceDetector | None = None,
    sample_fps: float | None = None,
    on_progress: Progress | None = None,
) -> TrackingResult:
    """Find the path of every person in a video.

    source        a path or a seekable binary file, anything that FFmpeg decodes
    detector      by default `load_detector()`
    face_detector by default none, and nobody looks for faces; `load_face_detector` makes one
    sample_fps    how many frames a second to look at: about 15 by default, `math.inf` for all
    on_progress   called with the share of the work that is done, 0..1

    Raises VideoError where the source is no video, OSError where it cannot be read.

        from people_pathing.engine import track_video
        for track in track_video("street.mp4").tracks:
            print(track.index, track.timestamps_ms[0], track.boxes[0])
    """
    metadata = read_metadata(source)
    # Linking loads a library that takes a second to do so; meanwhile people are looked for.
    Thread(target=import_module, args=["trackers"], daemon=True).start()

    def report(share: float) -> None:
        if on_progress:
            on_progress(share)

    detections = detect_segment(
        source,
        Segment(index=0, start_us=0, end_us=None),
        detector or load_detector(),
        face_detector=face_detector,
        sample_fps=sample_fps,
        on_progress=lambda share: report(share * DETECTION_SHARE),
    )
    tracks = link_detections(detections, metadata)
    report(1.0)
    return TrackingResult(metadata, detections.frame_count, detections.frame_numbers, tracks)

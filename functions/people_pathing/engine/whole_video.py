"""Runs the whole engine in one call: a video in, the paths of its people out."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from people_pathing.engine.interfaces import Detector, FaceDetector
    from people_pathing.engine.models import Progress
    from people_pathing.engine.tracks import TrackingResult
    from people_pathing.engine.video import VideoSource

DETECTION_SHARE = 0.95
"""Share of the progress that detection counts for. Association and linking are short and report nothing."""


def track_video(
    source: VideoSource,
    *,
    detector: Detector | None = None,
    face_detector: FaceDetector | None = None,
    sample_fps: float | None = None,
    on_progress: Progress | None = None,
) -> TrackingResult:
    """Finds the path of every person in a video.

        from people_pathing.engine import track_video

        for track in track_video("street.mp4").tracks:
            print(track.index, track.timestamps_ms[0], track.boxes[0])

    Args:
        source: a path or a seekable binary file, in any format that FFmpeg decodes.
        detector: finds people; None for `load_detector()`.
        face_detector: finds faces, see `load_face_detector`; None for no face detection.
        sample_fps: frames per second in which people are detected: None for about 15, `math.inf` for all.
        on_progress: receives the share of the work that is done, 0..1.

    Raises:
        VideoError: The source is not a video.
        OSError: The source does not exist or cannot be read.
        DetectorError: No detector is given, and the one that TRACKING_MODEL names is not usable; or OpenCV
            cannot be loaded.
        TypeError: A detector is not a detector but, for example, the name of one, or sample_fps is not a
            number.
        ValueError: sample_fps is not above 0.
    """
    # Here, so that `from people_pathing import track_video` is cheap.
    from people_pathing.engine.decoding import read_metadata
    from people_pathing.engine.sampling import check_sample_fps
    from people_pathing.engine.segments import detect_segment
    from people_pathing.engine.selection import load_detector
    from people_pathing.engine.tracking.paths import link_detections
    from people_pathing.engine.tracks import TrackingResult
    from people_pathing.engine.video import Segment

    _check_detector("detector", detector, 'load_detector("hog")')
    _check_detector("face_detector", face_detector, 'load_face_detector("centerface")')
    if sample_fps is not None:
        check_sample_fps(sample_fps)
    metadata = read_metadata(source)

    def report(share: float) -> None:
        if on_progress:
            on_progress(share)

    detections = detect_segment(
        source,
        Segment(index=0, start_us=0, end_us=None),
        load_detector() if detector is None else detector,
        face_detector=face_detector,
        sample_fps=sample_fps,
        on_progress=lambda share: report(share * DETECTION_SHARE),
    )
    tracks = link_detections(detections, metadata)
    report(1.0)
    return TrackingResult(metadata, detections.frame_count, detections.frame_numbers, tracks)


def _check_detector(argument: str, value: object, example: str) -> None:
    """Raises TypeError if an argument is neither None nor a detector. Names are a common mistake."""
    if value is not None and not hasattr(value, "detect"):
        raise TypeError(f"{argument} must be a detector, for example {example}, not {value!r}")

"""Runs the whole engine in one call: a video or detections in, the paths of people out."""

from __future__ import annotations

import logging
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from people_pathing.engine.detections import Detections
    from people_pathing.engine.interfaces import Detector, FaceDetector, Reidentifier
    from people_pathing.engine.models import Progress
    from people_pathing.engine.scene.masks import Masks
    from people_pathing.engine.tracking.settings import TrackerSettings
    from people_pathing.engine.tracks import TrackingResult
    from people_pathing.engine.video import VideoMetadata, VideoSource

logger = logging.getLogger(__name__)

LENGTH_TOLERANCE = 0.02
"""By how much the length of a video that its duration and frame rate give may differ from the number of its
frames."""
DETECTION_SHARE = 0.95
"""Share of the progress that detection counts for."""
ASSOCIATION_SHARE = 0.04
"""Share that association counts for. Linking comes last and reports nothing."""


def track_video(
    source: VideoSource,
    *,
    detector: Detector | None = None,
    face_detector: FaceDetector | None = None,
    reidentifier: Reidentifier | Literal["auto"] | None = "auto",
    sample_fps: float | None = None,
    frame_rate: float | None = None,
    settings: TrackerSettings | None = None,
    masks: Masks = (),
    on_progress: Progress | None = None,
) -> TrackingResult:
    """Finds the path of every person in a video.

        from people_pathing import track_video

        for track in track_video("street.mp4"):
            print(track.index, track.timestamps_ms[0], track.boxes[0])

    Args:
        source: a path or a seekable binary file, in any format that FFmpeg decodes.
        detector: finds people; None for `load_detector()`.
        face_detector: finds faces, see `load_face_detector`; None for no face detection.
        reidentifier: describes people for linking; "auto" for `load_reidentifier()`, None to link people by
            their colours only.
        sample_fps: frames per second in which people are searched and reported; `math.inf` for all. With
            None, they are reported in about 15, and searched in every second one of these.
        frame_rate: the video's frames per second, to replace the times in the file; None to trust them.
        settings: thresholds of tracking; None for the defaults.
        masks: areas that are never analysed: polygons whose vertices are (x, y) in ratios of the frame. Their
            pixels are filled with grey before anything looks at them, and people whose foot point is in one
            are not detected.
        on_progress: receives the share of the work that is done, 0..1.

    Raises:
        VideoError: The source is not a video, or of its many frames at most one can be decoded.
        OSError: The source does not exist, is a folder or cannot be read.
        DetectorError: No detector is given, and the one that TRACKING_MODEL names is not usable; or OpenCV
            cannot be loaded.
        TypeError: The source is not a file but, for example, a camera or an array of frames; a detector is
            not a detector but, for example, the name of one, or returns something else than boxes and scores;
            sample_fps is not a number; the masks are not lists of points.
        ValueError: The source is a URL; a mask has fewer than three vertices or one outside the frame;
            sample_fps is not above 0; a detector returns impossible boxes; returns should be recognised
            without a reidentifier.
    """
    # Here, so that `from people_pathing import track_video` is cheap.
    from people_pathing.engine.checks.coverage import check_decoded
    from people_pathing.engine.checks.detector_output import check_object
    from people_pathing.engine.checks.sources import check_source
    from people_pathing.engine.decoding import read_metadata
    from people_pathing.engine.sampling import check_sample_fps
    from people_pathing.engine.scene.masks import MaskedAreas
    from people_pathing.engine.segments import detect_segment
    from people_pathing.engine.selection import select_detector, select_reidentifier
    from people_pathing.engine.video import Segment, source_name

    check_source(source)
    check_object("detector", detector, "detect", 'load_detector("hog")')
    check_object("face_detector", face_detector, "detect", 'load_face_detector("centerface")')
    if reidentifier != "auto":
        check_object("reidentifier", reidentifier, "embed", "load_reidentifier()")
    _check_settings(settings)
    MaskedAreas(masks)
    if sample_fps is not None:
        check_sample_fps(sample_fps)
    if settings and settings.recognises_returns and reidentifier is None:
        raise ValueError("recognises_returns needs a reidentifier, for example load_reidentifier()")
    metadata = read_metadata(source, frame_rate=frame_rate)
    warnings = []
    if detector is None:
        people = select_detector()
        warnings.append(people.warning)
        detector = people.load()
    if reidentifier == "auto":
        reidentification = select_reidentifier()
        warnings.append(reidentification.warning)
        reidentifier = reidentification.load()
    known = tuple(warning for warning in warnings if warning)
    for warning in known:
        logger.warning("%s", warning)

    def report(share: float) -> None:
        if on_progress:
            on_progress(share)

    detections = detect_segment(
        source,
        Segment(index=0, start_us=0, end_us=None),
        detector,
        face_detector=face_detector,
        reidentifier=reidentifier,
        sample_fps=sample_fps,
        frame_rate=frame_rate,
        masks=masks,
        on_progress=lambda share: report(share * DETECTION_SHARE),
    )
    check_decoded(detections, source_name(source))
    result = _linked(
        detections,
        metadata,
        settings,
        known,
        on_progress=lambda share: report(DETECTION_SHARE + share * ASSOCIATION_SHARE),
    )
    report(1.0)
    return replace(result, masks=masks)


def track_detections(
    detections: ArrayLike | str | os.PathLike[str],
    metadata: VideoMetadata | None = None,
    *,
    frame_size: tuple[int, int] | None = None,
    frame_rate: float | None = None,
    settings: TrackerSettings | None = None,
) -> TrackingResult:
    """Finds the paths of people whom another program detected.

        from people_pathing import read_metadata, track_detections

        for track in track_detections("det.txt", read_metadata("street.mp4")):
            print(track.index, track.timestamps_ms[0], track.boxes[0])

    The pixels are not needed, so people are linked by their movement and size alone. Scores decide which
    detections start a path and which paths are dropped. If your scores are generally lower than those of the
    engine's detectors, lower `settings.best_score`, or rescale them.

    Args:
        detections: (N, 6 or more) numbers: frame from 1, id (ignored), left, top, width, height, and the
            score 0..1 if there is a seventh column; or the path of a file with such lines, separated by
            commas, for example a `det.txt` of the MOTChallenge.
        metadata: of the video; see `read_metadata`.
        frame_size: width and height of the frames in pixels, if there is no metadata.
        frame_rate: frames per second, if there is no metadata.
        settings: thresholds of tracking; None for the defaults.

    Raises:
        ValueError: A number in the detections is not possible; the message names the row. Or neither metadata
            nor both size and rate are given, or they are not above 0. Or returns should be recognised.
        TypeError: The detections are neither numbers nor a path.
        OSError: The file cannot be read.
    """
    from people_pathing.engine.motchallenge.reading import read_detections
    from people_pathing.engine.video import VideoMetadata, check_frame_rate

    _check_settings(settings)
    if settings and settings.recognises_returns:
        raise ValueError("recognises_returns needs the video's pixels; use track_video")
    if (metadata is None) == (frame_size is None) or (frame_size is None) != (frame_rate is None):
        raise ValueError("give metadata, for example read_metadata(path), or frame_size and frame_rate")
    if metadata is not None:
        if not isinstance(metadata, VideoMetadata):
            raise TypeError(f"metadata must be VideoMetadata, as read_metadata returns it, not {metadata!r}")
        frame_count = round(metadata.duration_ms * metadata.frame_rate / 1000)
        found = read_detections(detections, frame_rate=metadata.frame_rate, frame_count=frame_count)
        return _linked(found, metadata, settings, _length_warnings(found.frame_count, frame_count))
    assert frame_size is not None
    assert frame_rate is not None
    check_frame_rate(frame_rate)
    _check_frame_size(frame_size)
    found = read_detections(detections, frame_rate=frame_rate)
    duration_ms = int(found.frame_count * 1000 / frame_rate)
    unknown = VideoMetadata("unknown", "unknown", duration_ms, float(frame_rate), *frame_size, None)
    return _linked(found, unknown, settings)


def _check_frame_size(frame_size: Any) -> None:
    """Raises TypeError or ValueError if a frame size is not two numbers above 0."""
    try:
        width_px, height_px = frame_size
        is_possible = width_px > 0 and height_px > 0
    except (TypeError, ValueError):
        raise TypeError(f"frame_size must be (width, height) in pixels, not {frame_size!r}") from None
    if not is_possible:
        raise ValueError(f"frame_size must be above 0, not {frame_size}")


def _length_warnings(found_frame_count: int, frame_count: int) -> tuple[str, ...]:
    """Returns a warning if detections reach far beyond the end of the video, so perhaps belong to another."""
    if found_frame_count <= frame_count * (1 + LENGTH_TOLERANCE) + 1:
        return ()
    return (
        f"The detections reach frame {found_frame_count:,}, but the video has about {frame_count:,} frames.",
    )


def _linked(
    detections: Detections,
    metadata: VideoMetadata,
    settings: TrackerSettings | None,
    warnings: tuple[str, ...] = (),
    on_progress: Progress | None = None,
) -> TrackingResult:
    from people_pathing.engine.checks.coverage import coverage_warnings
    from people_pathing.engine.tracking.paths import link_detections
    from people_pathing.engine.tracks import TrackingResult

    return TrackingResult(
        metadata=metadata,
        frame_count=detections.frame_count,
        expected_frame_count=detections.expected_frame_count,
        sampled_frames=detections.frame_numbers,
        tracks=link_detections(detections, metadata, settings, on_progress=on_progress),
        warnings=(*warnings, *coverage_warnings(detections)),
    )


def _check_settings(settings: object) -> None:
    from people_pathing.engine.tracking.settings import TrackerSettings

    if settings is not None and not isinstance(settings, TrackerSettings):
        raise TypeError(f"settings must be TrackerSettings(...), not {settings!r}")

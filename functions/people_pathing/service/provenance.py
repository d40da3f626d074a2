"""How the worker, or the command line, makes a result: what is known about it before and after tracking."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from people_pathing import __version__
from people_pathing.common.clock import utc_text_to_second
from people_pathing.results.masks import Masks
from people_pathing.results.provenance import UNKNOWN, Provenance

if TYPE_CHECKING:
    from people_pathing.engine import Detector, FaceDetector, Reidentifier, VideoMetadata


def planned(
    metadata: VideoMetadata,
    detector: Detector,
    *,
    face_detector: FaceDetector | None,
    reidentifier: Reidentifier | None,
    sample_fps: float | None,
    masks: Masks = (),
) -> Provenance:
    """Returns what is known before people are detected.

    Args:
        metadata: the video.
        detector: finds people. The SHA-256 of a model is unknown if its user does not state it.
        face_detector: finds faces; None for no face detection.
        reidentifier: describes people; None for none.
        sample_fps: frames per second to sample; see `engine.sampling.sampling_step`.
        masks: areas of the picture that are never analysed.
    """
    from people_pathing.engine.sampling import sampling_step, search_interval

    created_ms = metadata.created_ms
    width_px, height_px = detector.input_size(metadata.frame_width, metadata.frame_height)
    sampled_fps = metadata.frame_rate / sampling_step(metadata.frame_rate, sample_fps)
    searched_fps = sampled_fps / search_interval(
        sampled_fps, sample_fps=sample_fps, with_faces=face_detector is not None
    )
    return Provenance(
        version=__version__,
        detector=detector.name,
        model_sha256=_model_sha256(detector),
        reidentifier=reidentifier.name if reidentifier else None,
        reidentification_model_sha256=_model_sha256(reidentifier),
        face_detector=face_detector.name if face_detector else None,
        face_model_sha256=_model_sha256(face_detector),
        sample_fps=round(sampled_fps, 3),
        search_fps=round(searched_fps, 3),
        input_width_px=width_px,
        input_height_px=height_px,
        masked_areas=len(masks),
        masks=masks,
        container_created_at=None if created_ms is None else utc_text_to_second(created_ms),
        picture_start_ms=metadata.start_ms,
    )


def completed(
    provenance: Provenance,
    frame_count: int,
    expected_frame_count: int,
    warnings: tuple[str, ...],
    tracked_ms: int,
) -> Provenance:
    """Returns what is known when the tracks are complete.

    Args:
        provenance: what was known before.
        frame_count: how many frames of the video were decoded.
        expected_frame_count: how many frames the file has.
        warnings: sentences about the result; they follow those that were known before.
        tracked_ms: when the tracks were complete, in milliseconds since the epoch.
    """
    return replace(
        provenance,
        tracked_at=utc_text_to_second(tracked_ms),
        frames_decoded=frame_count,
        frames_expected=expected_frame_count,
        warnings=(*provenance.warnings, *warnings),
    )


def _model_sha256(user: Detector | FaceDetector | Reidentifier | None) -> str | None:
    """Returns the SHA-256 of a model's file: None without a model, and UNKNOWN if its user does not say."""
    found: str | None = getattr(user, "model_sha256", UNKNOWN) if user else None
    return found

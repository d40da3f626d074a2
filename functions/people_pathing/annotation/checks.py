"""Finds wrong input before any work starts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from people_pathing.analysis.zones_file.sections import Mask
from people_pathing.annotation.choices import AllBut, Part
from people_pathing.annotation.errors import AnnotationError
from people_pathing.engine.video import VideoMetadata
from people_pathing.results.recording_time import RecordingTimeError, time_zone

SUFFIX = ".webm"
BEST_CRF, WORST_CRF = 0, 63
LENGTH_TOLERANCE_MS = 500
"""Another version of FFmpeg may find another end of the same damaged file."""
RATE_TOLERANCE = 0.01
MOST_LISTED = 20


@dataclass(frozen=True, slots=True)
class TrackedVideo:
    """What the results say about their video. A number is 0 if they do not say it.

    Attributes:
        name: of the video or of the results, for messages.
        duration_ms: its duration.
        frame_rate: its frames per second.
        width_px: width of its frames.
        height_px: height of its frames.
    """

    name: str
    duration_ms: int
    frame_rate: float
    width_px: int
    height_px: int


def require_webm(out: Path) -> None:
    """Raises AnnotationError if the name of a file would promise another format."""
    if out.suffix.lower() != SUFFIX:
        raise AnnotationError(f"{out} must end with {SUFFIX}: annotated videos are WebM files")


def require_other_file(out: Path, video: Path) -> None:
    """Raises AnnotationError if the annotated copy would replace the video, perhaps by another name."""
    if out.exists() and video.exists() and out.samefile(video):
        raise AnnotationError(f"{out} is the video itself; choose another file")


def require_blur(blur: object) -> None:
    """Raises AnnotationError if it is not known what to blur."""
    if blur is not None and blur not in get_args(Part) and not isinstance(blur, AllBut):
        raise AnnotationError(f'blur must be "faces", "people" or AllBut(index), not {blur!r}')


def require_masks(unknown_count: int, zones_masks: Sequence[Mask]) -> None:
    """Raises AnnotationError if people could stay visible in an area where they were not searched.

    Args:
        unknown_count: how many such areas there are whose place the results do not say.
        zones_masks: the masks of the zones file.
    """
    if unknown_count > len(zones_masks):
        raise AnnotationError(
            f"the video was tracked with masks, in which people were not searched: {unknown_count}. The "
            f"results do not say where they are, and the zones have {len(zones_masks)} masks. Give the "
            "zones.json that the video was tracked with (--zones FILE), or track it again"
        )


def require_timezone(name: str | None) -> None:
    """Raises AnnotationError if there is no such time zone."""
    try:
        time_zone(name or "UTC")
    except RecordingTimeError as error:
        raise AnnotationError(str(error)) from error


def require_crf(crf: object) -> None:
    """Raises AnnotationError if a quality is not possible."""
    if crf is not None and (not isinstance(crf, int) or not BEST_CRF <= crf <= WORST_CRF):
        raise AnnotationError(f"crf must be a whole number from {BEST_CRF} to {WORST_CRF}, not {crf!r}")


def require_person(index: int, known: Iterable[int]) -> None:
    """Raises AnnotationError if the results have no person with a number."""
    numbers = sorted(known)
    if index not in numbers:
        listed = ", ".join(map(str, numbers[:MOST_LISTED])) + (", …" if len(numbers) > MOST_LISTED else "")
        problem = f"they have {listed}" if numbers else "they have no people"
        raise AnnotationError(f"there is no person {index} in the results; {problem}")


def require_same_video(name: str, video: VideoMetadata, tracked: TrackedVideo) -> None:
    """Raises AnnotationError if results cannot be those of a video.

    Args:
        name: of the video.
        video: what the file says.
        tracked: what the results say.
    """
    size, tracked_size = (video.frame_width, video.frame_height), (tracked.width_px, tracked.height_px)
    problem = ""
    if min(tracked_size) > 0 and size != tracked_size:
        shown, expected = (f"{width_px}x{height_px}" for width_px, height_px in (size, tracked_size))
        problem = f"its frames have {shown} pixels, those of the results {expected}"
    elif tracked.frame_rate > 0 and abs(video.frame_rate / tracked.frame_rate - 1) > RATE_TOLERANCE:
        problem = (
            f"it has {video.frame_rate:g} frames per second, the results {tracked.frame_rate:g} (if it was "
            "tracked with a stated frame rate, state the same)"
        )
    elif tracked.duration_ms > 0:
        tolerance_ms = max(LENGTH_TOLERANCE_MS, 2000 / video.frame_rate)
        if abs(video.duration_ms - tracked.duration_ms) > tolerance_ms:
            problem = (
                f"it is {video.duration_ms / 1000:.1f} s long, the results are about "
                f"{tracked.duration_ms / 1000:.1f} s"
            )
    if problem:
        raise AnnotationError(f"the results of {tracked.name} are not those of {name}: {problem}")

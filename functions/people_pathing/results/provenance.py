"""How a result was made: program, models, sampling, and how much of the video could be decoded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from people_pathing.results.masks import Masks

Unknown = Literal["unknown"]
UNKNOWN: Final = "unknown"


@dataclass(frozen=True, slots=True)
class Provenance:
    """How a result was made.

    Attributes:
        version: version of people-pathing.
        tracked_at: when the tracks were complete, in UTC, for example "2026-01-31T12:00:00Z".
        detector: name of the person detector.
        model_sha256: hexadecimal SHA-256 of its model file; None if it has none.
        reidentifier: name of the re-identification network; None if people were linked without one.
        reidentification_model_sha256: of its model file; None if there is none.
        face_detector: name of the face detector; None if face detection was off.
        face_model_sha256: of its model file; None if there is none.
        sample_fps: sampled frames per second: people are reported in these.
        search_fps: frames per second in which people were searched; in the others, paths are filled.
        input_width_px: width of the images that the detector received.
        input_height_px: height of these images.
        masked_areas: how many areas of the picture were never analysed.
        masks: these areas.
        frames_decoded: how many frames of the video could be decoded.
        frames_expected: how many frames the file has.
        container_created_at: when the video file says that it was created, in UTC; None if it says nothing.
        picture_start_ms: time of the first frame in the player's time, in milliseconds. Times in the results
            count from this frame.
        warnings: sentences about what makes this result worse than usual.
    """

    version: str = UNKNOWN
    tracked_at: str = UNKNOWN
    detector: str = UNKNOWN
    model_sha256: str | None = UNKNOWN
    reidentifier: str | None = UNKNOWN
    reidentification_model_sha256: str | None = UNKNOWN
    face_detector: str | None = UNKNOWN
    face_model_sha256: str | None = UNKNOWN
    sample_fps: float | Unknown = UNKNOWN
    search_fps: float | Unknown = UNKNOWN
    input_width_px: int | Unknown = UNKNOWN
    input_height_px: int | Unknown = UNKNOWN
    masked_areas: int | Unknown = UNKNOWN
    masks: Masks | Unknown = UNKNOWN
    frames_decoded: int | Unknown = UNKNOWN
    frames_expected: int | Unknown = UNKNOWN
    container_created_at: str | None = UNKNOWN
    picture_start_ms: float | Unknown = UNKNOWN
    warnings: tuple[str, ...] = ()

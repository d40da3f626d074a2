"""Annotates a whole video in one call: a video and its results in, a WebM file out."""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from people_pathing.analysis.zones_file.sections import ZonesFile
    from people_pathing.annotation.choices import Blur, Codec, Layers
    from people_pathing.engine import TrackingResult
    from people_pathing.engine.models import Progress


@dataclass(frozen=True, slots=True)
class AnnotatedVideo:
    """What was written.

    Attributes:
        path: the file.
        frame_count: how many frames it has.
        has_sound: whether it has sound.
        warnings: sentences about what is missing in it; usually empty.
    """

    path: Path
    frame_count: int
    has_sound: bool
    warnings: tuple[str, ...] = ()


def annotate_video(
    video: str | os.PathLike[str],
    results: TrackingResult | str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    zones: ZonesFile | str | os.PathLike[str] | None = None,
    blur: Blur | None = None,
    keep_sound: bool | None = None,
    codec: Codec = "vp9",
    crf: int | None = None,
    layers: Layers | None = None,
    frame_rate: float | None = None,
    timezone: str | None = None,
    on_progress: Progress | None = None,
) -> AnnotatedVideo:
    """Writes a copy of a video that shows its people: boxes, trails, zones, counts and a clock.

        from people_pathing import annotate_video, track_video

        annotate_video("street.mp4", track_video("street.mp4"), "annotated.webm")

    The frames are those that were tracked, with the same times. The metadata of the source is not copied.

    Args:
        video: the path of the video.
        results: what `track_video` returned for it, or a folder with its result files.
        out: the path of the file, which ends with `.webm`. An older file is replaced when the new one is
            complete.
        zones: the path of zones.json, or its content: zones, lines and masks are drawn with their counts.
        blur: "faces" or "people" to make them unrecognisable in every frame, or `AllBut(3)` for all
            people except person 3. Faces and people that were not detected stay visible. Masks are covered,
            those of the tracking and those of the zones.
        keep_sound: whether the sound is kept; None to keep it unless something is blurred, because voices
            identify people.
        codec: "vp9", or "av1" for smaller files, which only newer players show.
        crf: quality of the pictures from 0 (best) to 63; None for the usual one of the codec.
        layers: what is drawn; None for everything.
        frame_rate: frames per second that replace the times in the file, if the video was tracked with them.
        timezone: IANA name of the zone of the clock; None for that of the zones, or UTC.
        on_progress: receives the share of the work that is done, 0..1.

    Raises:
        AnnotationError: the results are not those of the video, the person does not exist, it is not known
            where the masks are that must be blurred, or the zones, the codec, the quality or the name of the
            file are not usable.
        StoredResultError: the folder has no complete results.
        VideoError: the source is not a video.
        OSError: the video cannot be read, or the file cannot be written.
    """
    # Here, so that `from people_pathing import annotate_video` is cheap.
    from people_pathing.annotation import checks
    from people_pathing.annotation.choices import AllBut, Layers
    from people_pathing.annotation.copying import copied_sound, copy_frames, missing_parts
    from people_pathing.annotation.drawing.frame import Annotations, FrameDrawing
    from people_pathing.annotation.encoding.webm import open_webm, require_encoder
    from people_pathing.annotation.inputs import open_results, open_zones
    from people_pathing.common.complete_file import complete_file
    from people_pathing.engine.decoding import open_video

    source, target = Path(video), Path(out)
    checks.require_webm(target)
    checks.require_other_file(target, source)
    checks.require_blur(blur)
    checks.require_crf(crf)
    checks.require_timezone(timezone)
    encoder = require_encoder(codec)
    zones_file = open_zones(zones)
    readable = open_results(results, with_faces=blur == "faces")
    if blur is not None:
        checks.require_masks(readable.unknown_mask_count, zones_file.masks)
    with ExitStack() as opened:
        decoder = opened.enter_context(open_video(source, frame_rate=frame_rate))
        checks.require_same_video(str(source), decoder.metadata, readable.video)
        paths = readable.read_paths()
        if isinstance(blur, AllBut):
            checks.require_person(blur.index, (person.index for person in paths.people))
        annotations = Annotations(
            paths=paths,
            zones_file=zones_file,
            tracked_masks=readable.masks,
            duration_ms=decoder.metadata.duration_ms,
            recorded_at_ms=readable.recorded_at_ms,
            timezone=timezone or zones_file.timezone or "UTC",
            layers=layers or Layers(),
            blur=blur,
        )
        size_px = decoder.width_px, decoder.height_px
        drawing = FrameDrawing(annotations, *size_px)
        sound = None
        if blur is None if keep_sound is None else keep_sound:
            sound = opened.enter_context(copied_sound(source, decoder))
        written = opened.enter_context(complete_file(target))
        with open_webm(written, size_px, decoder.frame_rate, encoder, crf, sound) as file:
            frame_count = copy_frames(decoder, drawing, file, on_progress)
        warnings = missing_parts(decoder, sound)
    return AnnotatedVideo(target, frame_count, sound is not None, warnings)

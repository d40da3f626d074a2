"""Reads what is drawn: the results of the video and its zones."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from people_pathing.analysis.zones_file.members import ZonesFileError
from people_pathing.analysis.zones_file.reading import read_zones
from people_pathing.analysis.zones_file.sections import ZonesFile
from people_pathing.annotation.checks import TrackedVideo
from people_pathing.annotation.errors import AnnotationError
from people_pathing.annotation.people_paths import PeoplePaths, stored_paths, tracked_paths
from people_pathing.results.masks import masks_in
from people_pathing.results.stored_result import open_stored_result

if TYPE_CHECKING:
    from people_pathing.engine import TrackingResult
    from people_pathing.engine.scene.masks import Masks


@dataclass(frozen=True, slots=True)
class ReadableResults:
    """The results of a video, whose observations are not read yet.

    Attributes:
        video: what they say about the video.
        recorded_at_ms: when the video starts, in milliseconds since the epoch; None if that is not known.
        read_paths: reads the observations. It may raise StoredResultError.
        masks: areas where people were not searched, as far as the results say where they are.
        unknown_mask_count: how many more of these areas there are.
    """

    video: TrackedVideo
    recorded_at_ms: int | None
    read_paths: Callable[[], PeoplePaths]
    masks: Masks
    unknown_mask_count: int


def open_results(results: TrackingResult | str | os.PathLike[str], *, with_faces: bool) -> ReadableResults:
    """Opens what `track_video` returned, or a folder with result files.

    Args:
        results: the result or the folder.
        with_faces: whether the boxes of faces are needed.

    Raises:
        StoredResultError: the folder has no complete results.
    """
    if not isinstance(results, str | os.PathLike):
        result, metadata = results, results.metadata
        tracked = TrackedVideo(
            "this tracking result",
            metadata.duration_ms,
            metadata.frame_rate,
            metadata.frame_width,
            metadata.frame_height,
        )
        return ReadableResults(tracked, None, lambda: tracked_paths(result), result.masks, 0)
    stored = open_stored_result(Path(results))
    tracked = TrackedVideo(
        stored.video, stored.duration_ms, stored.frame_rate, stored.frame_width_px, stored.frame_height_px
    )
    provenance = stored.provenance or {}
    masks, mask_count = masks_in(provenance.get("masks")), provenance.get("masked_areas")
    return ReadableResults(
        tracked,
        stored.recorded_at_ms,
        lambda: stored_paths(stored, with_faces=with_faces),
        masks or (),
        mask_count if masks is None and isinstance(mask_count, int) else 0,
    )


def open_zones(zones: ZonesFile | str | os.PathLike[str] | None) -> ZonesFile:
    """Returns zones, or reads them from zones.json; None stands for none.

    Raises:
        AnnotationError: the file is not valid.
    """
    if zones is None:
        return ZonesFile()
    if isinstance(zones, ZonesFile):
        return zones
    try:
        return read_zones(Path(zones).read_text("utf-8"))
    except (ZonesFileError, UnicodeDecodeError) as error:
        raise AnnotationError(f"{os.fspath(zones)}: {error}") from error

"""Turns one frame of a video into an annotated one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from people_pathing.analysis.summaries.intervals import DEFAULT_INTERVAL_MINUTES, Recording
from people_pathing.analysis.video_counts import VideoCounts, count_video
from people_pathing.analysis.zones_file.sections import ZonesFile
from people_pathing.annotation.choices import Blur, Layers
from people_pathing.annotation.covered_areas import Coverage
from people_pathing.annotation.drawing.labels import Labels
from people_pathing.annotation.drawing.people import PeopleDrawing
from people_pathing.annotation.drawing.picture_text import PictureText
from people_pathing.annotation.drawing.running_counts import RunningCounts
from people_pathing.annotation.drawing.sections import SectionsDrawing
from people_pathing.annotation.drawing.style import SHADE, Sizes
from people_pathing.annotation.people_paths import PeoplePaths
from people_pathing.annotation.pixelation import PixelatedPolygons, pixelate
from people_pathing.engine.scene.masks import Masks


@dataclass(frozen=True, slots=True)
class Annotations:
    """What is known about a video, and how it is shown.

    Attributes:
        paths: the people.
        zones_file: zones, lines and masks.
        tracked_masks: the areas where people were not searched. They can differ from the masks of the zones.
        duration_ms: how long the video is.
        recorded_at_ms: when it starts, in milliseconds since the epoch; None if that is not known.
        timezone: IANA name of the zone of the clock.
        layers: what is drawn.
        blur: what must not be recognisable; None for nothing.
    """

    paths: PeoplePaths
    zones_file: ZonesFile
    tracked_masks: Masks
    duration_ms: int
    recorded_at_ms: int | None
    timezone: str
    layers: Layers
    blur: Blur | None


class FrameDrawing:
    """Draws the frames of one video.

    Args:
        annotations: what is drawn.
        width_px: width of the frames.
        height_px: height of the frames.

    Raises:
        PointOrderError: the observations of a person are not in the order of time.
        DetectorError: OpenCV cannot be loaded.
    """

    def __init__(self, annotations: Annotations, width_px: int, height_px: int) -> None:
        layers, paths, zones_file = annotations.layers, annotations.paths, annotations.zones_file
        counts = RunningCounts(_counted(annotations, width_px / height_px))
        sizes = Sizes.of(width_px, height_px)
        labels = Labels(sizes.font_px, longest_px=width_px * 2 // 3)
        self._labels = labels
        self._margin_px = sizes.font_px // 2
        self._people = PeopleDrawing(paths, layers, labels, sizes)
        self._sections = (
            SectionsDrawing(zones_file, counts, labels, sizes, (width_px, height_px))
            if layers.zones
            else None
        )
        self._text = PictureText(layers, counts, annotations.recorded_at_ms, annotations.timezone)
        self._coverage = Coverage(paths, annotations.blur, width_px / height_px) if annotations.blur else None
        # People are not searched in masks, so masks are covered as a whole.
        masks = (*annotations.tracked_masks, *(mask.polygon for mask in zones_file.masks))
        self._masks = PixelatedPolygons(masks if annotations.blur else (), width_px, height_px)

    def draw(self, image: NDArray[np.uint8], at_ms: int) -> None:
        """Covers what must not be recognisable in (H, W, 3) uint8 BGR, and then draws everything else."""
        if self._coverage:
            pixelate(image, self._coverage.at(at_ms))
        self._masks.apply(image)
        if self._sections:
            self._sections.draw_outlines(image)
        self._people.draw(image, at_ms)
        if self._sections:
            self._sections.draw_counts(image, at_ms)
        if text := self._text.at(at_ms):
            self._labels.put(image, text, SHADE, self._margin_px, self._margin_px)


def _counted(annotations: Annotations, aspect_ratio: float) -> VideoCounts:
    return count_video(
        annotations.paths.path_points(),
        annotations.zones_file,
        aspect_ratio=aspect_ratio,
        recording=Recording(annotations.duration_ms, annotations.recorded_at_ms),
        interval_minutes=DEFAULT_INTERVAL_MINUTES,
    )

"""Converts decoded pictures to images of the wanted size, as they are shown."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter
from numpy.typing import NDArray

from people_pathing.engine.video_files.display import Display


class PictureConverter:
    """Scales, converts, turns and mirrors the pictures of one video."""

    def __init__(self, display: Display) -> None:
        """Starts without any scaler."""
        self._display = display
        self._scalers: defaultdict[tuple[int | str, ...], VideoReformatter] = defaultdict(VideoReformatter)

    def image(
        self, picture: VideoFrame, width_px: int, height_px: int, pixels: str, interpolation: Interpolation
    ) -> NDArray[np.uint8]:
        """Returns the picture as shown, scaled to (height_px, width_px) or (height_px, width_px, 3) uint8.

        Only one field of an interlaced frame is used. The other was recorded at another moment, so people
        who move would appear twice.

        Args:
            picture: FFmpeg's frame.
            width_px: width of the image.
            height_px: height of the image.
            pixels: FFmpeg's name of the pixel format.
            interpolation: how it is scaled.
        """
        if self._display.is_transposed:
            width_px, height_px = height_px, width_px
        if picture.interlaced_frame:
            lines = self._scaled(picture, width_px, picture.height, pixels, interpolation)
            picture = VideoFrame.from_ndarray(np.ascontiguousarray(lines[::2]), format=pixels)
        return self._display.shown(self._scaled(picture, width_px, height_px, pixels, interpolation))

    def _scaled(
        self, picture: VideoFrame, width_px: int, height_px: int, pixels: str, interpolation: Interpolation
    ) -> NDArray[np.uint8]:
        # A scaler that gets another size than before is set up again, which is slow.
        scaler = self._scalers[picture.width, picture.height, width_px, height_px, pixels]
        image = scaler.reformat(
            picture, width_px, height_px, pixels, interpolation=interpolation, threads=1
        ).to_ndarray()
        return image.view(np.uint8)

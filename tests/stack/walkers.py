"""Draws people who walk along known lines, so that a test knows every position in the clip.

The drawings have a head, a coat, arms and legs in human proportions on a light background. Detectors of real
people therefore detect them. The paths are straight and the speed is constant.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt

from tests.portrait import portrait

WIDTH_PX, HEIGHT_PX = 640, 480
FRAMES_PER_SECOND = 10
SKIN = (120, 150, 190)
HAIR = (30, 40, 50)
# The head in the portrait image, in pixels: left, top, right, bottom.
HEAD = (140, 15, 395, 345)

Image = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Walker:
    """A drawn person.

    Attributes:
        start_x_px: The horizontal position of the feet in the first frame.
        speed_px: The movement to the right from one frame to the next.
        feet_y_px: The vertical position of the feet.
        height_px: The height of the person.
        coat: The colour of the coat: blue, green, red.
        legs: The colour of the legs: blue, green, red.
        has_face: Whether the head is a photo of a face.
    """

    start_x_px: float
    speed_px: float
    feet_y_px: float
    height_px: float
    coat: tuple[int, int, int]
    legs: tuple[int, int, int]
    has_face: bool = False

    def centre(self, frame: int) -> tuple[float, float]:
        """Returns the centre of the person, in pixels."""
        return self.start_x_px + self.speed_px * frame, self.feet_y_px - self.height_px / 2


def write_clip(
    path: Path, walkers: list[Walker], frame_count: int, times_s: Sequence[float] | None = None
) -> None:
    """Encodes a clip as H.264.

    Args:
        path: The file. Its suffix chooses the container.
        walkers: The people in the clip.
        frame_count: The number of frames.
        times_s: The time of each frame, in seconds; by default FRAMES_PER_SECOND frames per second.
    """
    noise = np.random.default_rng(0).integers(130, 190, (HEIGHT_PX, WIDTH_PX, 3)).astype(np.uint8)
    background: Image = cv2.GaussianBlur(noise, (0, 0), 3).astype(np.uint8)
    with av.open(path, "w") as container:
        stream = container.add_stream("h264", rate=FRAMES_PER_SECOND)
        stream.width, stream.height, stream.pix_fmt = WIDTH_PX, HEIGHT_PX, "yuv420p"
        for number in range(frame_count):
            image = background.copy()
            for walker in sorted(walkers, key=lambda walker: walker.feet_y_px):
                _draw(image, walker, number)
            frame = av.VideoFrame.from_ndarray(image, format="bgr24")
            if times_s is not None:
                frame.pts, frame.time_base = round(times_s[number] * 1000), Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def _draw(image: Image, walker: Walker, frame: int) -> None:
    scale = walker.height_px / 100
    centre_x, _ = walker.centre(frame)
    stride = 7 * np.sin(frame * 0.6)

    def at(x: float, y: float) -> tuple[int, int]:
        return round(centre_x + x * scale), round(walker.feet_y_px - walker.height_px + y * scale)

    def limb(points: list[tuple[float, float]], width: float, colour: tuple[int, int, int]) -> None:
        joints = np.array([at(*point) for point in points], np.int32)
        cv2.polylines(image, [joints], False, colour, round(width * scale), cv2.LINE_AA)

    def oval(
        x: float, y: float, radii: tuple[float, float], colour: tuple[int, int, int], upper: bool = False
    ) -> None:
        axes = (round(radii[0] * scale), round(radii[1] * scale))
        first, last = (180, 360) if upper else (0, 360)
        cv2.ellipse(image, at(x, y), axes, 0, first, last, colour, -1, cv2.LINE_AA)

    for side in (-1, 1):
        swing = side * stride
        limb([(side * 6, 50), (side * 6 + swing * 0.8, 74), (side * 6 + swing * 1.2, 97)], 10, walker.legs)
        limb([(side * 12, 24), (side * 15 - swing * 0.6, 50)], 7, walker.coat)
    oval(0, 36, (14, 21), walker.coat)
    oval(0, 9, (7, 9), SKIN)
    oval(0, 6, (7, 6), HAIR, upper=True)
    if walker.has_face:
        left, top, right, bottom = HEAD
        width, height = round(14 * scale), round(18 * scale)
        head = cv2.resize(portrait()[top:bottom, left:right], (width, height), interpolation=cv2.INTER_AREA)
        x, y = at(-7, 0)
        image[y : y + height, x : x + width] = head

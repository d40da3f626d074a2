"""A real face at a known place: Matplotlib's portrait of Grace Hopper (US Navy, public domain)."""

from pathlib import Path

import cv2
import matplotlib
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]

WIDTH_PX, HEIGHT_PX = 512, 600
# Marked by hand: centre of each eye, tip of the nose, corners of the mouth. The box reaches from hat to chin.
LANDMARKS = np.array([(226, 190), (307, 188), (268, 232), (235, 272), (304, 270)], np.float32)
FACE = (178, 120, 358, 330)
PERSON = (30, 25, 505, 600)


def portrait(scale: float = 1.0) -> Picture:
    """Returns the portrait as (H, W, 3) uint8 BGR, scaled."""
    path = Path(matplotlib.get_data_path()) / "sample_data" / "grace_hopper.jpg"
    image = cv2.imread(str(path))
    assert image is not None
    assert image.shape == (HEIGHT_PX, WIDTH_PX, 3)
    size = (round(WIDTH_PX * scale), round(HEIGHT_PX * scale))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)

"""How bright and how sharp a face is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from people_pathing.engine.interfaces import Image
from people_pathing.engine.opencv import cv2_module

SHARPNESS_PX = 48
"""Faces are scaled to this size first, so that the sharpness of small and large faces is comparable."""
EVEN_VARIANCE = 400.0
"""Variance that gives a sharpness of 50."""


def brightness_and_sharpness(picture: Image, box: NDArray[np.float32]) -> tuple[float, float]:
    """Measures the quality of one face.

    Sharpness is the variance of the Laplacian (Pech-Pacheco et al., "Diatom autofocusing in brightfield
    microscopy", ICPR 2000), mapped to 0..100.

    Args:
        picture: (H, W, 3) uint8, BGR.
        box: (4,) float32, xyxy pixels of the picture.

    Returns:
        Mean luma and sharpness, both 0..100.
    """
    cv2 = cv2_module()
    height, width = picture.shape[:2]
    x1, y1 = np.clip(np.floor(box[:2]).astype(int), 0, [width - 1, height - 1]).tolist()
    x2, y2 = np.clip(np.ceil(box[2:]).astype(int), [x1 + 1, y1 + 1], [width, height]).tolist()
    grey = cv2.cvtColor(picture[y1:y2, x1:x2], cv2.COLOR_BGR2GRAY)
    interpolation = cv2.INTER_AREA if x2 - x1 > SHARPNESS_PX else cv2.INTER_LINEAR
    scaled = cv2.resize(grey, (SHARPNESS_PX, SHARPNESS_PX), interpolation=interpolation)
    variance = float(cv2.Laplacian(scaled, cv2.CV_32F).var())
    return float(grey.mean()) / 2.55, 100 * variance / (variance + EVEN_VARIANCE)

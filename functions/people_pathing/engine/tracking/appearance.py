"""Describes the colours of a detected person in a few bytes, so that linking needs no pixels.

A descriptor holds the square roots of colour histograms of the upper and the lower body, one byte per bin.
The scalar product of two descriptors is then their Bhattacharyya coefficient (Comaniciu et al., "Kernel-based
object tracking", PAMI 2003).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from people_pathing.engine.opencv import cv2_module

HUE_BINS = 8
SATURATION_BINS = 8
VALUE_BINS = 8
BODY_PARTS = ((0.15, 0.5), (0.5, 0.9))
"""Torso and legs as shares of the box height. Head and feet are too small to have a stable colour."""
PART_SIZE = HUE_BINS * SATURATION_BINS + VALUE_BINS
DESCRIPTOR_SIZE = PART_SIZE * len(BODY_PARTS)
MIDDLE = (0.2, 0.8)
"""Columns that show more person than background, as shares of the box width."""
MAX_PART_PX = (24, 48)
"""Larger parts (width, height) are scaled down first. That keeps their colours and saves time."""


def describe(image: NDArray[np.uint8], boxes: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Describes the colours in each box.

    Args:
        image: (H, W, 3) uint8, BGR.
        boxes: (N, 4) float32, xyxy pixels of the image. Parts outside of it are ignored.

    Returns:
        (N, DESCRIPTOR_SIZE) uint8. A body part with too few pixels is all zeros.
    """
    cv2 = cv2_module()
    counts = np.zeros((len(boxes), len(BODY_PARTS), PART_SIZE), np.float32)
    for row, box in enumerate(boxes.tolist()):
        for part, share in enumerate(BODY_PARTS):
            crop = _crop(image, box, share)
            if crop is not None:
                _count_colours(cv2, crop, counts[row, part])
    shares = counts / np.maximum(counts.sum(axis=2, keepdims=True), 1)
    return np.asarray(np.round(255 * np.sqrt(shares)), np.uint8).reshape(len(boxes), DESCRIPTOR_SIZE)


def decode(descriptors: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Turns descriptors (N, D) uint8 into unit vectors (N, D) float32. All-zero rows stay zero."""
    vectors = descriptors.astype(np.float32)
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors /= np.where(norms > 0, norms, 1)
    return vectors


def _crop(image: NDArray[np.uint8], box: list[float], share: tuple[float, float]) -> NDArray[np.uint8] | None:
    left, top, right, bottom = box
    width, height = right - left, bottom - top
    x1 = max(0, int(left + MIDDLE[0] * width))
    x2 = min(image.shape[1], int(left + MIDDLE[1] * width))
    y1 = max(0, int(top + share[0] * height))
    y2 = min(image.shape[0], int(top + share[1] * height))
    if x2 - x1 < 3 or y2 - y1 < 3:
        return None
    return image[y1:y2, x1:x2]


def _count_colours(cv2: Any, crop: NDArray[np.uint8], counts: NDArray[np.float32]) -> None:
    """Counts the pixels of a crop in each bin of hue and saturation, and then in each bin of the value."""
    if crop.shape[0] > MAX_PART_PX[1]:
        crop = np.asarray(cv2.resize(crop, MAX_PART_PX, interpolation=cv2.INTER_AREA), np.uint8)
    hsv = cv2.cvtColor(crop, cv2.COLOR_BGR2HSV)
    colour = cv2.calcHist([hsv], [0, 1], None, [HUE_BINS, SATURATION_BINS], [0, 180, 0, 256])
    counts[:-VALUE_BINS] = colour.reshape(-1)
    counts[-VALUE_BINS:] = cv2.calcHist([hsv], [2], None, [VALUE_BINS], [0, 256]).reshape(-1)

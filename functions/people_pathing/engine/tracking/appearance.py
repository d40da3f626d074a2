"""What a detected person looks like, in a few bytes, so that linking needs no pixels.

A descriptor is the square root of colour histograms of the upper and the lower body, so that the
scalar product of two descriptors is their Bhattacharyya coefficient (Comaniciu et al., "Kernel-based
object tracking", PAMI 2003), stored as one byte a bin.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

HUE_BINS = 8
SATURATION_BINS = 8
VALUE_BINS = 8
BODY_PARTS = ((0.15, 0.5), (0.5, 0.9))
"""Torso and legs as shares of the box height; head and feet are too small to have a steady colour."""
PART_SIZE = HUE_BINS * SATURATION_BINS + VALUE_BINS
DESCRIPTOR_SIZE = PART_SIZE * len(BODY_PARTS)
MIDDLE = (0.2, 0.8)
"""The columns of a box that are more person than background, as shares of its width."""
MAX_PART_PX = (24, 48)
"""Parts larger than this (width, height) are reduced first: colours survive it, time does not."""


def describe(image: NDArray[np.uint8], boxes: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Describe the colours of every box.

    Args:
        image: (H, W, 3) uint8, BGR.
        boxes: (N, 4) float32, xyxy pixels of that image; parts outside of it are ignored.

    Returns:
        (N, DESCRIPTOR_SIZE) uint8; all zeros where a box has too few pixels to tell.
    """
    descriptors = np.zeros((len(boxes), len(BODY_PARTS), PART_SIZE), np.uint8)
    for row, box in enumerate(boxes):
        for part, share in enumerate(BODY_PARTS):
            crop = _crop(image, box, share)
            if crop is not None:
                descriptors[row, part] = _histogram(crop)
    return descriptors.reshape(len(boxes), DESCRIPTOR_SIZE)


def decode(descriptors: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Turn stored descriptors into unit vectors, (N, D) float32; all-zero rows stay zero."""
    vectors = descriptors.astype(np.float32)
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors /= np.where(norms > 0, norms, 1)
    return vectors


def _crop(
    image: NDArray[np.uint8], box: NDArray[np.float32], share: tuple[float, float]
) -> NDArray[np.uint8] | None:
    left, top, right, bottom = (float(side) for side in box)
    width, height = right - left, bottom - top
    x1 = max(0, int(left + MIDDLE[0] * width))
    x2 = min(image.shape[1], int(left + MIDDLE[1] * width))
    y1 = max(0, int(top + share[0] * height))
    y2 = min(image.shape[0], int(top + share[1] * height))
    if x2 - x1 < 3 or y2 - y1 < 3:
        return None
    return image[y1:y2, x1:x2]


def _histogram(crop: NDArray[np.uint8]) -> NDArray[np.uint8]:
    import cv2

    if crop.shape[0] > MAX_PART_PX[1]:
        crop = np.asarray(cv2.resize(crop, MAX_PART_PX, interpolation=cv2.INTER_AREA), np.uint8)
    hsv = cv2.cvtColor(crop, cv2.COLOR_BGR2HSV)
    colour = cv2.calcHist([hsv], [0, 1], None, [HUE_BINS, SATURATION_BINS], [0, 180, 0, 256]).ravel()
    value = cv2.calcHist([hsv], [2], None, [VALUE_BINS], [0, 256]).ravel()
    shares = np.concatenate([colour, value]) / (2 * colour.sum())
    return np.asarray(np.round(255 * np.sqrt(shares)), np.uint8)

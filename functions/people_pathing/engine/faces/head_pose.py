"""Estimates which way a head is turned from five landmarks of its face.

Seen from the front, the nose is on the line between the middle of the eyes and the middle of the mouth, a
little below its centre. The nose stands out of the plane of the face. Turning the head therefore moves it
sideways, and nodding moves it up or down, by the tangent of the angle.

Angles have the same meaning as in Amazon Rekognition. The three constants were fitted to the landmarks and
poses in Rekognition's published replies. `tests/unit/engine/faces/test_head_pose.py` contains these replies
and states how well they agree.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

EYES_PER_NOSE = 1.6
"""Distance between the eyes, divided by how far the nose stands out."""
FACES_PER_NOSE = 2.2
"""Distance from the eyes to the mouth, divided by how far the nose stands out."""
NOSE_LEVEL = 0.53
"""Position of the nose between the eyes (0) and the mouth (1) of a face that looks straight ahead."""


def poses(landmarks: NDArray[np.float32]) -> NDArray[np.float32]:
    """Estimates the poses of faces.

    Args:
        landmarks: (M, 5, 2) float32, x and y in pixels of left and right eye, nose, left and right corner of
            the mouth, where left is the viewer's left.

    Returns:
        (M, 3) float32, degrees: pitch is positive if the face looks up, roll if it leans clockwise, yaw if
        it looks to the viewer's right.
    """
    left_eye, right_eye, nose, left_corner, right_corner = landmarks.astype(np.float64).transpose(1, 0, 2)
    eyes = (left_eye + right_eye) / 2
    along = right_eye - left_eye
    roll = np.arctan2(along[:, 1], along[:, 0])
    x_axis = np.stack([np.cos(roll), np.sin(roll)], axis=1)
    y_axis = np.stack([-np.sin(roll), np.cos(roll)], axis=1)
    down = (left_corner + right_corner) / 2 - eyes
    mouth_x, mouth_y = _dot(down, x_axis), _dot(down, y_axis)
    nose_x, nose_y = _dot(nose - eyes, x_axis), _dot(nose - eyes, y_axis)
    level = np.divide(nose_y, mouth_y, out=np.full(len(landmarks), NOSE_LEVEL), where=mouth_y > 0)
    yaw = np.arctan2(EYES_PER_NOSE * (nose_x - level * mouth_x), np.hypot(*along.T))
    pitch = np.arctan(FACES_PER_NOSE * (NOSE_LEVEL - level))
    angles: NDArray[np.float64] = np.degrees(np.stack([pitch, roll, yaw], axis=1))
    return angles.astype(np.float32)


def _dot(vectors: NDArray[np.float64], axes: NDArray[np.float64]) -> NDArray[np.float64]:
    products: NDArray[np.float64] = np.einsum("md,md->m", vectors, axes)
    return products

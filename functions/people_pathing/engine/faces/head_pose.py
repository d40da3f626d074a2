"""Which way a head is turned, told from five landmarks of its face.

Seen from the front the nose lies on the line between the middles of the eyes and of the mouth, a little below
its middle. It stands out of the face's plane: turning the head moves it sideways, nodding moves it up or
down, by the tangent of the angle.

Angles mean what they mean in Amazon Rekognition, and the three constants below are those with which the
landmarks in its published replies give the poses in them. `tests/unit/people_pathing/engine/test_head_pose.py` has
these replies and says how well.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

EYES_PER_NOSE = 1.6
"""Distance between the eyes ÷ how far the nose stands out."""
FACES_PER_NOSE = 2.2
"""Distance from the eyes to the mouth ÷ how far the nose stands out."""
NOSE_LEVEL = 0.53
"""Where the nose is on the way from the eyes to the mouth."""


def poses(landmarks: NDArray[np.float32]) -> NDArray[np.float32]:
    """Tell the poses of faces.

    Args:
        landmarks: (M, 5, 2) float32, x and y in pixels of left and right eye, nose, left and right corner of
            the mouth, where left is the viewer's left.

    Returns:
        (M, 3) float32 degrees. Pitch is above 0 where the face looks up, roll where it leans clockwise, yaw
        where it looks to the viewer's right.
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

"""Compares poses with those that Amazon Rekognition reported for the same landmarks.

`rekognition_faces.json` contains faces from AWS's own documents: its developer guide, API reference and the
examples of the AWS CLI. `shape` is the frame's width and height. For videos it is documented. For the others
it was derived from the face's box, which that version of the service made square.
"""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from people_pathing.engine.faces.head_pose import poses

FACES = json.loads((Path(__file__).parent / "rekognition_faces.json").read_text())
FRONTAL = np.array([[(-30, 0), (30, 0), (0, 34), (-24, 64), (24, 64)]], np.float32)


def published_faces() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Returns landmarks (M, 5, 2) in thousandths of the frame's height, and poses (M, 3)."""
    sides = np.array([[1000 * width / height, 1000] for width, height in (face["shape"] for face in FACES)])
    landmarks = np.array([face["landmarks"] for face in FACES]) * sides[:, None]
    return landmarks.astype(np.float32), np.array([face["pose"] for face in FACES], np.float32)


def test_poses_agree_with_those_that_rekognition_published() -> None:
    landmarks, published = published_faces()

    pitch, roll, yaw = np.median(abs(poses(landmarks) - published), axis=0)

    assert (pitch < 5, roll < 2, yaw < 3) == (True, True, True), (pitch, roll, yaw)


def test_every_clear_turn_is_to_the_side_that_rekognition_reports() -> None:
    landmarks, published = published_faces()
    found = poses(landmarks)
    for angle, clear in ((0, 15), (1, 5), (2, 5)):
        turned = abs(published[:, angle]) > clear
        assert turned.sum() >= 2
        assert (np.sign(found[turned, angle]) == np.sign(published[turned, angle])).all(), angle


def test_a_face_that_looks_into_the_camera_has_no_angles() -> None:
    np.testing.assert_allclose(poses(FRONTAL), [[0, 0, 0]], atol=1)


@pytest.mark.parametrize("degrees", [-150, -40, 20, 90])
def test_rotating_the_picture_changes_only_the_roll(degrees: float) -> None:
    angle = np.radians(degrees)
    clockwise = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    turned = FRONTAL + np.array([[(0, 0), (0, 0), (9, 5), (0, 0), (0, 0)]], np.float32)

    (before,), (after,) = poses(turned), poses((turned @ clockwise).astype(np.float32))

    np.testing.assert_allclose(after - before, [0, degrees, 0], atol=0.01)


def test_size_and_place_do_not_change_the_pose() -> None:
    landmarks, _ = published_faces()

    np.testing.assert_allclose(poses(landmarks * 0.25 + 500), poses(landmarks), atol=0.1)


def test_a_mirrored_face_turns_to_the_other_side() -> None:
    landmarks, _ = published_faces()
    mirrored = (landmarks * np.array([-1, 1], np.float32))[:, [1, 0, 2, 4, 3]]

    np.testing.assert_allclose(poses(mirrored), poses(landmarks) * [1, -1, -1], atol=0.01)


def test_landmarks_at_one_point_give_finite_angles() -> None:
    assert np.isfinite(poses(np.full((1, 5, 2), 7, np.float32))).all()


def test_no_faces_have_no_poses() -> None:
    assert poses(np.empty((0, 5, 2), np.float32)).shape == (0, 3)

"""The camera's motion is found from made-up pictures, whose motion is known exactly."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.typing import NDArray

from people_pathing.engine.detections import FIXED_CAMERA
from people_pathing.engine.opencv import cv2_module
from people_pathing.engine.scene.camera_motion import camera_step

Grey = NDArray[np.uint8]
SIZE = (480, 270)
NOBODY = np.empty((0, 4), np.float32)


def wall(seed: int = 5) -> Grey:
    """A rough wall that is larger than the picture."""
    cv2 = cv2_module()
    noise = np.random.default_rng(seed).normal(0, 1, (500, 800)).astype(np.float32)
    rough = sum(cv2.GaussianBlur(noise, (0, 0), sigma) * sigma for sigma in (2, 6, 20))
    return np.asarray(np.clip(128 + 70 * rough, 0, 255), np.uint8)


def view(
    scene: Grey, x: float = 100, y: float = 80, *, zoom: float = 1.0, roll: float = 0.0, noise: int = 0
) -> Grey:
    """A camera's picture of a scene, noisy if `noise` is not 0. `matrix` says which part it shows."""
    cv2 = cv2_module()
    shown = cv2.warpAffine(scene, matrix(x, y, zoom, roll), SIZE, flags=cv2.INTER_CUBIC)
    grain = np.random.default_rng(noise).normal(0, 2, shown.shape) if noise else 0
    return np.asarray(np.clip(np.rint(shown + grain), 0, 255), np.uint8)


def matrix(x: float, y: float, zoom: float = 1.0, roll: float = 0.0) -> NDArray[np.float64]:
    """Maps the scene to the picture: (x, y) is its left upper corner without zoom and roll, in degrees."""
    turn = zoom * np.exp(1j * math.radians(roll))
    middle = complex(SIZE[0] - 1, SIZE[1] - 1) / 2
    shift = middle - turn * (middle + complex(x, y))
    return np.array([[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag]])


def miss(step: NDArray[np.float32], before: NDArray[np.float64], now: NDArray[np.float64]) -> float:
    """How far from the truth the step puts the picture's corners, at most."""
    corners = np.array([[x, y] for x in (0, SIZE[0]) for y in (0, SIZE[1])], float)
    in_scene = (corners - before[:, 2]) @ np.linalg.inv(before[:, :2]).T
    a, b, x, y = step.astype(float)
    said = corners @ np.array([[a, b], [-b, a]]) + (x, y)
    return float(np.hypot(*(in_scene @ now[:, :2].T + now[:, 2] - said).T).max())


@pytest.mark.parametrize(
    ("x", "y", "zoom", "roll"),
    [
        (103, 80, 1, 0),
        (100.4, 79.8, 1, 0),
        (130, 65, 1, 0),
        (100, 80, 1.04, 0),
        (100, 80, 0.96, 2),
        (108, 84, 1.02, -1),
    ],
    ids=["shift", "slow", "fast", "zoom", "roll", "all"],
)
def test_a_step_is_how_the_background_moved(x: float, y: float, zoom: float, roll: float) -> None:
    scene = wall()
    before, now = view(scene, noise=1), view(scene, x, y, zoom=zoom, roll=roll, noise=2)
    step = camera_step(before, now, NOBODY, NOBODY, 1.0)
    assert miss(step, matrix(100, 80), matrix(x, y, zoom, roll)) < 0.3


def test_a_step_is_in_pixels_of_the_displayed_frame() -> None:
    scene = wall()
    before, now = view(scene), view(scene, 106, 76)
    np.testing.assert_allclose(camera_step(before, now, NOBODY, NOBODY, 4.0), [1, 0, -24, 16], atol=0.4)


def test_a_fixed_camera_gives_exactly_no_step_in_spite_of_noise() -> None:
    scene = wall()
    for number in range(1, 20):
        step = camera_step(view(scene, noise=number), view(scene, noise=number + 1), NOBODY, NOBODY, 2.0)
        assert step.tolist() == list(FIXED_CAMERA)


def test_a_fixed_camera_gives_exactly_no_step_when_it_gets_darker() -> None:
    scene = wall()
    darker = (view(scene) * 0.98).astype(np.uint8)
    assert camera_step(view(scene), darker, NOBODY, NOBODY, 2.0).tolist() == list(FIXED_CAMERA)


def test_people_do_not_count_as_background() -> None:
    """Two people fill most of the picture and walk together."""
    scene, clothes = wall(), wall(6)
    before, now = view(scene, noise=1), view(scene, 104, 80, noise=2)
    boxes = np.array([[20, 10, 200, 260], [230, 10, 400, 260]], np.float32)
    for left, top, right, bottom in boxes.astype(int):
        before[top:bottom, left:right] = clothes[top:bottom, left:right]
        now[top:bottom, left + 9 : right + 9] = clothes[top:bottom, left:right]
    moved = boxes + np.array([9, 0, 9, 0], np.float32)
    np.testing.assert_allclose(camera_step(before, now, boxes, moved, 1.0), [1, 0, -4, 0], atol=0.3)


def test_a_bus_before_half_of_the_picture_does_not_move_a_fixed_camera() -> None:
    scene, bus = wall(), wall(6)
    before, now = view(scene, noise=1), view(scene, noise=2)
    before[:, 100:345] = bus[:270, 100:345]
    now[:, 107:352] = bus[:270, 100:345]
    assert camera_step(before, now, NOBODY, NOBODY, 1.0).tolist() == list(FIXED_CAMERA)


def test_a_clock_in_the_picture_does_not_stop_a_moving_camera() -> None:
    scene = wall()
    before, now = view(scene, noise=1), view(scene, 104, 82, noise=2)
    for picture in (before, now):
        cv2_module().putText(picture, "2026-11-26 12:00:00", (10, 30), 0, 1.0, 255, 2)
    np.testing.assert_allclose(camera_step(before, now, NOBODY, NOBODY, 1.0), [1, 0, -4, -2], atol=0.2)


@pytest.mark.parametrize("level", [0, 128])
def test_a_picture_without_texture_gives_an_unknown_step(level: int) -> None:
    blank = np.full(SIZE[::-1], level, np.uint8)
    assert np.isnan(camera_step(blank, blank, NOBODY, NOBODY, 1.0)).all()


def test_a_step_between_two_scenes_is_unknown() -> None:
    assert np.isnan(camera_step(view(wall(5)), view(wall(6)), NOBODY, NOBODY, 1.0)).all()


def test_people_before_the_whole_background_give_an_unknown_step() -> None:
    boxes = np.array([[-10, -10, 500, 300]], np.float32)
    scene = wall()
    assert np.isnan(camera_step(view(scene), view(scene, 104, 80), boxes, boxes, 1.0)).all()


@pytest.mark.parametrize("size", [(1, 1), (2, 30), (16, 12)])
def test_the_smallest_pictures_are_no_error(size: tuple[int, int]) -> None:
    picture = wall()[: size[1], : size[0]]
    assert camera_step(picture, picture, NOBODY, NOBODY, 1.0).shape == (4,)


def test_steps_are_the_same_in_every_thread_and_for_every_seed() -> None:
    scene = wall()
    pairs = [
        (view(scene, 100 + n, noise=1), view(scene, 103 + n, 80 + n % 3, noise=2)) for n in range(12)
    ] * 8

    def step(pair: tuple[Grey, Grey]) -> bytes:
        return camera_step(*pair, NOBODY, NOBODY, 1.0).tobytes()

    alone = [step(pair) for pair in pairs]
    cv2_module().setRNGSeed(7)
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(step, pairs)) == alone

import numpy as np
import pytest
from numpy.typing import NDArray

from people_pathing.engine.opencv import cv2_module
from people_pathing.engine.scene.stillness import is_still

Picture = NDArray[np.uint8]
CHANCE = np.random.default_rng(1)


def street() -> NDArray[np.float64]:
    cv2 = cv2_module()
    cells = np.random.default_rng(7).uniform(60, 200, (30, 40))
    return np.asarray(cv2.resize(cells, (480, 360), interpolation=cv2.INTER_LINEAR), np.float64)


def shown(picture: NDArray[np.float64], noise: float = 0) -> Picture:
    return np.clip(picture + CHANCE.normal(0, noise, picture.shape), 0, 255).astype(np.uint8)


def with_person(left: int, contrast: float = -40, height: int = 9) -> NDArray[np.float64]:
    """A person of 12 pixels in a frame of 640 has 9 in the small image."""
    picture = street()
    picture[200 : 200 + height, left : left + height // 3 + 1] += contrast
    return picture


@pytest.mark.parametrize("noise", [0, 2, 4, 6])
def test_noise_is_no_motion(noise: float) -> None:
    still = [is_still(shown(street(), noise), shown(street(), noise)) for _ in range(50)]
    assert all(still)


@pytest.mark.parametrize("noise", [0, 2, 5])
def test_a_small_person_who_walks_by_the_own_width_is_motion(noise: float) -> None:
    before, now = shown(with_person(100), noise), shown(with_person(104), noise)
    assert not is_still(before, now)


def test_a_small_person_who_appears_is_motion() -> None:
    assert not is_still(shown(street(), 2), shown(with_person(100), 2))


def test_a_person_who_stands_is_still() -> None:
    assert is_still(shown(with_person(100), 2), shown(with_person(100), 2))


def test_light_that_changes_everywhere_is_no_motion() -> None:
    assert is_still(shown(street(), 2), shown(street() + 9, 2))


def test_a_camera_that_shakes_is_motion() -> None:
    picture = street()
    picture[::40] += 80
    picture[:, ::40] += 80
    assert not is_still(shown(picture), shown(np.roll(picture, 2, axis=1)))


def test_much_noise_does_not_hide_a_person() -> None:
    assert not is_still(shown(with_person(100), 10), shown(with_person(120, height=30), 10))


def test_small_frames_are_compared() -> None:
    dark = np.zeros((6, 8), np.uint8)
    assert is_still(dark, dark)
    assert not is_still(dark, dark + 90 * np.eye(6, 8).astype(np.uint8))

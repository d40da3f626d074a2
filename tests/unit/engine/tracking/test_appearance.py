import numpy as np
from numpy.typing import NDArray

from people_pathing.engine.tracking.appearance import DESCRIPTOR_SIZE, decode, describe

RED, BLUE, GREEN = (30, 30, 220), (220, 60, 30), (40, 180, 40)
Colour = tuple[int, int, int]


def picture(*people: tuple[int, Colour, Colour], grey: int = 128) -> NDArray[np.uint8]:
    """Draws people of 40 x 100 pixels in shirt and trousers, with their left side at the given x."""
    image = np.full((120, 300, 3), grey, np.uint8)
    for left, shirt, trousers in people:
        image[10:60, left : left + 40] = shirt
        image[60:110, left : left + 40] = trousers
    return image


def boxes(*lefts: float) -> NDArray[np.float32]:
    return np.array([[left, 10, left + 40, 110] for left in lefts], np.float32)


def similarity(image: NDArray[np.uint8], where: NDArray[np.float32]) -> NDArray[np.float32]:
    vectors = decode(describe(image, where))
    return vectors @ vectors.T


def test_people_in_the_same_clothes_are_similar_and_others_are_not() -> None:
    alike = similarity(picture((10, RED, BLUE), (110, RED, BLUE), (210, GREEN, BLUE)), boxes(10, 110, 210))
    assert alike[0, 1] > 0.99
    assert alike[0, 2] < 0.7


def test_swapping_the_colours_of_shirt_and_trousers_changes_the_appearance() -> None:
    assert similarity(picture((10, RED, BLUE), (110, BLUE, RED)), boxes(10, 110))[0, 1] < 0.6


def test_a_box_that_is_some_pixels_off_has_nearly_the_same_appearance() -> None:
    image = picture((110, RED, BLUE))
    assert similarity(image, np.array([[110, 10, 150, 110], [106, 7, 147, 112]], np.float32))[0, 1] > 0.97


def test_each_box_has_a_descriptor_of_bytes() -> None:
    found = describe(picture((10, RED, BLUE)), boxes(10, 60))
    assert found.dtype == np.uint8
    assert found.shape == (2, DESCRIPTOR_SIZE)
    assert describe(picture(), boxes()).shape == (0, DESCRIPTOR_SIZE)


def test_boxes_outside_the_picture_are_described_by_their_visible_part() -> None:
    image = picture((0, RED, BLUE))
    outside = np.array([[-10, 10, 40, 110], [-500, -500, -400, -300], [10, 10, 12, 12]], np.float32)
    vectors = decode(describe(image, outside))
    assert np.linalg.norm(vectors, axis=1).round(3).tolist() == [1, 0, 0]


def test_decoding_gives_unit_vectors_and_keeps_zero_rows() -> None:
    vectors = decode(np.array([[3, 4], [0, 0]], np.uint8))
    assert vectors.tolist() == [[np.float32(0.6), np.float32(0.8)], [0, 0]]

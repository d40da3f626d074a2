from collections.abc import Iterable, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from people_pathing.engine.interfaces import FrameDetections
from people_pathing.engine.opencv import cv2_module
from people_pathing.engine.scene.cuts import SAME_PLACE, CutWatch, is_cut, people_stay, resemblance

SIZE = (480, 360)
FRAME_US = 100_000
Picture = NDArray[np.uint8]
Shown = tuple[Picture, FrameDetections]


def place(seed: int, width: int = 960) -> Picture:
    """A place with objects of many sizes, twice as wide as the picture."""
    cv2 = cv2_module()
    chance = np.random.default_rng(seed)
    layers = [
        cv2.resize(
            chance.uniform(0, 255, (SIZE[1] // size, width // size)).astype(np.float32),
            (width, SIZE[1]),
            interpolation=cv2.INTER_NEAREST,
        )
        for size in (8, 24, 60)
    ]
    return np.asarray(sum(layers) / 3, np.uint8)


def people(*places: tuple[float, float], score: float = 0.9) -> FrameDetections:
    boxes = np.array([[x, y, x + 20, y + 60] for x, y in places], np.float32).reshape(-1, 4)
    return FrameDetections(boxes, np.full(len(places), score, np.float32))


def with_people(picture: Picture, persons: FrameDetections) -> Shown:
    picture = picture[:, : SIZE[0]].copy()
    for left, top, right, bottom in persons.boxes.astype(int):
        picture[max(top, 0) : bottom, max(left, 0) : right] = 230
    return picture, persons


def walking(background: Picture, start: int, steps: int = 6) -> list[Shown]:
    """Three people who walk to the right by four pixels a frame."""
    return [
        with_people(background, people(*((start + 4 * step + 130 * k, 100 + 60 * k) for k in range(3))))
        for step in range(steps)
    ]


def cuts_in(frames: Iterable[Shown], frame_us: int = FRAME_US) -> list[int]:
    watch = CutWatch[int](1_000_000)
    seen: Sequence[Shown] = list(frames)
    found = []
    for number, (picture, persons) in enumerate(seen):
        suspicion = watch.look(number * frame_us, picture, number)
        if suspicion is None:
            continue
        before, people_before = seen[suspicion.before]
        if is_cut(
            before,
            picture,
            people_before,
            persons,
            earlier=suspicion.earlier,
            is_jump=suspicion.is_jump,
        ):
            found.append(number)
    return found


def test_another_place_is_a_cut() -> None:
    assert cuts_in([*walking(place(1), 20), *walking(place(2), 20)]) == [6]


def test_another_time_at_the_same_place_is_a_cut() -> None:
    assert cuts_in([*walking(place(1), 20), *walking(place(1), 75), *walking(place(1), 40)]) == [6, 12]


def test_people_who_walk_are_no_cut() -> None:
    assert cuts_in(walking(place(1), 10, steps=30)) == []


def test_people_far_from_their_places_are_no_cut_if_frames_are_few() -> None:
    frames = [*walking(place(1), 20), *walking(place(1), 75)]
    assert cuts_in(frames, frame_us=500_000) == []


def test_a_cut_to_the_same_place_without_people_is_none() -> None:
    assert cuts_in([*walking(place(1), 20), *[with_people(place(1), people())] * 6]) == []


@pytest.mark.parametrize("pixels", [8, 40, 120])
def test_a_pan_is_no_cut(pixels: int) -> None:
    wide = place(1, width=3840)
    frames = []
    for step in range(12):
        left = pixels * max(0, step - 3)
        frames.append(with_people(wide[:, left:], people((200 - 4 * step, 100))))
    assert cuts_in(frames) == []


def test_a_pan_past_standing_people_is_no_cut() -> None:
    wide = place(1, width=3840)
    frames = []
    for step in range(12):
        left = 40 * max(0, step - 3)
        frames.append(with_people(wide[:, left:], people((450 - left, 100), (350 - left, 60))))
    assert cuts_in(frames) == []


def test_a_shaking_camera_is_no_cut() -> None:
    chance = np.random.default_rng(3)
    frames = []
    for step in range(30):
        x, y = chance.integers(0, 30, 2)
        shaken = np.roll(place(1), -y, axis=0)[:, x:]
        frames.append(with_people(shaken, people((150 + 3 * step - x, 120 - y), (300 - x, 200 - y))))
    assert cuts_in(frames) == []


def changed_light(frames: list[Shown], gains: dict[int, tuple[float, float]]) -> list[Shown]:
    """Multiplies the brightness of some frames and adds to it."""
    return [
        (np.clip(picture * gain + more, 0, 255).astype(np.uint8), persons)
        for number, (picture, persons) in enumerate(frames)
        for gain, more in [gains.get(number, (1, 0))]
    ]


@pytest.mark.parametrize("gain", [(1.8, 40.0), (3.0, 60.0), (0.0, 255.0), (0.3, 0.0), (0.0, 0.0)])
def test_a_flash_or_a_dark_frame_is_no_cut(gain: tuple[float, float]) -> None:
    assert cuts_in(changed_light(walking(place(1), 10, steps=12), {6: gain})) == []


@pytest.mark.parametrize("gain", [0.35, 1.8])
def test_light_that_is_switched_is_no_cut(gain: float) -> None:
    frames = changed_light(walking(place(1), 10, steps=12), dict.fromkeys(range(6, 12), (gain, 0)))
    assert cuts_in(frames) == []


def test_a_fade_is_no_cut() -> None:
    gains = {number: (abs(number - 12) / 12, 0.0) for number in range(25)}
    assert cuts_in(changed_light(walking(place(1), 10, steps=25), gains)) == []


def test_a_cut_behind_black_frames_is_found() -> None:
    frames = [*walking(place(1), 20), *walking(place(2), 20, steps=10)]
    assert cuts_in(changed_light(frames, dict.fromkeys((6, 7), (0.0, 0.0)))) == [8]


def test_noise_is_no_cut() -> None:
    chance = np.random.default_rng(5)
    frames = [
        (np.clip(picture + chance.normal(0, 15, picture.shape), 0, 255).astype(np.uint8), persons)
        for picture, persons in walking(place(1), 10, steps=20)
    ]
    assert cuts_in(frames) == []


def test_a_train_that_passes_is_no_cut() -> None:
    cv2 = cv2_module()
    windows = cv2.resize(place(9), (960, 280))
    frames = []
    for step, (picture, persons) in enumerate(walking(place(1), 10, steps=40)):
        left = 480 - 40 * step
        first, last = max(left, 0), min(left + 960, 480)
        if first < last:
            picture[60:340, first:last] = windows[:, first - left : last - left]
        frames.append((picture, persons))
    assert cuts_in(frames) == []


def test_a_person_who_fills_the_picture_is_no_cut() -> None:
    frames = []
    for step in range(20):
        picture, persons = with_people(place(1), people((300, 100)))
        picture[40:, max(0, 60 * step - 800) : 60 * step] = 90
        frames.append((picture, persons))
    assert cuts_in(frames) == []


def test_frames_that_are_long_ago_are_forgotten() -> None:
    assert cuts_in([*walking(place(1), 20), *walking(place(2), 20)], frame_us=1_200_000) == []


def test_resemblance_tells_how_far_the_picture_moved() -> None:
    wide = place(1)
    found = resemblance(wide[:, :480], wide[:, 60:540])
    assert found.share > 0.8
    np.testing.assert_allclose(found.shift, [-60, 0], atol=4)


def test_a_supposed_shift_by_nearly_the_whole_picture_shows_no_resemblance() -> None:
    places = [place(seed)[:, :480] for seed in range(12)]
    shares = [resemblance(one, other).share for one in places for other in places if one is not other]
    assert max(shares) < SAME_PLACE


def test_a_picture_without_texture_resembles_every_other() -> None:
    plain = np.full((360, 480), 90, np.uint8)
    assert resemblance(plain, place(1)[:, :480]).share == 1


def test_people_are_compared_after_the_motion_of_the_camera_and_with_weak_detections() -> None:
    before, moved = people((100, 100), (200, 100)), people((40, 100), (140, 100))
    assert not people_stay(before, moved, np.zeros(2))
    assert people_stay(before, moved, np.array([-60.0, 0]))
    weak = FrameDetections(before.boxes, np.array([0.9, 0.2], np.float32))
    assert people_stay(before, weak, np.zeros(2))
    assert people_stay(people(), before, np.zeros(2))

"""Boxes of a moving camera are mapped to coordinates in which the background stands still, and back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from people_pathing.engine.detections import FIXED_CAMERA, Detections
from people_pathing.engine.tracking.camera import CameraMotion, find_camera_motion

RATE = 15
UNKNOWN = np.full(4, np.nan, np.float32)
HOUR_FRAMES = 3600 * RATE


def filmed(steps: NDArray[np.floating], cuts: tuple[int, ...] = ()) -> Detections:
    """Detections of two people who stand still, as a camera sees them that moves by the given steps."""
    count = len(steps)
    seen = np.array([200 + 150j, 420 + 210j])
    places = np.empty((count, 2), complex)
    sizes = np.empty(count)
    size = 1.0
    for row, (a, b, x, y) in enumerate(np.nan_to_num(steps, nan=0).astype(np.float32).astype(float).tolist()):
        if row and (a or b):
            seen, size = complex(a, b) * seen + complex(x, y), size * abs(complex(a, b))
        places[row], sizes[row] = seen, size
    halves = sizes[:, None] * np.array([20 + 50j, 24 + 60j])
    corners = [(places - halves).real, (places - halves).imag, (places + halves).real, (places + halves).imag]
    is_cut = np.zeros(count, np.bool_)
    is_cut[list(cuts)] = True
    return Detections(
        frame_numbers=np.arange(count, dtype=np.int64),
        timestamps_us=np.arange(count, dtype=np.int64) * 1_000_000 // RATE,
        searched=np.ones(count, np.bool_),
        cuts=is_cut,
        camera_steps=steps.astype(np.float32),
        frame_count=count,
        expected_frame_count=count,
        rows=np.repeat(np.arange(count, dtype=np.int32), 2),
        boxes=np.stack(corners, axis=2).reshape(-1, 4).astype(np.float32),
        scores=np.full(2 * count, 0.8, np.float32),
        descriptors=np.zeros((2 * count, 1), np.uint8),
    )


def fixed(count: int) -> NDArray[np.float64]:
    return np.tile(np.array(FIXED_CAMERA), (count, 1))


def pan(count: int = 150) -> NDArray[np.float64]:
    """A camera that swings from side to side, six pixels a frame at most."""
    steps = fixed(count)
    steps[1:, 2] = 6 * np.cos(np.arange(1, count) / 12)
    steps[1:, 3] = 1
    return steps


def zoom(count: int = 150) -> NDArray[np.float64]:
    """A camera that zooms in and out about the middle of its picture, and rolls."""
    turns = np.exp(0.01 * np.cos(np.arange(count) / 12) * (1 + 0.3j))
    turns[0] = 1
    shifts = (320 + 240j) * (1 - turns)
    return np.stack([turns.real, turns.imag, shifts.real, shifts.imag], axis=1)


def spread(detections: Detections, motion: CameraMotion) -> float:
    """How far the places of the two people who stand still are apart in stable coordinates."""
    boxes = motion.stabilised(detections).boxes.astype(float).reshape(-1, 2, 4)
    centres = (boxes[:, :, :2] + boxes[:, :, 2:]) / 2
    return float(np.ptp(centres, axis=0).max())


@pytest.mark.parametrize("steps", [pan(), zoom()], ids=["pan", "zoom"])
def test_people_who_stand_stay_where_they_are(steps: NDArray[np.float64]) -> None:
    detections = filmed(steps)
    motion = find_camera_motion(detections)
    assert not motion.is_fixed
    assert spread(detections, replace(motion, is_fixed=True)) > 20
    assert spread(detections, motion) < 3


@pytest.mark.parametrize("steps", [pan(), zoom()], ids=["pan", "zoom"])
def test_to_picture_is_the_inverse(steps: NDArray[np.float64]) -> None:
    detections = filmed(steps)
    motion = find_camera_motion(detections)
    stable = motion.stabilised(detections)
    np.testing.assert_allclose(motion.to_picture(stable.boxes, stable.rows), detections.boxes, atol=1e-3)


def test_sizes_scale_with_the_zoom() -> None:
    stable = find_camera_motion(detections := filmed(zoom())).stabilised(detections)
    heights = (stable.boxes[:, 3] - stable.boxes[:, 1]).reshape(-1, 2)
    assert np.ptp(heights, axis=0).max() < 3
    assert np.ptp(detections.boxes[::2, 3] - detections.boxes[::2, 1]) > 10


@pytest.mark.parametrize("wrong_step", [(1, 0, 8, 3), (1.02, 0, -3, 0), tuple(UNKNOWN.tolist())])
def test_a_fixed_camera_changes_nothing_in_spite_of_a_wrong_step(wrong_step: tuple[float, ...]) -> None:
    steps = fixed(100)
    steps[50] = wrong_step
    detections = filmed(fixed(100))
    motion = find_camera_motion(filmed(steps))
    assert motion.is_fixed
    assert motion.stabilised(detections) is detections
    assert motion.to_picture(detections.boxes, detections.rows).tobytes() == detections.boxes.tobytes()


def test_a_video_without_known_steps_or_without_people_has_a_fixed_camera() -> None:
    unknown = filmed(fixed(20) * np.nan)
    assert find_camera_motion(unknown).is_fixed
    empty = filmed(fixed(0))
    assert find_camera_motion(empty).stabilised(empty) is empty


def test_an_unknown_step_is_like_its_neighbours() -> None:
    steps = pan()
    detections = filmed(steps)
    steps[[40, 41, 90]] = UNKNOWN
    with_gaps = filmed(pan())
    with_gaps = replace(with_gaps, camera_steps=steps.astype(np.float32))
    assert (
        spread(with_gaps, find_camera_motion(with_gaps))
        < spread(detections, find_camera_motion(detections)) + 3
    )


def test_the_camera_is_fixed_while_its_steps_are_unknown_for_long() -> None:
    steps = pan(300)
    steps[100:200] = UNKNOWN
    detections = filmed(steps)
    motion = find_camera_motion(detections)
    assert np.ptp(motion.places[120:180]) == 0


def test_scale_and_roll_start_anew_at_a_cut() -> None:
    steps = np.concatenate([zoom(40), fixed(60)])
    steps[40] = UNKNOWN
    motion = find_camera_motion(filmed(steps, cuts=(40,)))
    assert abs(motion.turns[39] - 1) > 0.02
    assert (motion.turns[60:] == 1).all()
    assert np.ptp(motion.places[60:]) == 0


def test_nothing_moves_in_stable_coordinates_before_and_after_a_movement() -> None:
    detections = filmed(np.concatenate([fixed(200), zoom(100)[1:], fixed(200)]))
    motion = find_camera_motion(detections)
    for still in (slice(0, 200), slice(300, 499)):
        assert np.ptp(motion.places[still]) == 0
        assert np.ptp(motion.turns[still].real) == 0


def test_hours_of_a_camera_that_is_carried_forward_stay_within_bounds() -> None:
    """The background grows by 0.3 percent per frame: by a factor of e**648 within four hours."""
    steps = fixed(4 * HOUR_FRAMES)
    steps[1:] = (1.003, 0.0001, -0.003 * 320 + 2, -0.003 * 240)
    detections = filmed(fixed(4 * HOUR_FRAMES))
    detections = replace(detections, camera_steps=steps.astype(np.float32))
    motion = find_camera_motion(detections)
    stable = motion.stabilised(detections)
    assert np.isfinite(stable.boxes).all()
    assert 1 / 5 < np.abs(motion.turns).min() < np.abs(motion.turns).max() < 5
    np.testing.assert_allclose(motion.to_picture(stable.boxes, stable.rows), detections.boxes, atol=2)


def test_a_window_agrees_with_the_whole_up_to_one_similarity() -> None:
    detections = filmed(pan(300))
    whole = find_camera_motion(detections)
    rows = slice(100, 200)
    part = filmed(pan(300)[rows])
    window = find_camera_motion(part)
    np.testing.assert_allclose(np.diff(window.places)[1:], np.diff(whole.places[rows])[1:], atol=0.05)

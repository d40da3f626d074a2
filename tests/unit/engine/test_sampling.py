import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from people_pathing.engine.sampling import sampling_slot, sampling_step

NTSC = Fraction(30_000, 1001)


@pytest.mark.parametrize(
    ("rate", "step"),
    [
        (60, 4),
        (50, 3),
        (30, 2),
        (NTSC, 2),
        (25, 2),
        (24, 2),
        (Fraction(24_000, 1001), 2),
        (20, 1),
        (10, 1),
        (5, 1),
    ],
)
def test_about_fifteen_frames_a_second_are_sampled_by_default(rate: Fraction | int, step: int) -> None:
    assert sampling_step(Fraction(rate)) == step


def test_the_sampling_rate_can_be_chosen() -> None:
    assert sampling_step(Fraction(30), 5) == 6
    assert sampling_step(Fraction(30), 1000) == 1
    assert sampling_step(Fraction(60), math.inf) == 1


@pytest.mark.parametrize("sample_fps", [0, -1, math.nan])
def test_a_sampling_rate_not_above_zero_is_rejected(sample_fps: float) -> None:
    with pytest.raises(ValueError, match="sample_fps must be above 0"):
        sampling_step(Fraction(30), sample_fps)


@pytest.mark.parametrize("sample_fps", ["all", "5", [5]])
def test_a_sampling_rate_that_is_not_a_number_is_rejected(sample_fps: Any) -> None:
    with pytest.raises(TypeError, match=r"sample_fps must be a number above 0 \(or math\.inf for every"):
        sampling_step(Fraction(30), sample_fps)


def test_numpy_numbers_and_fractions_are_sampling_rates() -> None:
    for sample_fps in (np.float32(5), np.int64(5), Fraction(5)):
        assert sampling_step(Fraction(30), sample_fps) == 6  # type: ignore[arg-type]


@pytest.mark.parametrize("rate", [NTSC, Fraction(30), Fraction(24_000, 1001)])
def test_every_second_frame_stays_every_second_frame_for_hours(rate: Fraction) -> None:
    after_five_hours = round(5 * 3600 * rate / 2) * 2
    for start in (0, after_five_hours):
        slots = [sampling_slot(int(n * 1_000_000 / rate), rate, 2) for n in range(start, start + 1000)]
        assert slots == [n // 2 for n in range(start, start + 1000)]


def test_frames_half_a_frame_early_or_late_are_sampled_alike() -> None:
    jitter_us = np.random.default_rng(1).integers(-16_000, 16_000, 300).tolist()
    times_us = [max(0, number * 100_000 // 3 + jitter) for number, jitter in enumerate(jitter_us)]
    slots = [sampling_slot(time_us, Fraction(30), 2) for time_us in times_us]
    assert slots == [number // 2 for number in range(300)]

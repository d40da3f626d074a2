import random
from itertools import pairwise

import pytest

from people_pathing.engine.video_files.clock import NEAR_FRAMES, Clock, corrected_times, end_of, median_step

CLOCK = Clock(second=1000, step=40)
REGULAR = [40 * number for number in range(60)]


def corrected(times: list[int | None], clock: Clock = CLOCK) -> list[int | None]:
    result = list(corrected_times(((time, number) for number, time in enumerate(times)), NEAR_FRAMES, clock))
    assert [number for _, number in result] == list(range(len(times)))
    return [time for time, _ in result]


def with_wrong(wrong: dict[int, int]) -> list[int | None]:
    return [wrong.get(number, time) for number, time in enumerate(REGULAR)]


@pytest.mark.parametrize(
    "times",
    [
        REGULAR,
        [0, 40, 40, 40, 120, 160, 200],
        [0, 40, 80, 120, 3_600_000, 3_600_040, 3_600_080, 7_200_000, 7_200_040],
        [0, 40_000, 80_000, 120_000, 200_000, 600_000],
        [0],
        [0, 9_999_999],
        [],
    ],
)
def test_times_that_ascend_are_not_changed(times: list[int | None]) -> None:
    assert corrected(times) == times


@pytest.mark.parametrize("number", [1, 2, 7, 30, 57, 58])
@pytest.mark.parametrize("error", [-9_800_000, -400, 400, 1_000, 9_800_000])
def test_a_single_wrong_time_is_replaced_and_affects_no_other(number: int, error: int) -> None:
    times = corrected(with_wrong({number: REGULAR[number] + error}))
    others = [time for at, time in enumerate(times) if at != number]
    expected = [time for at, time in enumerate(REGULAR) if at != number]
    near_the_end = abs(error) <= 400 and number in (1, 58)  # the order alone does not say which one is wrong
    if not near_the_end:
        assert others == expected
        assert times[number] == REGULAR[number]
    assert all(abs((time or 0) - right) <= 400 for time, right in zip(times, REGULAR, strict=True))


@pytest.mark.parametrize("number", [0, 59])
def test_a_first_or_last_frame_far_from_all_others_is_shown_beside_its_neighbour(number: int) -> None:
    error = 9_800_000 if number else -9_800_000
    assert corrected(with_wrong({number: REGULAR[number] + error})) == REGULAR


def test_several_wrong_times_are_replaced() -> None:
    wrong = {10: 5_000_000, 11: 5_000_040, 25: -7_000_000, 40: 35_000_000, 47: 0}
    assert corrected(with_wrong(wrong)) == REGULAR


def test_times_that_the_file_lacks_are_between_those_around() -> None:
    times: list[int | None] = [None if number % 3 else time for number, time in enumerate(REGULAR)]
    assert corrected(times) == REGULAR
    assert corrected([None, None, None]) == [None, None, None]


@pytest.mark.parametrize("group", [2, 3, 4, 5, 8])
def test_times_that_are_out_of_order_are_put_in_order(group: int) -> None:
    chance = random.Random(group)
    for _ in range(20):
        groups = [REGULAR[at : at + group] for at in range(0, 60, group)]
        shuffled = [time for one in groups for time in chance.sample(one, len(one))]
        times = corrected(list(shuffled))
        if group <= 5:
            assert times == REGULAR
        assert all((earlier or 0) <= (later or 0) for earlier, later in pairwise(times))


def test_the_result_does_not_depend_on_where_decoding_begins() -> None:
    chance = random.Random(7)
    times = with_wrong({20: 99_000_000, 33: -5_000, 45: 1})
    times[36:40] = chance.sample(times[36:40], 4)
    whole = corrected(times)
    for start in range(1, 50):
        assert corrected(times[start:])[NEAR_FRAMES + 1 :] == whole[start + NEAR_FRAMES + 1 :]


def test_the_end_is_not_a_wrong_time() -> None:
    last = REGULAR[-20:]
    assert end_of(last, CLOCK) == REGULAR[-1]
    assert end_of([*last[:5], 9_800_000, *last[6:]], CLOCK) == REGULAR[-1]
    assert end_of([*last[:5], last[5] + 2_000, *last[6:]], CLOCK) == REGULAR[-1]
    assert end_of([*last[:-1], 9_800_000], CLOCK) == REGULAR[-1]
    assert end_of([*last[:-2], 9_800_000, 77_000_000], CLOCK) == REGULAR[-1]


def test_the_end_may_be_before_later_packets_or_after_a_gap() -> None:
    last = REGULAR[-20:]
    assert end_of([*last[:-3], last[-1], last[-3], last[-2]], CLOCK) == REGULAR[-1]
    assert end_of([*last[:-1], last[-1] + 5_000], CLOCK) == REGULAR[-1] + 5_000
    assert end_of([0, 60_000, 120_000, 180_000, 240_000, 300_000], CLOCK) == 300_000


def test_the_median_step_is_that_of_most_frames() -> None:
    assert median_step([0, 40, 80, 120, 9_999]) == 40
    assert median_step([7]) is None

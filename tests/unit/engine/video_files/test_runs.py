from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pytest

from people_pathing.engine.video_files.clock import Clock
from people_pathing.engine.video_files.runs import LONGEST_RUN, RunCorrection

CLOCK = Clock(second=1000, step=40)
REGULAR = [40 * number for number in range(300)]


@dataclass
class TimedPacket:
    pts: int | None
    dts: int | None = None


def corrected(times: Sequence[int | None]) -> list[int | None]:
    return [packet.pts for packet in RunCorrection(CLOCK).corrected(map(TimedPacket, times))]


def with_run(first: int, after: int, time_of: Callable[[int], int]) -> list[int | None]:
    return [time_of(time) if 40 * first <= time < 40 * after else time for time in REGULAR]


@pytest.mark.parametrize(
    "times",
    [
        REGULAR,
        [],
        [0],
        [None, None, None],
        [0, 40, 40, 40, 120, 160, 200],
        [0, 120, 40, 80, 240, 160, 200, 360, 280, 320],
        [0, 40, 80, 120, 3_600_000, 3_600_040, 3_600_080, 7_200_000, 7_200_040],
        [0, 40_000, 80_000, 120_000, 200_000, 600_000, 660_000],
        [*REGULAR[:200], *REGULAR],
        [time + 2_000 * (number // 100) for number, time in enumerate(REGULAR)],
        [time + 1_500 * (number // 50) for number, time in enumerate(REGULAR)],
    ],
)
def test_times_that_do_not_contradict_each_other_are_not_changed(times: list[int | None]) -> None:
    assert corrected(times) == times


@pytest.mark.parametrize("time_of", [lambda _: 9_800_000, lambda _: 0, lambda time: time + 3_600_000])
@pytest.mark.parametrize(("first", "after"), [(40, 41), (40, 45), (40, 75), (60, 60 + LONGEST_RUN)])
def test_a_run_of_wrong_times_is_replaced(first: int, after: int, time_of: Callable[[int], int]) -> None:
    assert corrected(with_run(first, after, time_of)) == REGULAR


@pytest.mark.parametrize("time", [9_800_000, 0])
def test_a_clock_that_stands_still_until_the_end_is_replaced(time: int) -> None:
    assert corrected(with_run(40, 300, lambda _: time)) == REGULAR


def test_a_clock_without_fractions_of_a_second_counts_frames_between() -> None:
    assert corrected([time // 1000 * 1000 for time in REGULAR]) == REGULAR


def test_a_clock_that_stands_still_before_a_pause_counts_frames_before_it() -> None:
    times: list[int | None] = [*REGULAR[:20], *[800] * 10, *(5_000 + time for time in REGULAR)]
    assert corrected(times) == [*REGULAR[:30], *(5_000 + time for time in REGULAR)]


def test_a_clock_that_stands_still_after_a_pause_counts_frames_after_it() -> None:
    times: list[int | None] = [*REGULAR[:20], *[5_000] * 10, *(5_400 + time for time in REGULAR)]
    assert corrected(times) == [*REGULAR[:20], *(5_000 + time for time in REGULAR[:10]), *times[30:]]


def test_the_result_does_not_depend_on_where_reading_begins() -> None:
    times = with_run(40, 75, lambda _: 9_800_000)
    times[130:160] = [time + 50_000 for time in REGULAR[130:160]]
    for start in range(0, 39):
        assert corrected(times[start:]) == REGULAR[start:]


def test_the_decoding_time_changes_only_if_it_is_wrong_too() -> None:
    packets = [TimedPacket(time, time) for time in REGULAR]
    for number in range(40, 50):
        packets[number] = TimedPacket(9_000_000, 9_000_000 if number % 2 else REGULAR[number])
    assert [packet.dts for packet in RunCorrection(CLOCK).corrected(packets)] == REGULAR


@pytest.mark.parametrize("error", [OSError("the file is gone"), ValueError("damaged")])
def test_an_error_of_the_source_comes_after_the_packets_before_it(error: Exception) -> None:
    def failing() -> Iterator[TimedPacket]:
        yield from map(TimedPacket, REGULAR[:3])
        raise error

    found = []

    def read() -> None:
        for packet in RunCorrection(CLOCK).corrected(failing()):
            found.append(packet.pts)

    with pytest.raises(type(error), match=str(error)):
        read()
    assert found == REGULAR[:3]


def test_a_clock_that_stands_still_or_jumps_back_is_in_doubt() -> None:
    def has_doubts(times: Sequence[int | None]) -> bool:
        correction = RunCorrection(CLOCK)
        list(correction.corrected(map(TimedPacket, times)))
        return correction.has_doubts

    assert not has_doubts([*REGULAR[:50], 900_000, 900_040, 900_080])
    assert has_doubts(with_run(40, 46, lambda _: 5))
    assert has_doubts([*REGULAR[:200], *REGULAR])

"""Tracks as the API reports them."""

from __future__ import annotations

import io
import itertools

import numpy as np

from tests.unit.tracking_service.world import a_job, header_of, walking_people
from tracking_engine import Track
from tracking_service.observations import BlockStream, blocks, by_timestamp, observations
from tracking_service.result_pages import BLOCK_BYTES, HEADER_BYTES, OBSERVATION, PART_BYTES

Box = tuple[float, float, float, float]


def track(index: int, timestamps_ms: list[int], box: Box) -> Track:
    count = len(timestamps_ms)
    return Track(
        index,
        np.arange(count),
        np.array(timestamps_ms),
        np.tile(np.array(box, np.float32), (count, 1)),
        np.ones(count, np.float32),
    )


def ratios(box: Box, width_px: int = 1920, height_px: int = 1080) -> list[float]:
    (row,) = observations([track(0, [0], box)], width_px, height_px)
    return [float(ratio) for ratio in row["box"]]


def test_a_box_is_whole_pixels_divided_by_the_frame_as_float32() -> None:
    assert ratios((11.2, 539.6, 491.4, 810.0))[0] == 0.00572916679084301
    assert ratios((11.2, 539.6, 491.4, 810.0)) == [float(np.float32(n)) for n in (11 / 1920, 0.5, 0.25, 0.25)]


def test_a_box_that_reaches_out_of_the_frame_is_cut_to_it() -> None:
    assert ratios((-50.0, -20.0, 960.0, 1200.0)) == [0, 0, 0.5, 1]


def test_a_box_is_at_least_one_pixel_wide_and_high_and_within_the_frame() -> None:
    one = [float(np.float32(1 / 1920)), float(np.float32(1 / 1080))]

    assert ratios((100.0, 200.0, 100.2, 200.3))[2:] == one
    left, top, width, height = ratios((1919.8, 1079.9, 1930.0, 1090.0))
    assert [width, height] == one
    assert round(left * 1920) + round(width * 1920) == 1920
    assert round(top * 1080) + round(height * 1080) == 1080


def test_both_orders_hold_the_same_observations() -> None:
    tracks = [track(1, [0, 66, 133], (0, 0, 9, 9)), track(0, [66, 133, 200], (5, 5, 9, 9))]

    rows = observations(tracks, 100, 100)

    assert [(row["index"], row["timestamp_ms"]) for row in rows] == [
        (0, 66),
        (0, 133),
        (0, 200),
        (1, 0),
        (1, 66),
        (1, 133),
    ]
    assert [(row["timestamp_ms"], row["index"]) for row in by_timestamp(rows)] == sorted(
        (row["timestamp_ms"], row["index"]) for row in rows
    )


def test_nobody_in_the_video_is_no_observations_and_one_block() -> None:
    rows = observations([], 100, 100)

    assert len(rows) == 0
    assert [len(block) for block in blocks(header_of(a_job(), 0, 0), rows)] == [PART_BYTES + HEADER_BYTES]


def test_blocks_lie_where_pages_look_for_them() -> None:
    rows = walking_people(3, 700)

    sizes = [len(block) for block in blocks(header_of(a_job(), len(rows), 0), rows)]

    assert sizes == [BLOCK_BYTES, BLOCK_BYTES, PART_BYTES + HEADER_BYTES + 100 * OBSERVATION.size]


def test_blocks_are_streamed_without_being_held() -> None:
    taken = itertools.count()
    parts = (bytes([next(taken)]) * 1000 for _ in range(100))
    stream = io.BufferedReader(BlockStream(parts), 1000)

    assert stream.read(1500) == b"\0" * 1000 + b"\1" * 500
    assert next(taken) <= 3
    assert len(stream.read()) == 98_500

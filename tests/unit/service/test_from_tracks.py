"""Tracks converted to the observations that the API reports."""

from __future__ import annotations

import io
import itertools
from dataclasses import replace

import numpy as np

from people_pathing.engine import Track
from people_pathing.engine.detections import FACE
from people_pathing.service.result_pages.from_tracks import BlockStream, Observations, blocks, observations
from people_pathing.service.result_pages.layout import (
    BLOCK_BYTES,
    HEADER_BYTES,
    OBSERVATION,
    PART_BYTES,
    SortOrder,
)
from tests.unit.service.world import a_job, header_of, walking_people

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
    (row,) = observations([track(0, [0], box)], width_px, height_px).persons
    return [float(ratio) for ratio in row["box"]]


def in_order(converted: Observations, order: SortOrder) -> list[tuple[int, int]]:
    """Returns (Timestamp, Index) of all observations."""
    return [(int(row["timestamp_ms"]), int(row["index"])) for page in converted.pages(order) for row in page]


def test_a_box_is_whole_pixels_divided_by_the_frame_size_as_float32() -> None:
    assert ratios((11.2, 539.6, 491.4, 810.0))[0] == 0.00572916679084301
    assert ratios((11.2, 539.6, 491.4, 810.0)) == [float(np.float32(n)) for n in (11 / 1920, 0.5, 0.25, 0.25)]


def test_a_box_is_clipped_to_the_frame() -> None:
    assert ratios((-50.0, -20.0, 960.0, 1200.0)) == [0, 0, 0.5, 1]


def test_a_box_is_at_least_one_pixel_wide_and_high_and_inside_the_frame() -> None:
    one = [float(np.float32(1 / 1920)), float(np.float32(1 / 1080))]

    assert ratios((100.0, 200.0, 100.2, 200.3))[2:] == one
    left, top, width, height = ratios((1919.8, 1079.9, 1930.0, 1090.0))
    assert [width, height] == one
    assert round(left * 1920) + round(width * 1920) == 1920
    assert round(top * 1080) + round(height * 1080) == 1080


def test_both_orders_hold_the_same_observations() -> None:
    tracks = [track(1, [0, 66, 133], (0, 0, 9, 9)), track(0, [66, 133, 200], (5, 5, 9, 9))]

    converted = observations(tracks, 100, 100)

    indexed = in_order(converted, "INDEX")
    assert indexed == [(66, 0), (133, 0), (200, 0), (0, 1), (66, 1), (133, 1)]
    assert in_order(converted, "TIMESTAMP") == sorted(indexed)


def test_faces_are_ratios_of_the_frame_and_keep_their_observation() -> None:
    detected = np.zeros(1, FACE)
    detected["row"], detected["score"], detected["box"] = 1, 0.75, (-10, 20, 30, 60)
    detected["landmarks"] = [[(0, 30), (20, 30), (10, 40), (5, 50), (15, 50)]]
    detected["pose"], detected["quality"] = (-5, 3, 40), (60, 12)
    tracks = [
        replace(track(1, [0, 66], (0, 0, 9, 9)), faces=detected),
        track(0, [0, 66, 133], (0, 0, 9, 9)),
    ]

    converted = observations(tracks, 200, 100)

    assert converted.face_at.tolist() == [4]
    (face,) = converted.faces
    assert face["box"].tolist() == [float(np.float32(n)) for n in (-0.05, 0.2, 0.2, 0.4)]
    assert face["landmarks"].tolist()[1] == [float(np.float32(n)) for n in (0.1, 0.3)]
    assert (face["confidence"], *face["pose"], *face["quality"]) == (75, -5, 3, 40, 60, 12)
    with_faces = [row for page in converted.pages("TIMESTAMP") for row in page if row["face"]["confidence"]]
    assert [(row["timestamp_ms"], row["index"]) for row in with_faces] == [(66, 1)]


def test_a_video_without_people_has_no_observations_and_one_block() -> None:
    converted = observations([], 100, 100)

    assert len(converted) == 0
    assert [len(block) for block in blocks(header_of(a_job(), 0, 0), converted)] == [
        PART_BYTES + HEADER_BYTES
    ]


def test_blocks_are_where_page_ranges_expect_them() -> None:
    converted = walking_people(3, 700)

    sizes = [len(block) for block in blocks(header_of(a_job(), len(converted), 0), converted)]

    assert sizes == [BLOCK_BYTES, BLOCK_BYTES, PART_BYTES + HEADER_BYTES + 100 * OBSERVATION.size]


def test_blocks_are_streamed_without_keeping_them_in_memory() -> None:
    taken = itertools.count()
    parts = (bytes([next(taken)]) * 1000 for _ in range(100))
    stream = io.BufferedReader(BlockStream(parts), 1000)

    assert stream.read(1500) == b"\0" * 1000 + b"\1" * 500
    assert next(taken) <= 3
    assert len(stream.read()) == 98_500

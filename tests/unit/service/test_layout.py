"""The binary layout of a result object: sizes, positions, headers and observations."""

from __future__ import annotations

import json
import re
import struct
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from people_pathing.common.json_values import from_json
from people_pathing.results.provenance import Provenance
from people_pathing.results.provenance_header import MAX_MASKS_BYTES, write_header
from people_pathing.service.job import Job, VideoObject
from people_pathing.service.result_pages.from_tracks import blocks
from people_pathing.service.result_pages.layout import (
    BLOCK_BYTES,
    HEADER_BYTES,
    OBSERVATION,
    ORDERS,
    PAGE_SIZE,
    PART_BYTES,
    Header,
    PageRange,
    SortOrder,
    unpacked,
)
from people_pathing.service.result_pages.person import FaceDetail, PersonDetection
from tests.unit.service.world import METADATA, VIDEO, a_header, header_of, observations_of, walking_people

# The layout of stored results, written out: a change of one of these numbers makes stored results unreadable.
BLOCK, HEADER_AT, INDEXED_AT = 228_288, 108_000, 120_288


def test_the_sizes_of_the_parts_are_those_of_stored_results() -> None:
    assert (OBSERVATION.size, OBSERVATION.format) == (108, "<qi4f20f")
    assert (PAGE_SIZE, PART_BYTES, HEADER_BYTES, BLOCK_BYTES) == (1000, 108_000, 12_288, BLOCK)
    assert ORDERS == ("TIMESTAMP", "INDEX")


@pytest.mark.parametrize(
    ("order", "first", "count", "start", "end"),
    [
        # In TIMESTAMP order: from the first observation to the end of the block's header.
        ("TIMESTAMP", 0, 1, 0, INDEXED_AT),
        ("TIMESTAMP", 0, 1000, 0, INDEXED_AT),
        ("TIMESTAMP", 7, 3, 7 * 108, INDEXED_AT),
        ("TIMESTAMP", 999, 1, 999 * 108, INDEXED_AT),
        ("TIMESTAMP", 1000, 1, BLOCK, BLOCK + INDEXED_AT),
        # The page ends in the next block: to the end of its last observation.
        ("TIMESTAMP", 999, 2, 999 * 108, BLOCK + 108),
        ("TIMESTAMP", 2500, 1000, 2 * BLOCK + 500 * 108, 3 * BLOCK + 500 * 108),
        # In INDEX order: from the block's header to the end of the last observation.
        ("INDEX", 0, 1, HEADER_AT, INDEXED_AT + 108),
        ("INDEX", 0, 1000, HEADER_AT, BLOCK),
        ("INDEX", 7, 3, HEADER_AT, INDEXED_AT + 10 * 108),
        ("INDEX", 1000, 1, BLOCK + HEADER_AT, BLOCK + INDEXED_AT + 108),
        ("INDEX", 999, 2, HEADER_AT, BLOCK + INDEXED_AT + 108),
    ],
)
def test_a_page_range_covers_its_observations_and_a_header(
    order: SortOrder, first: int, count: int, start: int, end: int
) -> None:
    page = PageRange(order, first, count)

    assert (page.start, page.end) == (start, end)


@given(st.sampled_from(ORDERS), st.integers(0, 10_000_000), st.integers(1, 1000))
def test_a_page_never_reads_more_than_two_blocks(order: SortOrder, first: int, count: int) -> None:
    page = PageRange(order, first, count)

    assert 0 < page.end - page.start <= BLOCK_BYTES + PART_BYTES + HEADER_BYTES


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(("first", "count"), [(0, 1), (0, 1000), (3, 2), (998, 4), (1000, 10), (2099, 1)])
def test_a_page_range_reads_its_own_observations_from_a_written_object(
    order: SortOrder, first: int, count: int
) -> None:
    observations = walking_people(3, 700)
    data = b"".join(blocks(a_header(), observations))
    page = PageRange(order, first, count)

    read = page.observations(data[page.start : page.end], 2100)

    rows = [row for part in observations.pages(order) for row in part][first : first + count]
    assert [(one.timestamp_ms, one.person_index) for one in read] == [
        (row["timestamp_ms"], row["index"]) for row in rows
    ]
    assert {(one.left, one.top, one.width, one.height, one.face) for one in read} == {
        (0.25, 0.5, 0.125, 0.25, None)
    }
    assert page.header(data[page.start : page.end]) == a_header()


def test_a_page_has_no_observations_after_the_last() -> None:
    data = b"".join(blocks(a_header(), walking_people(1, 5)))
    page = PageRange("INDEX", 3, 1000)

    assert [one.timestamp_ms for one in page.observations(data[page.start :], 5)] == [200, 266]
    assert PageRange("INDEX", 5, 10).observations(data[page.start :], 5) == []


@pytest.mark.parametrize("order", ORDERS)
def test_a_page_of_an_object_that_lost_its_last_rows_is_an_error(order: SortOrder) -> None:
    data = b"".join(blocks(a_header(), walking_people(3, 700)))
    page = PageRange(order, 1000, 1000)
    read = data[page.start : page.start + 500 * OBSERVATION.size]

    with pytest.raises(ValueError, match="before the end of a page"):
        page.observations(read, 2100)


def test_a_range_that_ends_before_the_header_has_none() -> None:
    (block,) = blocks(a_header(), walking_people(0, 0))
    page = PageRange("TIMESTAMP", 0, 1)

    assert page.header(block) == a_header()
    assert page.header(block[:-1]) is None
    assert page.header(b"") is None
    assert PageRange("INDEX", 1000, 1).header(b"") is None


def test_a_header_is_json_padded_with_spaces() -> None:
    header = a_header(job_tag="\u00e9")

    data = header.to_bytes()

    assert len(data) == 12_288
    assert data.rstrip(b" ") == data.strip()
    assert data[:1] + data.rstrip(b" ")[-1:] + data[-1:] == b"{} "
    assert json.loads(data) == {
        "job_id": "j",
        "account": "1",
        "secret": "00" * 32,
        "ended_ms": 0,
        "observation_count": 10,
        "video": VIDEO,
        "job_tag": "\u00e9",
        "metadata": METADATA,
        "provenance": None,
    }
    assert "\u00e9".encode() in data
    assert Header.from_bytes(data) == header


def test_a_header_of_an_earlier_version_is_read() -> None:
    """Results are kept for seven days, so a new version finds those of the one before."""
    earlier = json.loads(a_header().to_bytes())
    del earlier["provenance"]

    assert Header.from_bytes(json.dumps(earlier).encode().ljust(12_288)) == a_header()


def test_a_header_that_is_too_long_is_an_error_with_both_sizes() -> None:
    room = 12_288 - len(a_header(job_tag="").to_bytes().rstrip())

    assert len(a_header(job_tag="t" * room).to_bytes()) == 12_288
    with pytest.raises(ValueError, match=r"^the header has 12289 bytes; at most 12288 fit$"):
        a_header(job_tag="t" * (room + 1)).to_bytes()


@pytest.mark.parametrize("character", ["w", '"', "\\", "\U0001f600"])
def test_the_longest_key_version_tag_and_provenance_fit_into_the_header(character: str) -> None:
    long = character * 600
    # With one vertex more, the masks would be unknown in any case.
    vertex = [0.1234567890123456, 0.1234567890123456]
    polygon = [vertex] * ((MAX_MASKS_BYTES - len("[[]]")) // len("[0.1234567890123456,0.1234567890123456],"))
    longest = {"float": 1e-300, "int": 10**12, "str": long, "tuple": [long] * 100, "Masks": [polygon]}
    facts = {field.name: longest[re.split(r"\W", str(field.type))[0]] for field in fields(Provenance)}
    made = from_json(Provenance, json.dumps(facts))
    video = VideoObject("b" * 255, "\x01" * 1024, "v" * 1024, "v" * 1024, "etag", 1)
    job = Job("j" * 64, "1" * 12, video, None, "/" * 1024, "00" * 32, 0)

    header = replace(header_of(job, 10**8, 10**13), provenance=write_header(made))
    # Names of characters that JSON escapes leave no room for masks.
    assert (f'"masks":[[[{vertex[0]}' in (header.provenance or "")) == (character in {"w", "\U0001f600"})

    (block,) = blocks(header, walking_people(0, 0))

    assert PageRange("INDEX", 0, 1).header(block[PART_BYTES:]) == header


def _numbers(confidence: float) -> list[Any]:
    """The numbers of one observation, all different, with this confidence of the face."""
    return [33, 7, 0.5, 0.25, 0.125, 0.0625, 1, 2, 3, 4, confidence, *range(6, 21)]


def test_the_numbers_of_an_observation_are_in_the_order_of_the_layout() -> None:
    face = FaceDetail(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, tuple(range(11, 21)))

    data = struct.pack("<qi4f20f", *_numbers(confidence=5))

    assert unpacked(OBSERVATION.unpack(data)) == PersonDetection(33, 7, 0.5, 0.25, 0.125, 0.0625, face)


def test_only_a_confidence_above_0_is_a_face() -> None:
    assert unpacked(_numbers(confidence=0)).face is None
    assert unpacked(_numbers(confidence=2**-10)).face is not None


def test_a_written_face_is_read_with_all_its_numbers() -> None:
    landmarks = [(0.5, 0.25), (0.75, 0.25), (0.625, 0.375), (0.5, 0.5), (0.75, 0.5)]
    face = ((0.5, 0.25, 0.25, 0.125), 87.5, (-5.5, 3.25, 40.0), (62.5, 12.5), landmarks)
    data = b"".join(blocks(a_header(), observations_of([(0, 0, (0, 0, 1, 1))], {0: face})))

    (one,) = PageRange("TIMESTAMP", 0, 1).observations(data, 1)

    assert one.face == FaceDetail(
        left=0.5,
        top=0.25,
        width=0.25,
        height=0.125,
        confidence=87.5,
        pitch=-5.5,
        roll=3.25,
        yaw=40.0,
        brightness=62.5,
        sharpness=12.5,
        landmarks=(0.5, 0.25, 0.75, 0.25, 0.625, 0.375, 0.5, 0.5, 0.75, 0.5),
    )

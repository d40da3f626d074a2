"""How a result was made: the form in which it travels in a header and is stored in job.json."""

import json
from dataclasses import asdict, fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from people_pathing.results.provenance import UNKNOWN, Provenance
from people_pathing.results.provenance_header import MAX_HEADER_BYTES, read_header, write_header

MADE = Provenance(
    version="0.1.0",
    tracked_at="2026-01-31T12:00:00Z",
    detector="yolox (yolox_nano.onnx)",
    model_sha256="0a" * 32,
    reidentifier=None,
    reidentification_model_sha256=None,
    face_detector="centerface (centerface.onnx)",
    face_model_sha256="0b" * 32,
    sample_fps=14.985,
    search_fps=7.493,
    input_width_px=960,
    input_height_px=544,
    masked_areas=1,
    masks=(((0.1, 0.2), (0.5, 0.25), (1.0, 1.0)),),
    frames_decoded=120,
    frames_expected=250,
    picture_start_ms=33.333,
    warnings=("Only 120 of 250 frames could be decoded.",),
)
NAMES = [field.name for field in fields(Provenance)]


def test_a_header_has_all_facts() -> None:
    header = write_header(MADE)

    assert read_header(header) == MADE
    assert list(json.loads(header)) == NAMES
    assert header.startswith('{"version":"0.1.0","tracked_at":"2026-01-31T12:00:00Z",')


@pytest.mark.parametrize(
    "value", [None, "", "no JSON", "[]", "7", "null", '"text"', "{", "[" * 5000, "9" * 5000]
)
def test_without_a_header_everything_is_unknown(value: str | None) -> None:
    assert read_header(value) == Provenance()
    assert {getattr(Provenance(), name) for name in NAMES if name != "warnings"} == {UNKNOWN}


def test_a_header_that_is_too_long_is_not_read() -> None:
    assert read_header(write_header(MADE) + " " * 9000) == Provenance()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("version", ""),
        ("version", 7),
        ("version", None),
        ("version", "x" * 501),
        ("detector", "\x1b[31mred"),
        ("detector", "two\nlines"),
        ("detector", "\ud800"),
        ("detector", ["yolox"]),
        ("model_sha256", "0A" * 32),
        ("model_sha256", "0a" * 31),
        ("reidentification_model_sha256", "0A" * 32),
        ("face_model_sha256", 7),
        ("reidentifier", False),
        ("tracked_at", "today"),
        ("tracked_at", "2026-01-31T12:00:00+01:00"),
        ("tracked_at", "\u0662026-01-31T12:00:00Z"),
        ("sample_fps", 0),
        ("sample_fps", -1.5),
        ("sample_fps", float("inf")),
        ("sample_fps", float("nan")),
        ("sample_fps", True),
        ("sample_fps", "15"),
        ("search_fps", None),
        ("frames_decoded", -1),
        ("picture_start_ms", -1),
        ("masks", None),
        ("masks", {}),
        ("masks", [[[0, 0], [1, 1]]]),
        ("masks", [[[0, 0], [1, 1], [1]]]),
        ("masks", [[[0, 0], [1, 1], [1, 1.5]]]),
        ("masks", [[[0, 0], [1, 1], [1, True]]]),
        ("masks", [[[0, 0], [1, 1], "ab"]]),
        ("picture_start_ms", float("nan")),
        ("picture_start_ms", None),
        ("frames_decoded", 1.5),
        ("frames_decoded", True),
        ("frames_decoded", None),
        ("frames_expected", 10**13),
        ("input_width_px", {"width": 640}),
    ],
)
def test_a_fact_that_is_not_plausible_is_unknown_and_the_others_are_read(name: str, value: Any) -> None:
    header = json.dumps(asdict(MADE) | {name: value})
    unknown: dict[str, Any] = {name: UNKNOWN}

    assert read_header(header) == replace(MADE, **unknown)


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("text", ()),
        (None, ()),
        ({"a": 1}, ()),
        (["one", 2, None, "", "x" * 501, "\x07", "three"], ("one", "three")),
        ([str(number) for number in range(100)], tuple(map(str, range(20)))),
    ],
)
def test_warnings_are_sentences_and_not_many(value: Any, read: tuple[str, ...]) -> None:
    header = json.dumps(asdict(MADE) | {"warnings": value})

    assert read_header(header) == replace(MADE, warnings=read)


def test_unknown_members_of_a_later_release_are_ignored() -> None:
    header = json.dumps(asdict(MADE) | {"colour": "red", "members": 7})

    assert read_header(header) == MADE


def test_warnings_that_do_not_fit_are_counted_in_the_last_one() -> None:
    header = write_header(replace(MADE, warnings=tuple(f"{number} " + "w" * 300 for number in range(50))))

    *kept, last = read_header(header).warnings
    assert [warning.split()[0] for warning in kept] == [str(number) for number in range(len(kept))]
    assert len(kept) > 3
    assert last == f"Warnings that do not fit here: {50 - len(kept)}."


def test_masks_that_do_not_fit_are_unknown() -> None:
    many = tuple(((0.1, 0.1), (0.2, 0.1), (0.1, 0.2)) for _ in range(100))

    assert read_header(write_header(replace(MADE, masks=many))) == replace(MADE, masks=UNKNOWN)


def test_long_texts_are_cut_and_say_so() -> None:
    long = replace(MADE, detector="d" * 5000, warnings=("w" * 5000,))

    made = read_header(write_header(long))

    assert (made.detector, made.warnings) == ("d" * 147 + "...", ("w" * 397 + "...",))


TEXT = st.text(max_size=600) | st.sampled_from(['"' * 600, "\\" * 600, "\U0001f600" * 600, "\r\nx-other: 1"])


@given(TEXT, TEXT, TEXT, st.lists(TEXT, max_size=30))
def test_a_header_of_any_texts_is_short_printable_ascii_and_can_be_read(
    detector: str, reidentifier: str, face_detector: str, warnings: list[str]
) -> None:
    made = replace(
        MADE,
        detector=detector,
        reidentifier=reidentifier,
        face_detector=face_detector,
        warnings=tuple(warnings),
    )

    header = write_header(made)

    assert header.isascii()
    assert header.isprintable()
    assert len(json.dumps(header)) <= MAX_HEADER_BYTES
    read = read_header(header)
    assert read.frames_decoded == 120
    assert len(read.warnings) == min(len(json.loads(header)["warnings"]), 20) or "" in warnings


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()


@given(st.recursive(SCALARS, st.lists, max_leaves=5))
def test_a_header_of_any_values_is_read_into_facts_that_can_be_sent_again(value: Any) -> None:
    header = json.dumps(dict.fromkeys(NAMES, value) | {"warnings": [value]})

    read = read_header(header)

    assert read_header(write_header(read)).frames_decoded == read.frames_decoded

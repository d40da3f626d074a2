"""Observations as the service reports them, for properties that hold for all results."""

from __future__ import annotations

from struct import pack, unpack
from typing import Any

from hypothesis import strategies as st

from tests.unit.exports.stored import seen

WIDTH_PX, HEIGHT_PX, FRAME_RATE = 640, 480, 25.0
FRAMES = 60


def float32(value: float) -> float:
    rounded: float = unpack("f", pack("f", value))[0]
    return rounded


@st.composite
def boxes(draw: st.DrawFn) -> tuple[float, float, float, float]:
    """Left, top, width and height: whole pixels divided by the size of the frame, as 32-bit numbers."""
    left = draw(st.integers(0, WIDTH_PX - 1))
    top = draw(st.integers(0, HEIGHT_PX - 1))
    width = draw(st.integers(1, WIDTH_PX - left))
    height = draw(st.integers(1, HEIGHT_PX - top))
    return (
        float32(left / WIDTH_PX),
        float32(top / HEIGHT_PX),
        float32(width / WIDTH_PX),
        float32(height / HEIGHT_PX),
    )


@st.composite
def results(draw: st.DrawFn) -> list[dict[str, Any]]:
    """The members of Persons of a video with FRAMES frames. Each first, second or third frame is sampled."""
    step = draw(st.integers(1, 3))
    sampled = range(draw(st.integers(0, step - 1)), FRAMES, step)
    indexes = draw(st.lists(st.integers(0, 9), max_size=4, unique=True))
    persons = []
    for index in sorted(indexes):
        frames = draw(st.lists(st.sampled_from(sampled), min_size=1, max_size=12, unique=True))
        persons += [seen(index, int(frame * 1000 / FRAME_RATE), draw(boxes())) for frame in sorted(frames)]
    return persons


def as_rows(persons: list[dict[str, Any]]) -> list[tuple[int, int, tuple[float, ...]]]:
    """Returns person, time in milliseconds, and left, top, width and height."""
    return [
        (
            one["Person"]["Index"],
            one["Timestamp"],
            tuple(one["Person"]["BoundingBox"][name] for name in ("Left", "Top", "Width", "Height")),
        )
        for one in persons
    ]


def from_pixels(left: float, top: float, right: float, bottom: float) -> tuple[float, ...]:
    """Returns the ratios of a box whose edges are in pixels, as they are stored."""
    return (
        float32(left / WIDTH_PX),
        float32(top / HEIGHT_PX),
        float32(round(right - left, 2) / WIDTH_PX),
        float32(round(bottom - top, 2) / HEIGHT_PX),
    )

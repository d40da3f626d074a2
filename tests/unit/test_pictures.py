"""Checks the pictures in the docs, and the generated scene that they show."""

from __future__ import annotations

import math
import re
from itertools import pairwise

import pytest
from PIL import Image

from docs import generate
from docs.screenshots.visitors import DURATION_S, VISITORS, Visitor

PICTURES = generate.ROOT / "docs/pictures"
ON_GITHUB = "https://raw.githubusercontent.com/people-pathing/people-pathing/main/docs/pictures/"
MAX_BYTES = 300_000
MAX_WALKING_M_S = 1.6
STEP_S = 0.1


def pictures_of(page_text: str) -> list[tuple[str, str]]:
    """Returns the description and the address of each picture in a page."""
    addresses = dict(re.findall(r"^\[([^]]+)\]: (\S+)$", page_text, re.MULTILINE))
    inline = re.findall(r"!\[([^]]*)\]\(([^)]+)\)", page_text)
    by_name = re.findall(r"!\[([^]]*)\]\[([^]]+)\]", page_text)
    return inline + [(description, addresses[name]) for description, name in by_name]


SHOWN = [
    (page.name, *picture)
    for page in generate.pages()
    for picture in pictures_of(page.read_text(encoding="utf-8"))
]


def test_pictures_are_small() -> None:
    sizes = {path.name: path.stat().st_size for path in PICTURES.iterdir()}

    assert sizes
    assert {name: size for name, size in sizes.items() if size > MAX_BYTES} == {}


def test_every_picture_is_in_a_page_and_every_page_shows_pictures_that_exist() -> None:
    shown = {address.rpartition("/")[2] for _, _, address in SHOWN}

    assert shown == {path.name for path in PICTURES.iterdir()}


@pytest.mark.parametrize(("page", "description", "address"), SHOWN)
def test_a_picture_is_described_and_where_its_address_says(page: str, description: str, address: str) -> None:
    # PyPI shows the README without the repository around it.
    folder = ON_GITHUB if page == "README.md" else "pictures/"

    assert len(description.split()) > 5
    assert address.startswith(folder)


def test_the_loop_repeats_forever() -> None:
    with Image.open(PICTURES / "report-loop.webp") as loop:
        assert getattr(loop, "n_frames", 1) > 10
        assert loop.info["loop"] == 0


@pytest.mark.parametrize("visitor", VISITORS)
def test_visitors_walk_as_fast_as_people(visitor: Visitor) -> None:
    times = [visitor.start_s + number * STEP_S for number in range(round(DURATION_S / STEP_S))]
    places = [visitor.position(time) for time in times]
    steps = [math.dist(before, after) for before, after in pairwise(places)]

    assert 0 < max(steps) < MAX_WALKING_M_S * STEP_S


@pytest.mark.parametrize("visitor", VISITORS)
def test_a_visitor_begins_at_the_first_stop_and_ends_at_the_last(visitor: Visitor) -> None:
    assert math.dist(visitor.position(visitor.start_s - 1), visitor.stops[0].position) < 0.01
    assert math.dist(visitor.position(visitor.end_s + 1), visitor.stops[-1].position) < 0.01

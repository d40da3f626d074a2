"""The clip of the smoke test: it shows the people whom the comparison expects."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from people_pathing.smoke_test import clip
from tests.stack.smoke_clip import draw


def frames(path: Path) -> list[Any]:
    with av.open(path) as container:
        return [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]


def test_the_clip_is_what_its_program_draws(tmp_path: Path) -> None:
    draw(tmp_path / "again.mp4")

    stored, drawn = frames(clip.PATH), frames(tmp_path / "again.mp4")

    assert len(stored) == len(drawn) == clip.FRAME_COUNT
    for before, now in zip(stored, drawn, strict=True):
        assert np.abs(before.astype(int) - now).mean() < 2


def observations(
    *people: clip.DrawnPerson, offset_px: float = 0.0, until_ms: int = clip.DURATION_MS
) -> Iterator[dict[str, Any]]:
    """Yields what a tracker reports that is wrong by an offset."""
    for index, person in enumerate(people):
        for at_ms in range(0, until_ms, 100):
            x_px, y_px = person.centre_px(at_ms)
            box = {
                "Left": (x_px + offset_px - 30) / clip.WIDTH_PX,
                "Top": (y_px - 100) / clip.HEIGHT_PX,
                "Width": 60 / clip.WIDTH_PX,
                "Height": 200 / clip.HEIGHT_PX,
            }
            yield {"Timestamp": at_ms, "Person": {"Index": index, "BoundingBox": box}}


FIRST, SECOND = clip.PEOPLE


@pytest.mark.parametrize("people", [(FIRST, SECOND), (SECOND, FIRST)])
def test_people_on_their_paths_are_right_in_any_order(people: tuple[clip.DrawnPerson, ...]) -> None:
    assert clip.problem_of(observations(*people)) is None
    assert clip.problem_of(observations(*people, offset_px=30)) is None


@pytest.mark.parametrize(
    ("found", "problem"),
    [
        (observations(), "the clip shows 2 people, and 0 were found"),
        (observations(FIRST), "the clip shows 2 people, and 1 were found"),
        (observations(FIRST, SECOND, SECOND), "the clip shows 2 people, and 3 were found"),
        (observations(FIRST, SECOND, until_ms=2600), "person 0 was seen for 50% of the clip"),
        (observations(FIRST, SECOND, offset_px=42), "wrong by 20% of the height on average"),
        (observations(FIRST, FIRST), "the path of a person is wrong"),
    ],
)
def test_other_people_are_a_problem(found: Iterator[dict[str, Any]], problem: str) -> None:
    assert problem in str(clip.problem_of(found))

"""Reading the points of paths from files of observations."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from people_pathing.analysis.path_points import (
    ObservationsError,
    PathPoint,
    foot_point,
    parse_path_points,
    read_path_points,
)
from people_pathing.results.observation import observations_in

BOX = {"Left": 0.25, "Top": 0.125, "Width": 0.5, "Height": 0.25}


def observation(at_ms: Any = 40, index: Any = 3, box: Any = BOX) -> dict[str, Any]:
    person = {"Index": index} if box is None else {"Index": index, "BoundingBox": box}
    return {"Timestamp": at_ms, "Person": person}


def line(document: object) -> bytes:
    return json.dumps(document).encode() + b"\n"


def test_the_point_is_the_middle_of_the_lower_edge() -> None:
    [point] = parse_path_points([line(observation())])

    assert point == PathPoint(person=3, at_ms=40, x=0.5, y=0.375, box_height=0.25)


def test_the_point_is_the_foot_point_of_the_results() -> None:
    [point] = parse_path_points([line(observation())])
    [stored] = observations_in([observation()])

    assert (point.x, point.y) == stored.foot


@pytest.mark.parametrize(("left", "top", "expected"), [(-0.5, 0.9, (0.0, 1.0)), (0.9, -0.5, (1.0, 0.0))])
def test_the_point_is_limited_to_the_frame(left: float, top: float, expected: tuple[float, float]) -> None:
    point = foot_point(0, 0, left, top, 0.5, 0.25)

    assert (point.x, point.y) == expected


def test_observations_without_a_box_and_empty_lines_are_left_out() -> None:
    assert list(parse_path_points([line(observation(box=None)), b"\n"])) == []


def test_compressed_files_of_several_members_and_plain_files_are_read(tmp_path: Path) -> None:
    lines = [line(observation(at_ms=at_ms)) for at_ms in (0, 40, 80)]
    plain, compressed = tmp_path / "plain", tmp_path / "compressed"
    plain.write_bytes(b"".join(lines))
    compressed.write_bytes(b"".join(map(gzip.compress, lines)))

    assert [point.at_ms for point in read_path_points(plain)] == [0, 40, 80]
    assert list(read_path_points(compressed)) == list(read_path_points(plain))


def test_an_empty_file_has_no_points(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()

    assert list(read_path_points(tmp_path / "empty")) == []


@pytest.mark.parametrize(
    "document",
    [
        "text",
        [],
        {},
        observation(at_ms=1.5),
        observation(at_ms=-1),
        observation(at_ms=31 * 24 * 3600 * 1000 + 1),
        observation(index=True),
        observation(box={**BOX, "Left": "0.5"}),
        observation(box={**BOX, "Left": float("nan")}),
        observation(box={**BOX, "Height": float("inf")}),
        observation(box={"Left": 0}),
    ],
)
def test_a_line_that_is_no_observation_is_named(document: object) -> None:
    with pytest.raises(ObservationsError, match="line 2 is not an observation"):
        list(parse_path_points([line(observation()), line(document)]))


def test_a_truncated_file_is_damaged(tmp_path: Path) -> None:
    whole = gzip.compress(b"".join(line(observation(at_ms=at_ms)) for at_ms in range(1000)))
    (tmp_path / "cut.gz").write_bytes(whole[: len(whole) // 2])

    with pytest.raises(ObservationsError, match="damaged or incomplete"):
        list(read_path_points(tmp_path / "cut.gz"))

"""Dataclasses as JSON: what is written is read back, and anything else is an error."""

from dataclasses import dataclass

import pytest

from people_pathing.common.json_values import from_json, from_mapping, to_json


@dataclass(frozen=True)
class Point:
    x: int
    label: str | None = None


@dataclass(frozen=True)
class Shape:
    name: str
    center: Point
    corners: tuple[Point, ...] = ()
    hole: Point | None = None
    sides: dict[str, int] | None = None
    size: int | str | None = None


@pytest.mark.parametrize(
    "shape",
    [
        Shape("dot", Point(1)),
        Shape("square", Point(1, "é"), (Point(2), Point(3, "b")), Point(4), {"a": 5}, 7),
        Shape("circle", Point(1), size="unknown"),
    ],
)
def test_nested_values_are_read_back_unchanged(shape: Shape) -> None:
    assert from_json(Shape, to_json(shape)) == shape
    assert from_json(Shape, to_json(shape).encode()) == shape


def test_a_value_is_one_line_whose_members_are_the_fields() -> None:
    assert to_json(Shape("dot", Point(1))) == (
        '{"name": "dot", "center": {"x": 1, "label": null}, "corners": [], "hole": null, "sides": null, '
        '"size": null}'
    )


def test_members_with_a_default_may_be_missing() -> None:
    assert from_mapping(Shape, {"name": "dot", "center": {"x": 1}}) == Shape("dot", Point(1))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('{"name": "dot"}', "center"),
        ('{"name": "dot", "center": {}}', "x"),
        ('{"name": "dot", "center": {"x": 1}, "colour": "red"}', "colour"),
        ('{"name": "dot", "center": {"x": 1, "z": 2}}', "z"),
    ],
)
def test_missing_and_unknown_members_are_an_error_at_every_depth(text: str, named: str) -> None:
    with pytest.raises(TypeError, match=f"'{named}'"):
        from_json(Shape, text)

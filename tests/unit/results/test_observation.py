"""Observations from replies of GetPersonTracking."""

import json
import math
from itertools import permutations, product
from typing import Any

from people_pathing.results.observation import Observation, observations_in
from tests.fakes.person_tracking import person


def test_the_foot_is_the_middle_of_the_lower_edge_of_the_box() -> None:
    box = {"Left": 0.25, "Top": 0.125, "Width": 0.5, "Height": 0.25}
    (observation,) = observations_in([{"Timestamp": 40, "Person": {"Index": 3, "BoundingBox": box}}])
    assert observation.foot == (0.5, 0.375)
    assert (observation.timestamp_ms, observation.person_index) == (40, 3)


def test_an_observation_without_box_has_no_foot() -> None:
    (observation,) = observations_in([{"Timestamp": 40, "Person": {"Index": 3}}])
    assert observation == Observation(40, 3, None, '{"Timestamp":40,"Person":{"Index":3}}')


def test_the_line_is_the_observation_as_the_api_reports_it() -> None:
    reported = person(1, 66, 10, 20)
    reported["Person"]["Face"] = {"Confidence": 99.5}
    (observation,) = observations_in([reported])
    assert json.loads(observation.line) == reported
    assert "\n" not in observation.line
    assert " " not in observation.line


def _observation(timestamp_ms: Any, index: Any, box: Any, **more: Any) -> dict[str, Any]:
    return {"Timestamp": timestamp_ms, "Person": {"Index": index, "BoundingBox": box, **more}}


def test_the_line_is_what_json_writes_for_any_number_and_any_order_of_members() -> None:
    numbers = (0.25, 1e-05, 1 / 3, 0.0, -0.0, 0, False, 1, 1.0, True, -0.5, 1e22, math.inf, math.nan)
    boxes = [
        dict(zip(("Width", "Height", "Left", "Top"), (width, height, left, 0.5), strict=True))
        for width, height, left in product(numbers, repeat=3)
    ]
    reported = [_observation(66, 3, box) for box in boxes]
    reported += [_observation(time, index, boxes[0]) for time, index in product(numbers, repeat=2)]
    reported += [_observation(66, 3, dict(order)) for order in permutations(boxes[0].items())]
    reported += [_observation(66, 3, {**boxes[0], "Angle": 1}), _observation(66, 3, boxes[0], Face={})]
    reported += [{"Timestamp": 66, "Person": {"BoundingBox": boxes[0], "Index": 3}}]

    lines = [observation.line for observation in observations_in(reported)]

    assert lines == [json.dumps(one, separators=(",", ":")) for one in reported]

"""Observations from replies of GetPersonTracking."""

import json

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

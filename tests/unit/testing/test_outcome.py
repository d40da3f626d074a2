"""The persons of a test: made up from a seed, or recorded from a real video."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import boto3
import pytest

from people_pathing.results.stored_result import StoredResultError
from people_pathing.testing import Outcome, person_tracking, recorded_persons, walking_people
from people_pathing.testing.outcome import to_observations
from tests.unit.exports.stored import seen, store
from tests.unit.testing.targets import BY_TIME, FACE, reported

BOX = (0.25, 0.5, 0.125, 0.25)


def boxes_of(persons: list[dict[str, Any]], index: int) -> list[dict[str, float]]:
    return [one["Person"]["BoundingBox"] for one in persons if one["Person"]["Index"] == index]


def test_the_same_arguments_give_the_same_people() -> None:
    assert walking_people(3, seed=7) == walking_people(3, seed=7)
    assert walking_people(3, seed=7) != walking_people(3, seed=8)


def test_more_people_do_not_change_the_first_ones() -> None:
    assert boxes_of(walking_people(1), 0) == boxes_of(walking_people(4), 0)


@pytest.mark.parametrize("seed", range(20))
def test_people_cross_the_picture_inside_the_frame(seed: int) -> None:
    persons = walking_people(5, duration_ms=5000, seed=seed)

    assert {one["Person"]["Index"] for one in persons} == set(range(5))
    for box in (one["Person"]["BoundingBox"] for one in persons):
        assert box["Left"] >= 0
        assert box["Top"] >= 0
        assert box["Left"] + box["Width"] <= 1
        assert box["Top"] + box["Height"] <= 1
    lefts = [box["Left"] for box in boxes_of(persons, 0)]
    assert max(lefts) - min(lefts) > 0.5
    assert len({after > before for before, after in pairwise(lefts)}) == 1


def test_the_times_are_those_of_every_second_frame_at_30_per_second() -> None:
    times = [one["Timestamp"] for one in walking_people(1, duration_ms=400)]

    assert times == [0, 66, 133, 200, 266, 333, 400]


def test_one_person_arrives_every_half_second() -> None:
    persons = walking_people(3, duration_ms=2000)
    first = {
        index: min(p["Timestamp"] for p in persons if p["Person"]["Index"] == index) for index in range(3)
    }

    assert first == {0: 0, 1: 533, 2: 1000}


def test_nobody_walks_if_nobody_is_asked_for() -> None:
    assert walking_people(0) == []


@pytest.mark.parametrize("arguments", [{"people": -1}, {"duration_ms": -1}])
def test_negative_numbers_are_refused(arguments: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="must not be negative"):
        walking_people(**arguments)


def test_the_persons_of_a_real_video_can_be_replayed(tmp_path: Path) -> None:
    recorded = [seen(0, 0, BOX), seen(0, 66, BOX), seen(4, 0, BOX)]
    store(tmp_path, recorded)
    assert recorded_persons(tmp_path) == recorded

    with person_tracking(Outcome(recorded_persons(tmp_path))):
        s3 = boto3.client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket="videos")
        s3.put_object(Bucket="videos", Key="street.mp4", Body=b"a video")
        client = boto3.client("rekognition", region_name="us-east-1")
        video: Any = {"S3Object": {"Bucket": "videos", "Name": "street.mp4"}}
        job_id = client.start_person_tracking(Video=video)["JobId"]
        assert client.get_person_tracking(JobId=job_id, SortBy="INDEX")["Persons"] == recorded


def test_a_folder_without_results_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoredResultError, match="is not a folder with result files"):
        recorded_persons(tmp_path)


def test_a_person_can_be_in_one_place_at_a_time() -> None:
    with pytest.raises(ValueError, match="the person with Index 0 is reported twice at 66 ms"):
        to_observations([reported(0, 66, 0.25), reported(0, 66, 0.5)])


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"timestamp_ms": -1}, "-1 is not between 0 and 9007199254740992"),
        ({"index": -1}, "-1 is not between 0 and 2147483647"),
        ({"index": 2**40}, "1099511627776 is not between 0 and 2147483647"),
        ({"timestamp_ms": float("inf")}, "OverflowError"),
        ({"left": float("nan")}, "the numbers of a box are ratios of the frame"),
        ({"left": 640.0}, "the numbers of a box are ratios of the frame"),
    ],
)
def test_numbers_that_no_reply_has_are_refused(values: dict[str, Any], message: str) -> None:
    person = reported(**{"index": 0, "timestamp_ms": 0, "left": 0.25, **values})
    with pytest.raises(ValueError, match=rf"persons\[0\] is not a PersonDetection .*{message}"):
        to_observations([person])


@pytest.mark.parametrize(
    "face",
    [{name: value for name, value in FACE.items() if name != missing} for missing in FACE]
    + [{**FACE, "Confidence": 0}, {**FACE, "Landmarks": FACE["Landmarks"][1:]}],  # type: ignore[index]
    ids=[*FACE, "no confidence", "four landmarks"],
)
def test_an_incomplete_face_is_refused_with_the_number_of_the_person(face: dict[str, Any]) -> None:
    with pytest.raises(
        ValueError, match=r"persons\[1\] is not a PersonDetection .* a Face needs all members"
    ):
        to_observations([BY_TIME[0], reported(0, 66, 0.5, Face=face)])

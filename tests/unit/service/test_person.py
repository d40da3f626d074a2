"""An observation in the API's own JSON form."""

from __future__ import annotations

import json
import struct

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from people_pathing.service.result_pages.person import LANDMARK_TYPES, FaceDetail, PersonDetection

SMALLEST, LARGEST = struct.unpack("<2f", b"\x01\x00\x00\x00\xff\xff\x7f\x7f")
Float32 = st.floats(width=32, allow_nan=False, allow_infinity=False)
FACE = FaceDetail(
    left=0.1,
    top=0.2,
    width=0.3,
    height=0.4,
    confidence=99.5,
    pitch=-5.0,
    roll=6.0,
    yaw=7.0,
    brightness=80.0,
    sharpness=90.0,
    landmarks=(0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.08, 0.09, 0.11),
)


def test_a_person_without_a_face_has_time_index_and_box() -> None:
    detection = PersonDetection(1234, 7, left=0.5, top=0.25, width=0.125, height=0.75)

    assert detection.to_api() == {
        "Timestamp": 1234,
        "Person": {"Index": 7, "BoundingBox": {"Width": 0.125, "Height": 0.75, "Left": 0.5, "Top": 0.25}},
    }


def test_a_face_has_its_own_box_landmarks_pose_quality_and_confidence() -> None:
    person = PersonDetection(0, 0, 0.0, 0.0, 1.0, 1.0, FACE).to_api()["Person"]

    assert person["BoundingBox"] == {"Width": 1.0, "Height": 1.0, "Left": 0.0, "Top": 0.0}
    assert person["Face"] == {
        "BoundingBox": {"Width": 0.3, "Height": 0.4, "Left": 0.1, "Top": 0.2},
        "Landmarks": [
            {"Type": "eyeLeft", "X": 0.01, "Y": 0.02},
            {"Type": "eyeRight", "X": 0.03, "Y": 0.04},
            {"Type": "nose", "X": 0.05, "Y": 0.06},
            {"Type": "mouthLeft", "X": 0.07, "Y": 0.08},
            {"Type": "mouthRight", "X": 0.09, "Y": 0.11},
        ],
        "Pose": {"Roll": 6.0, "Yaw": 7.0, "Pitch": -5.0},
        "Quality": {"Brightness": 80.0, "Sharpness": 90.0},
        "Confidence": 99.5,
    }


def test_members_are_in_the_order_of_the_retired_service() -> None:
    reply = PersonDetection(0, 0, 0.0, 0.0, 1.0, 1.0, FACE).to_api()

    assert list(reply) == ["Timestamp", "Person"]
    assert list(reply["Person"]) == ["Index", "BoundingBox", "Face"]
    assert list(reply["Person"]["BoundingBox"]) == ["Width", "Height", "Left", "Top"]
    assert list(reply["Person"]["Face"]) == ["BoundingBox", "Landmarks", "Pose", "Quality", "Confidence"]
    assert tuple(landmark["Type"] for landmark in reply["Person"]["Face"]["Landmarks"]) == LANDMARK_TYPES


@pytest.mark.parametrize("count", [8, 12])
def test_a_face_with_another_number_of_landmarks_is_an_error(count: int) -> None:
    face = FACE._replace(landmarks=(0.5,) * count)

    with pytest.raises(ValueError, match="zip"):
        PersonDetection(0, 0, 0.0, 0.0, 1.0, 1.0, face).to_api()


@pytest.mark.parametrize("face", [None, FACE])
def test_the_json_of_a_person_is_that_of_its_structure(face: FaceDetail | None) -> None:
    third_px, no_px = 0.00156249995343387127, 0.0
    person = PersonDetection(2**40, 2**31 - 1, third_px, no_px, 1 / 3, 5.9604645e-08, face)

    assert person.to_json() == json.dumps(person.to_api(), separators=(",", ":"))


def test_the_json_of_a_zero_does_not_depend_on_the_zeros_before_it() -> None:
    negative = PersonDetection(0, 0, -0.0, -0.0, -0.0, -0.0, None)
    zero = PersonDetection(0, 0, 0.0, 0.0, 0.0, 0.0, None)

    assert negative.to_json() == zero.to_json() == json.dumps(zero.to_api(), separators=(",", ":"))


@given(st.integers(0, 2**63 - 1), st.integers(0, 2**31 - 1), st.lists(Float32, min_size=24, max_size=24))
@example(0, 0, [-0.0] * 24)
@example(0, 0, [SMALLEST, -SMALLEST, LARGEST, -LARGEST] * 6)
@example(0, 0, [9.999999747378752e-05, 1e-4, 1e16, 9999999198560256.0, 2.0**-126, 0.1] * 4)
def test_the_json_of_a_face_is_that_of_its_structure_for_all_numbers(
    timestamp_ms: int, index: int, numbers: list[float]
) -> None:
    face = FaceDetail._make([*numbers[4:14], tuple(numbers[14:])])
    person = PersonDetection._make([timestamp_ms, index, *numbers[:4], face])

    assert person.to_json() == json.dumps(person.to_api(), separators=(",", ":"))

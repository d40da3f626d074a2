"""Pages of a stored result, read through GetPersonTracking in both orders."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest

from people_pathing.service.artifacts import observations_key
from people_pathing.service.protocol.errors import InvalidPaginationTokenException, ResourceNotFoundException
from people_pathing.service.result_pages.from_tracks import Observations, blocks
from people_pathing.service.result_pages.layout import ORDERS, PAGE_SIZE, SortOrder
from people_pathing.service.result_pages.page_token import PageToken
from tests.unit.service.fakes import Call
from tests.unit.service.in_memory_service import Service
from tests.unit.service.world import (
    ARTIFACT_BUCKET,
    METADATA,
    VIDEO,
    a_face,
    header_of,
    observations_of,
    store_results,
    walking_people,
)

HOUR_S = 3600


def finished(observations: Observations, **parameters: Any) -> tuple[Service, str]:
    """Returns a service, and the JobId of a job that ended with these observations."""
    service = Service()
    job_id = service.start(**parameters)
    job = service.job(job_id)
    store_results(service.store, header_of(job, len(observations), job.started_ms), observations)
    service.end(job_id)
    return service, job_id


def pages(service: Service, job_id: str, **parameters: Any) -> Iterator[dict[str, Any]]:
    token: dict[str, Any] = {}
    while True:
        page = service.get(job_id, **parameters, **token)
        yield page
        if "NextToken" not in page:
            return
        token = {"NextToken": page["NextToken"]}


def persons(service: Service, job_id: str, **parameters: Any) -> list[tuple[int, int]]:
    """Returns (Timestamp, Index) of all observations on all pages."""
    return [
        (person["Timestamp"], person["Person"]["Index"])
        for page in pages(service, job_id, **parameters)
        for person in page["Persons"]
    ]


@pytest.mark.parametrize("page_size", [1, 7, 999, 1000, 1_000_000])
@pytest.mark.parametrize("people", [0, 1, 5, 30])
def test_all_pages_together_have_every_observation_once_in_the_requested_order(
    people: int, page_size: int
) -> None:
    frames = 67 if page_size > 7 else 11
    service, job_id = finished(walking_people(people, frames))
    everything = list(product([frame * 1000 // 15 for frame in range(frames)], range(people)))

    assert persons(service, job_id, MaxResults=page_size) == everything
    assert persons(service, job_id, MaxResults=page_size, SortBy="INDEX") == sorted(
        everything, key=lambda person: (person[1], person[0])
    )


def test_timestamp_is_the_default_order_and_1000_is_the_default_and_largest_page() -> None:
    service, job_id = finished(walking_people(10, 250))

    assert [len(page["Persons"]) for page in pages(service, job_id)] == [1000, 1000, 500]
    assert (
        service.get(job_id)["Persons"] == service.get(job_id, SortBy="TIMESTAMP", MaxResults=5000)["Persons"]
    )


@pytest.mark.parametrize("order", ORDERS)
def test_each_of_a_thousand_pages_costs_one_ranged_read_and_the_first_reads_the_job(
    order: SortOrder,
) -> None:
    service, job_id = finished(walking_people(50, 100))
    service.log.calls.clear()

    count = sum(1 for _ in pages(service, job_id, SortBy=order, MaxResults=5))

    assert count == 1000
    assert service.log.calls[0] == Call("GetItem", job_id[:32])
    assert service.log.calls[1:] == [Call("GetObject", f"jobs/{job_id}/observations.bin")] * 1000


def test_the_page_size_can_change_from_page_to_page() -> None:
    service, job_id = finished(walking_people(4, 300))

    first = service.get(job_id, MaxResults=3)
    second = service.get(job_id, MaxResults=1000, NextToken=first["NextToken"])

    assert (
        first["Persons"] + second["Persons"]
        == service.get(job_id)["Persons"]
        + service.get(job_id, MaxResults=3, NextToken=service.get(job_id)["NextToken"])["Persons"]
    )


class Repeated:
    """Bytes that are one block many times. They need the memory of one."""

    def __init__(self, block: bytes, count: int) -> None:
        self._block = block
        self._count = count
        self.read: list[int] = []

    def __len__(self) -> int:
        return len(self._block) * self._count

    def __getitem__(self, part: slice) -> bytes:
        start, stop, _ = part.indices(len(self))
        first = start // len(self._block)
        blocks = self._block * (-(-stop // len(self._block)) - first)
        self.read.append(stop - start)
        return blocks[start - first * len(self._block) : stop - first * len(self._block)]


@pytest.mark.parametrize("order", ORDERS)
def test_the_last_of_ten_million_observations_cost_one_read_of_as_many_bytes_as_the_first(
    order: SortOrder,
) -> None:
    count = 10_000_000
    service, job_id = finished(walking_people(1, PAGE_SIZE))
    header = header_of(service.job(job_id), count, service.job(job_id).started_ms)
    (block,) = blocks(header, walking_people(1, PAGE_SIZE))
    stored = Repeated(block, count // PAGE_SIZE)
    objects, at = service.s3.objects, (ARTIFACT_BUCKET, observations_key(job_id))
    objects[at] = objects[at]._replace(data=stored)  # type: ignore[arg-type]

    first = service.get(job_id, SortBy=order)
    token = str(PageToken.issue(header, order, count - PAGE_SIZE, service.now_ms() // 1000))
    service.log.calls.clear()
    last = service.get(job_id, SortBy=order, NextToken=token)

    assert [call.operation for call in service.log.calls] == ["GetObject"]
    assert stored.read[0] == stored.read[1]
    assert last["Persons"] == first["Persons"]
    assert ("NextToken" in first, "NextToken" in last) == (True, False)


def test_every_page_describes_the_job_and_the_video() -> None:
    service, job_id = finished(walking_people(1, 3), JobTag="ramp:1")

    for page in pages(service, job_id, MaxResults=1):
        common = {key: value for key, value in page.items() if key not in ("Persons", "NextToken")}
        assert common == {
            "JobStatus": "SUCCEEDED",
            "VideoMetadata": METADATA,
            "JobId": job_id,
            "Video": VIDEO,
            "JobTag": "ramp:1",
        }


def test_boxes_are_returned_as_the_float32_that_was_stored() -> None:
    service, job_id = finished(observations_of([(0, 0, (11 / 1920, 0.5, 0.25, 1 / 3))]))

    (person,) = service.get(job_id)["Persons"]

    box = {"Left": 0.00572916679084301, "Top": 0.5, "Width": 0.25, "Height": 0.3333333432674408}
    assert person["Person"]["BoundingBox"] == box


def test_a_page_token_is_valid_for_24_hours_and_a_result_for_7_days() -> None:
    service, job_id = finished(walking_people(1, 3))
    token = service.get(job_id, MaxResults=1)["NextToken"]

    service.wait(24 * HOUR_S - 1)
    assert service.get(job_id, NextToken=token)["Persons"]
    service.wait(1)
    with pytest.raises(InvalidPaginationTokenException):
        service.get(job_id, NextToken=token)
    service.wait(6 * 24 * HOUR_S - 1)
    assert service.get(job_id)["Persons"]
    service.wait(1)
    with pytest.raises(ResourceNotFoundException):
        service.get(job_id)


def test_a_page_token_of_one_order_is_invalid_for_the_other() -> None:
    service, job_id = finished(walking_people(2, 3))
    token = service.get(job_id, MaxResults=1, SortBy="INDEX")["NextToken"]

    with pytest.raises(InvalidPaginationTokenException):
        service.get(job_id, NextToken=token)


def test_a_page_token_of_one_job_is_invalid_for_another() -> None:
    service, job_id = finished(walking_people(2, 3))
    token = service.get(job_id, MaxResults=1)["NextToken"]
    other = service.start("another")
    job = service.job(other)
    store_results(service.store, header_of(job, 6, job.started_ms), walking_people(2, 3))

    with pytest.raises(InvalidPaginationTokenException):
        service.get(other, NextToken=token)


def test_a_page_token_with_any_changed_bit_is_rejected() -> None:
    service, job_id = finished(walking_people(2, 3))
    token = base64.urlsafe_b64decode(service.get(job_id, MaxResults=1)["NextToken"])

    for bit in range(8 * len(token)):
        changed = bytearray(token)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(InvalidPaginationTokenException):
            service.get(job_id, NextToken=base64.urlsafe_b64encode(changed).decode())


def test_a_page_token_is_rejected_while_the_job_has_no_pages() -> None:
    service, job_id = finished(walking_people(2, 3))
    token = service.get(job_id, MaxResults=1)["NextToken"]
    running = service.start("another")

    with pytest.raises(InvalidPaginationTokenException):
        service.get(running, NextToken=token)


def test_an_observation_without_a_face_omits_the_member() -> None:
    service, job_id = finished(walking_people(1, 1))

    assert set(service.get(job_id)["Persons"][0]["Person"]) == {"Index", "BoundingBox"}


def test_a_face_has_the_default_attributes_of_the_retired_service() -> None:
    box = (0.25, 0.5, 0.125, 0.25)
    service, job_id = finished(observations_of([(0, 0, box), (66, 0, box)], {1: a_face()}))

    without, person = service.get(job_id)["Persons"]

    assert "Face" not in without["Person"]
    assert person["Person"]["Face"] == {
        "BoundingBox": {"Width": 0.0625, "Height": 0.125, "Left": 0.25, "Top": 0.5},
        "Landmarks": [
            {"Type": "eyeLeft", "X": 0.265625, "Y": 0.515625},
            {"Type": "eyeRight", "X": 0.296875, "Y": 0.515625},
            {"Type": "nose", "X": 0.28125, "Y": 0.53125},
            {"Type": "mouthLeft", "X": 0.265625, "Y": 0.546875},
            {"Type": "mouthRight", "X": 0.296875, "Y": 0.546875},
        ],
        "Pose": {"Roll": 3.25, "Yaw": 40.0, "Pitch": -5.5},
        "Quality": {"Brightness": 62.5, "Sharpness": 12.5},
        "Confidence": 87.5,
    }


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("page_size", [7, 1000])
def test_each_face_stays_with_its_observation_in_both_orders_and_any_page_size(
    order: SortOrder, page_size: int
) -> None:
    people, frames = 3, 700
    faces = {number: a_face(confidence=1 + number / 64) for number in range(0, people * frames, 5)}
    observations = walking_people(people, frames)
    service, job_id = finished(observations_of(observations.persons.tolist(), faces))

    confidences = {
        (person["Person"]["Index"], person["Timestamp"]): person["Person"].get("Face", {}).get("Confidence")
        for page in pages(service, job_id, SortBy=order, MaxResults=page_size)
        for person in page["Persons"]
    }

    assert confidences == {
        (int(row["index"]), int(row["timestamp_ms"])): faces[number][1] if number in faces else None
        for number, row in enumerate(observations.persons)
    }

"""GetPersonTracking for jobs without results."""

from __future__ import annotations

from itertools import product

import pytest

from people_pathing.service.job import Outcome
from people_pathing.service.protocol.errors import ResourceNotFoundException
from people_pathing.service.result_pages.page_token import PageToken
from tests.unit.service.in_memory_service import Service
from tests.unit.service.world import VIDEO, header_of, store_results, walking_people

DAY_S = 24 * 3600


def test_a_running_job_is_in_progress_and_has_no_persons_yet() -> None:
    service = Service()
    job_id = service.start(JobTag="a")

    assert _given_members(service.get(job_id)) == {
        "JobStatus": "IN_PROGRESS",
        "Persons": [],
        "JobId": job_id,
        "Video": VIDEO,
        "JobTag": "a",
    }


def test_a_failed_job_reports_the_reason() -> None:
    service = Service()
    job_id = service.start()
    service.store_outcome(job_id, Outcome("FAILED", "s3://videos/a.txt is no video", service.clock.now_ms()))

    answer = service.get(job_id)

    assert (answer["JobStatus"], answer["StatusMessage"]) == ("FAILED", "s3://videos/a.txt is no video")


@pytest.mark.parametrize("status", ["FAILED", "TIMED_OUT", "ABORTED"])
def test_a_job_that_was_stopped_by_hand_is_reported_as_failed(status: str) -> None:
    service = Service()
    job_id = service.start()
    service.states.statuses[job_id] = status

    answer = service.get(job_id)

    assert (answer["JobStatus"], answer["StatusMessage"]) == (
        "FAILED",
        "The job was stopped before it ended.",
    )


def test_a_job_without_an_execution_yet_is_in_progress() -> None:
    service = Service()
    job_id = service.start()
    service.states.statuses.clear()

    assert service.get(job_id)["JobStatus"] == "IN_PROGRESS"


@pytest.mark.parametrize("job_id", ["no-such-job", "job-slots"])
def test_an_unknown_job_is_not_found(job_id: str) -> None:
    with pytest.raises(ResourceNotFoundException, match=f"Could not find JobId {job_id}"):
        Service().get(job_id)


def test_a_job_of_another_account_looks_like_a_job_that_does_not_exist() -> None:
    service = Service()
    running, finished = service.start("1"), service.start("2")
    job = service.job(finished)
    store_results(service.store, header_of(job, 1, job.started_ms), walking_people(1, 1))

    token = str(PageToken("TIMESTAMP", 10**6, service.clock.now_ms() // 1000, bytes(16)))
    for job_id, parameters in product((running, finished), ({}, {"NextToken": token})):
        with pytest.raises(ResourceNotFoundException) as other_account:
            service.get(job_id, account="999999999999", **parameters)
        with pytest.raises(ResourceNotFoundException) as missing:
            service.get("j" * len(job_id), **parameters)
        assert str(other_account.value).replace(job_id, "") == str(missing.value).replace(
            "j" * len(job_id), ""
        )
        assert service.get(job_id)


def test_a_failure_is_reported_for_seven_days() -> None:
    service = Service()
    job_id = service.start()
    service.wait(DAY_S)
    service.store_outcome(job_id, Outcome("ERROR", "why", service.clock.now_ms()))

    service.wait(7 * DAY_S - 1)
    assert service.get(job_id)["JobStatus"] == "FAILED"
    service.wait(1)
    with pytest.raises(ResourceNotFoundException):
        service.get(job_id)


def _given_members(answer: dict[str, object]) -> dict[str, object]:
    return {key: value for key, value in answer.items() if value is not None}

"""GetPersonTracking for jobs without results."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from people_pathing.service.protocol.errors import ResourceNotFoundException
from people_pathing.service.result_pages.page_token import PageToken
from tests.unit.service.in_memory_service import Service
from tests.unit.service.world import VIDEO, header_of, store_results, walking_people

DAY_S = 24 * 3600


def test_a_running_job_is_in_progress_and_has_no_persons_yet() -> None:
    service = Service()
    job_id = service.start(JobTag="a")

    assert service.get(job_id) == {
        "JobStatus": "IN_PROGRESS",
        "Persons": [],
        "JobId": job_id,
        "Video": VIDEO,
        "JobTag": "a",
    }


def test_an_empty_page_token_means_the_first_page() -> None:
    """The Python samples in the Developer Guide begin with NextToken=''."""
    service = Service()
    job_id = service.start()
    assert service.get(job_id, NextToken="")["JobStatus"] == "IN_PROGRESS"
    job = service.job(job_id)
    store_results(service.store, header_of(job, 4, job.started_ms), walking_people(2, 2))
    service.end(job_id)

    pages: list[dict[str, Any]] = []
    token = ""
    while not pages or token:
        pages.append(service.get(job_id, MaxResults=3, NextToken=token))
        token = pages[-1].get("NextToken", "")

    assert [len(page["Persons"]) for page in pages] == [3, 1]
    assert service.get(job_id, NextToken="") == service.get(job_id)


def test_a_failed_job_reports_the_reason() -> None:
    service = Service()
    job_id = service.start()
    service.end(job_id, "FAILED", "s3://videos/a.txt is no video")

    answer = service.get(job_id)

    assert (answer["JobStatus"], answer["StatusMessage"]) == ("FAILED", "s3://videos/a.txt is no video")


def test_a_stored_result_is_shown_only_after_the_job_has_ended_as_succeeded() -> None:
    """So GetPersonTracking and the completion notice always agree."""
    service = Service()
    ended, failed = service.start("1"), service.start("2")
    for job_id in (ended, failed):
        job = service.job(job_id)
        store_results(service.store, header_of(job, 1, job.started_ms), walking_people(1, 1))
        assert service.get(job_id)["JobStatus"] == "IN_PROGRESS"

    service.end(ended)
    service.end(failed, "ERROR", "The job was stopped before it ended.")

    assert service.get(ended)["JobStatus"] == "SUCCEEDED"
    assert service.get(failed)["JobStatus"] == "FAILED"


def test_the_first_page_costs_two_reads_and_a_further_page_one() -> None:
    service = Service()
    job_id = service.start()
    job = service.job(job_id)
    store_results(service.store, header_of(job, 4, job.started_ms), walking_people(2, 2))
    service.end(job_id)

    service.log.calls.clear()
    token = service.get(job_id, MaxResults=2)["NextToken"]
    assert [call.operation for call in service.log.calls] == ["GetItem", "GetObject"]
    service.log.calls.clear()
    service.get(job_id, MaxResults=2, NextToken=token)
    assert [call.operation for call in service.log.calls] == ["GetObject"]


def test_the_state_of_a_running_job_costs_one_read() -> None:
    service = Service()
    job_id = service.start()
    service.log.calls.clear()

    service.get(job_id)

    assert [call.operation for call in service.log.calls] == ["GetItem"]


def test_a_job_whose_results_were_erased_is_not_found() -> None:
    service = Service()
    job_id = service.start()
    service.end(job_id)

    with pytest.raises(ResourceNotFoundException):
        service.get(job_id)


def test_a_job_without_an_execution_yet_is_in_progress() -> None:
    service = Service()
    job_id = service.start()
    service.states.statuses.clear()

    assert service.get(job_id)["JobStatus"] == "IN_PROGRESS"


@pytest.mark.parametrize("job_id", ["no-such-job", "register", "0" * 64])
def test_an_unknown_job_is_not_found(job_id: str) -> None:
    with pytest.raises(ResourceNotFoundException, match=f"Could not find JobId {job_id}"):
        Service().get(job_id)


def test_a_job_id_of_which_half_is_guessed_is_not_found() -> None:
    """The first half is a hash of the account and the token, so a caller may know it."""
    service = Service()
    job_id = service.start("token")

    with pytest.raises(ResourceNotFoundException):
        service.get(job_id[:32] + "0" * 32)


def test_a_job_of_another_account_looks_like_a_job_that_does_not_exist() -> None:
    service = Service()
    running, finished = service.start("1"), service.start("2")
    job = service.job(finished)
    store_results(service.store, header_of(job, 1, job.started_ms), walking_people(1, 1))
    service.end(finished)

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
    service.end(job_id, "ERROR", "why")

    service.wait(7 * DAY_S - 1)
    assert service.get(job_id)["JobStatus"] == "FAILED"
    service.wait(1)
    with pytest.raises(ResourceNotFoundException):
        service.get(job_id)

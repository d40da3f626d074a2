"""Reads what the previous release stored, and refuses what a later release may have stored."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from people_pathing.cli.environment_errors import environment_problem
from people_pathing.common.formats import FORMAT, NewerFormatError, check_format
from people_pathing.pipeline.job_record import JobRecord, JobState
from people_pathing.pipeline.job_table import RECORD_FORMAT
from people_pathing.results import file_names
from people_pathing.service.artifacts import RESULT_FORMAT, STEP_FORMAT, observations_key, plan_key
from people_pathing.service.job_items import JOB_FORMAT, REGISTER_KEY, item_key
from people_pathing.service.protocol.wire import Request
from people_pathing.service.steps.context import Models, WorkerContext, read_plan
from people_pathing.service.steps.link import link
from people_pathing.service.steps.tasks import JobTask
from people_pathing.service.worker_settings import WorkerSettings
from tests.fakes.pipeline import FakePipeline
from tests.unit.service.in_memory_service import Service
from tests.unit.service.world import ARTIFACT_BUCKET, Clock
from tests.upgrade.scenario import FRAME_COUNT, PAGE_SIZE, WALKERS
from tests.upgrade.stored import stored

ACCOUNT = "000000000000"


@pytest.fixture
def service() -> Iterator[Service]:
    """This release's service over what the previous release stored."""
    with mock_aws():
        service = Service(clock=Clock(stored().facts["now_ms"] / 1000))
        for item in stored().items("JobStoreTable"):
            service.dynamodb.put_item(TableName=service.table, Item=item)
        for key, data in stored().objects("ArtifactBucket").items():
            service.s3.put_object(Bucket=ARTIFACT_BUCKET, Key=key, Body=data)
        yield service


@pytest.fixture
def pipeline() -> Iterator[FakePipeline]:
    """This release's pipeline over what the previous release stored."""
    with mock_aws():
        pipeline = FakePipeline(now_ms=stored().facts["now_ms"])
        for item in stored().items("JobTable"):
            pipeline.dynamodb.put_item(TableName=pipeline.table._name, Item=item)
        yield pipeline


def job_with(state: str) -> Any:
    """Returns the item of a job that the previous release stored."""
    return next(item for item in stored().items("JobStoreTable") if item.get("state") == {"S": state})


def job_id_with(state: str) -> str:
    job_id: str = job_with(state)["job_id"]["S"]
    return job_id


def test_the_previous_release_stored_no_format_numbers() -> None:
    items = [*stored().items("JobStoreTable"), *stored().items("JobTable")]
    assert len(items) > 5
    assert not any(FORMAT in item for item in items)


def test_jobs_and_the_register_of_the_previous_release_are_read(service: Service) -> None:
    states = {stored_job.job.job_id: stored_job.state for stored_job in service.jobs.all_jobs()}
    assert sorted(states.values()) == ["RUNNING", "RUNNING", "SUCCEEDED"]
    running = {job_id for job_id, state in states.items() if state == "RUNNING"}
    assert service.jobs.register().running == running


def test_results_of_the_previous_release_are_read_with_its_own_page_tokens(service: Service) -> None:
    pages = stored().facts["pages"]
    tokens = [None, *(page["NextToken"] for page in pages[:-1])]
    job_id = job_id_with("SUCCEEDED")
    for token, page in zip(tokens, pages, strict=True):
        more = {"NextToken": token} if token else {}
        found = service.get(job_id, account=ACCOUNT, MaxResults=PAGE_SIZE, **more)
        assert found["Persons"] == page["Persons"]
        assert (found["VideoMetadata"], found["Video"]) == (page["VideoMetadata"], page["Video"])


def test_results_of_the_previous_release_are_kept_for_seven_days(service: Service) -> None:
    job_id = job_id_with("SUCCEEDED")
    service.wait(7 * 24 * 3600 - 60)
    assert service.get(job_id, account=ACCOUNT)["JobStatus"] == "SUCCEEDED"
    service.wait(120)
    with pytest.raises(Exception, match="results are kept for 7 days"):
        service.get(job_id, account=ACCOUNT)


def test_a_repeated_start_finds_the_job_that_the_previous_release_accepted(service: Service) -> None:
    started = stored().facts["started"]
    parameters = {
        "Video": {"S3Object": {"Bucket": started["bucket"], "Name": "finished.mp4"}},
        "ClientRequestToken": started["token"],
    }
    request = Request("StartPersonTracking", parameters, ACCOUNT, invocation_id=None)
    output = service.operations()[request.operation](request)
    assert output.structure == {"JobId": started["job_id"]}


def test_the_steps_go_on_with_a_plan_and_detections_of_the_previous_release(service: Service) -> None:
    job_id = job_id_with("SUCCEEDED")
    service.dynamodb.put_item(
        TableName=service.table, Item={**job_with("SUCCEEDED"), "state": {"S": "RUNNING"}}
    )
    result = (ARTIFACT_BUCKET, observations_key(job_id))
    before = service.s3.objects.pop(result)
    plan = read_plan(service.store, job_id)
    assert (plan.metadata.duration_ms, len(plan.segments)) == (FRAME_COUNT * 100, 2)

    ended = link(JobTask(job_id), worker(service))

    assert ended.status == "SUCCEEDED"
    assert len(service.s3.objects[result].data) == len(before.data)
    service.publish(job_id)
    people = {one["Person"]["Index"] for one in service.get(job_id, account=ACCOUNT)["Persons"]}
    assert len(people) == len(WALKERS)


def worker(service: Service) -> WorkerContext:
    def no_models() -> Models:
        raise AssertionError("linking needs no models")

    settings = WorkerSettings.from_environment(
        {
            "ARTIFACT_BUCKET": ARTIFACT_BUCKET,
            "JOB_STORE_TABLE": service.table,
            "SEGMENT_S": "2",
            "SAMPLE_FPS": "default",
            "INPUT_PX": "default",
            "DETECTOR": "hog",
        }
    )
    return WorkerContext(settings, service.s3.as_client(), service.store, service.jobs, no_models)


def test_job_records_of_the_previous_release_are_read(pipeline: FakePipeline) -> None:
    records = {record.key: record for state in JobState for record in pipeline.table.in_state(state)}
    assert {key: record.state for key, record in records.items()} == {
        "finished.mp4": JobState.SUCCEEDED,
        "running.mp4": JobState.IN_PROGRESS,
        "waiting.mp4": JobState.WAITING,
    }
    waiting = records["waiting.mp4"].requests
    assert waiting is not None
    assert waiting.current.key == "waiting.mp4"


def test_result_files_of_the_previous_release_are_those_that_this_one_writes() -> None:
    names = {Path(key).name for key in stored().objects("ResultsBucket")}
    assert names == set(file_names())


# ---------------------------------------------------------------- formats


def test_this_release_stores_its_format_numbers(service: Service, pipeline: FakePipeline) -> None:
    job_id = service.start("new")
    pipeline.on_upload(pipeline.upload("new.mp4"))

    item = service.dynamodb.get_item(
        TableName=service.table, Key={"pk": {"S": item_key(job_id)}}, ConsistentRead=True
    )["Item"]
    assert item[FORMAT] == {"N": str(JOB_FORMAT)}
    records = pipeline.dynamodb.scan(TableName=pipeline.table._name)["Items"]
    [record] = [one for one in records if one["key"] == {"S": "new.mp4"}]
    assert record[FORMAT] == {"N": str(RECORD_FORMAT)}
    for key, number in ((plan_key(job_id), STEP_FORMAT), (observations_key(job_id), RESULT_FORMAT)):
        service.store.write(key, b"{}")
        assert service.s3.objects[ARTIFACT_BUCKET, key].metadata == {FORMAT: str(number)}


@pytest.mark.parametrize("number", [None, 1, "1", 2, "2"])
def test_known_formats_are_read(number: str | int | None) -> None:
    check_format(number, 2, "a layout")


def test_the_error_about_a_later_format_says_what_to_do() -> None:
    with pytest.raises(NewerFormatError, match=r"the job a has format 3.*reads formats up to 2.*deploy"):
        check_format("3", 2, "the job a")


def test_a_command_ends_with_the_error_instead_of_a_traceback() -> None:
    assert environment_problem(NewerFormatError("the job a has format 3")) == "the job a has format 3"


def test_a_job_of_a_later_format_is_an_error_that_a_retry_can_cure(service: Service) -> None:
    item = job_with("RUNNING")
    service.dynamodb.put_item(TableName=service.table, Item={**item, FORMAT: {"N": "2"}})
    job_id = item["job_id"]["S"]
    for read in (
        lambda: service.get(job_id, account=ACCOUNT),
        lambda: link(JobTask(job_id), worker(service)),
        lambda: list(service.jobs.all_jobs()),
    ):
        with pytest.raises(NewerFormatError, match=f"the job {job_id} has format 2"):
            read()


@pytest.mark.parametrize("name", ["plan.json", "segments/0.npz", "observations.bin"])
def test_an_object_of_a_later_format_is_an_error_that_a_retry_can_cure(service: Service, name: str) -> None:
    job_id = job_id_with("SUCCEEDED")
    [key] = [key for key in stored().objects("ArtifactBucket") if key.endswith(f"{job_id}/{name}")]
    service.s3.put_object(
        Bucket=ARTIFACT_BUCKET, Key=key, Body=stored().objects("ArtifactBucket")[key], Metadata={FORMAT: "2"}
    )
    service.dynamodb.put_item(
        TableName=service.table, Item={**job_with("SUCCEEDED"), "state": {"S": "RUNNING"}}
    )

    def read() -> object:
        if name == "observations.bin":
            token = stored().facts["pages"][0]["NextToken"]
            return service.get(job_id, account=ACCOUNT, MaxResults=PAGE_SIZE, NextToken=token)
        return link(JobTask(job_id), worker(service))

    with pytest.raises(NewerFormatError, match=f"{name} has format 2"):
        read()


def test_no_step_takes_a_later_format_for_the_fault_of_the_video() -> None:
    definition = json.loads((Path(__file__).parents[2] / "statemachine/track_people.asl.json").read_text())
    for retries in (definition["States"]["PlanJob"]["Retry"], definition["States"]["LinkTracks"]["Retry"]):
        [retried] = [one for one in retries if "States.ALL" in one["ErrorEquals"]]
        assert retried["MaxAttempts"] > 0
        assert not any(NewerFormatError.__name__ in one["ErrorEquals"] for one in retries)


def test_a_job_record_of_a_later_format_is_left_alone_and_the_others_go_on(pipeline: FakePipeline) -> None:
    [item] = [one for one in stored().items("JobTable") if one["state"] == {"S": "WAITING"}]
    pipeline.dynamodb.put_item(TableName=pipeline.table._name, Item={**item, FORMAT: {"N": "2"}})
    before = pipeline.upload("another.mp4")
    pipeline.on_upload(before)

    pipeline.on_schedule()

    assert waiting(pipeline) == []
    assert {job.key for job in started(pipeline)} == {"another.mp4"}
    with pytest.raises(NewerFormatError, match=r"the job record .* has format 2"):
        pipeline.table.get(item["video_id"]["S"])


def waiting(pipeline: FakePipeline) -> list[JobRecord]:
    return list(pipeline.table.in_state(JobState.WAITING))


def started(pipeline: FakePipeline) -> list[JobRecord]:
    return [
        one for one in pipeline.table.in_state(JobState.IN_PROGRESS) if one.job_id in pipeline.service.jobs
    ]


def test_the_register_is_no_job(service: Service) -> None:
    assert all(stored_job.job.job_id != REGISTER_KEY for stored_job in service.jobs.all_jobs())

"""From an upload to its results, with a fake service and a fake clock."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from people_pathing.pipeline.event_handling import handle_each
from people_pathing.pipeline.job_record import JobState
from people_pathing.results import file_names
from tests.fakes.person_tracking import person
from tests.fakes.pipeline import MINUTE_MS, RESULTS, ROLE, TOPIC, FakePipeline, event, persons_in

TWO_PEOPLE = [person(1, 100, 300, 200), person(0, 0, 0, 0), person(0, 66, 96, 0), person(1, 2100, 332, 200)]


def test_an_upload_becomes_results(pipeline: FakePipeline) -> None:
    pipeline.on_upload(pipeline.upload("entrance/morning.mp4"))
    record = pipeline.record()
    assert (record.state, record.job_id) == (JobState.IN_PROGRESS, "job-1")

    pipeline.on_notice(pipeline.service.succeed("job-1", TWO_PEOPLE))

    record = pipeline.record()
    assert record.state is JobState.SUCCEEDED
    files = pipeline.results(record)
    assert set(files) == set(file_names())
    assert persons_in(files["observations.jsonl.gz"]) == [
        person(0, 0, 0, 0),
        person(0, 66, 96, 0),
        person(1, 100, 300, 200),
        person(1, 2100, 332, 200),
    ]
    assert json.loads(files["people.json"]) == [
        {
            "index": 0,
            "first_seen_ms": 0,
            "path": [[0, 0.025, 0.2], [66, 0.075, 0.2]],
            "last_seen_ms": 66,
            "dwell_ms": 66,
        },
        {
            "index": 1,
            "first_seen_ms": 100,
            "path": [[100, 0.18125, 0.38519], [2100, 0.19792, 0.38519]],
            "last_seen_ms": 2100,
            "dwell_ms": 0,
        },
    ]
    assert json.loads(files["job.json"])["counts"].items() >= {"people": 2, "observations": 4}.items()
    assert set(pipeline.stored()) == {record.results_prefix + name for name in files}


def test_the_start_request_has_the_form_of_the_api(pipeline: FakePipeline) -> None:
    pipeline.on_upload(pipeline.upload("Café Süd/red flower + [Tür 1].mp4"))
    record = pipeline.record()
    assert pipeline.service.jobs["job-1"].request == {
        "Video": {
            "S3Object": {
                "Bucket": "people-pathing-videos",
                "Name": "Café Süd/red flower + [Tür 1].mp4",
                "Version": record.version,
            }
        },
        "ClientRequestToken": record.video_id,
        "JobTag": record.video_id,
        "NotificationChannel": {
            "SNSTopicArn": TOPIC,
            "RoleArn": ROLE,
        },
    }


def test_a_video_without_people_has_results(pipeline: FakePipeline) -> None:
    pipeline.on_upload(pipeline.upload("a.mp4"))
    pipeline.on_notice(pipeline.service.succeed("job-1", []))
    files = pipeline.results(pipeline.record())
    assert persons_in(files["observations.jsonl.gz"]) == []
    assert json.loads(files["people.json"]) == []


def test_a_failed_job_keeps_its_reason_and_stores_no_results(pipeline: FakePipeline) -> None:
    for status in ("FAILED", "ERROR"):
        pipeline.on_upload(pipeline.upload(f"{status}.mp4"))
    pipeline.on_notice(pipeline.service.fail("job-1", "FAILED.mp4 holds no video"))
    pipeline.on_notice(pipeline.service.fail("job-2", "out of order", status="ERROR"))
    assert [(record.state, record.reason) for record in pipeline.records()] == [
        (JobState.FAILED, "FAILED.mp4 holds no video"),
        (JobState.FAILED, "out of order"),
    ]
    assert pipeline.stored() == {}


def test_an_object_that_is_not_a_video_starts_no_job(pipeline: FakePipeline) -> None:
    pipeline.on_upload(event("s3-test-event"))
    pipeline.on_upload(pipeline.upload("empty.mp4", b""))
    pipeline.on_upload(pipeline.upload("notes.txt"))
    assert pipeline.records() == []
    assert not pipeline.service.calls


def test_a_repeated_event_starts_no_waiting_job(pipeline: FakePipeline) -> None:
    pipeline.service.limit = 0
    upload = pipeline.upload("a.mp4")
    pipeline.on_upload(upload)
    pipeline.on_upload(upload)
    assert pipeline.service.calls["StartPersonTracking"] == 1
    assert pipeline.record().state is JobState.WAITING


def test_each_version_of_a_key_has_its_own_job_in_any_order_of_events(pipeline: FakePipeline) -> None:
    older, newer = pipeline.upload("a.mp4"), pipeline.upload("a.mp4")
    pipeline.on_upload(newer)
    pipeline.on_upload(older)
    pipeline.on_notice(pipeline.service.succeed("job-1", TWO_PEOPLE))
    pipeline.on_notice(pipeline.service.succeed("job-2", []))
    first, second = pipeline.records()
    assert json.loads(pipeline.results(first)["people.json"]) == []
    assert len(json.loads(pipeline.results(second)["people.json"])) == 2


def test_two_jobs_in_one_warm_process_give_the_same_results_as_each_alone(pipeline: FakePipeline) -> None:
    pipeline.on_upload(pipeline.upload("a.mp4"))
    pipeline.on_notice(pipeline.service.succeed("job-1", TWO_PEOPLE))
    pipeline.on_upload(pipeline.upload("b.mp4"))
    pipeline.on_notice(pipeline.service.succeed("job-2", TWO_PEOPLE))
    first, second = (pipeline.results(record) for record in pipeline.records())
    assert first["observations.jsonl.gz"] == second["observations.jsonl.gz"]
    assert first["people.json"] == second["people.json"]


def test_a_job_whose_notice_was_lost_is_polled_after_ten_minutes(pipeline: FakePipeline) -> None:
    pipeline.on_upload(pipeline.upload("a.mp4"))
    pipeline.service.succeed("job-1", TWO_PEOPLE)
    pipeline.on_schedule()
    assert pipeline.record().state is JobState.IN_PROGRESS
    pipeline.now_ms += 10 * MINUTE_MS
    pipeline.on_schedule()
    assert pipeline.record().state is JobState.SUCCEEDED
    assert pipeline.s3.head_object(Bucket=RESULTS, Key=pipeline.record().results_prefix + "job.json")


@pytest.mark.parametrize(
    "changes", [{"API": "StartFaceSearch"}, {"JobTag": None}, {"JobTag": "not-ours"}, {"JobId": "another"}]
)
def test_a_notice_about_something_else_changes_nothing(
    pipeline: FakePipeline, changes: dict[str, object]
) -> None:
    pipeline.on_upload(pipeline.upload("a.mp4"))
    record = pipeline.record()
    notice = pipeline.service.succeed("job-1", TWO_PEOPLE)
    message = json.loads(notice["Records"][0]["Sns"]["Message"])
    notice["Records"][0]["Sns"]["Message"] = json.dumps(message | changes)
    pipeline.on_notice(notice)
    assert pipeline.record() == record
    assert pipeline.stored() == {}


def test_the_metrics_report_how_many_jobs_wait_and_the_age_of_the_oldest(pipeline: FakePipeline) -> None:
    pipeline.service.limit = 0
    for key in ("a.mp4", "b.mp4"):
        pipeline.on_upload(pipeline.upload(key))
    pipeline.now_ms = pipeline.records()[0].uploaded_ms + 90_000
    pipeline.queue.measure()
    assert pipeline.job_metrics.gauges == {"waiting": 2, "oldest_age_s": 90}


def test_a_job_that_cannot_be_polled_does_not_keep_the_others_from_being_polled(
    pipeline: FakePipeline,
) -> None:
    for key in ("a.mp4", "b.mp4", "c.mp4"):
        pipeline.on_upload(pipeline.upload(key))
    for job_id in ("job-1", "job-3"):
        pipeline.service.jobs[job_id].status = "UNHEARD_OF"
    pipeline.service.succeed("job-2", TWO_PEOPLE)
    pipeline.now_ms += 10 * MINUTE_MS
    with pytest.raises(ExceptionGroup) as caught:
        pipeline.on_schedule()
    (polling,) = caught.value.exceptions
    assert isinstance(polling, ExceptionGroup)
    assert len(polling.exceptions) == 2
    states = [record.state for record in pipeline.records()]
    assert states == [JobState.IN_PROGRESS, JobState.SUCCEEDED, JobState.IN_PROGRESS]


def test_a_failing_item_does_not_stop_the_others_and_is_raised_at_the_end() -> None:
    handled: list[int] = []

    def handle(item: int) -> None:
        if item % 2:
            raise ValueError(f"{item} is odd")
        handled.append(item)

    with pytest.raises(ExceptionGroup, match="2 of 5 items failed") as caught:
        handle_each(iter(range(5)), handle)
    assert handled == [0, 2, 4]
    assert [str(error) for error in caught.value.exceptions] == ["1 is odd", "3 is odd"]


def test_every_failing_item_is_logged_with_its_error(log_lines: Callable[[], list[dict[str, Any]]]) -> None:
    def handle(item: int) -> None:
        raise ValueError(f"{item} is odd")

    with pytest.raises(ExceptionGroup):
        handle_each([1, 3], handle)
    lines = log_lines()
    assert [(line["level"], line["message"]) for line in lines] == [("ERROR", "one item failed")] * 2
    assert ["1 is odd" in lines[0]["exception"], "3 is odd" in lines[1]["exception"]] == [True, True]


def test_a_batch_without_failures_raises_nothing() -> None:
    handled: list[int] = []
    handle_each([1, 2], handled.append)
    assert handled == [1, 2]

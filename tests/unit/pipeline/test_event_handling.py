"""From an upload to its results, with a fake service and a fake clock."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from people_pathing.pipeline.event_handling import handle_each
from people_pathing.pipeline.events.s3_events import UploadedVideo, parse_record
from people_pathing.pipeline.job_record import JobRecord, JobState
from people_pathing.pipeline.video import Video
from people_pathing.results import file_names
from tests.fakes.aws_errors import client_error
from tests.fakes.person_tracking import Job, person
from tests.fakes.pipeline import (
    JOBS,
    MINUTE_MS,
    RESULTS,
    ROLE,
    TOKEN_SECRET,
    TOPIC,
    FakePipeline,
    event,
    persons_in,
)
from tests.faults.injection import hooked

TWO_PEOPLE = [person(1, 100, 300, 200), person(0, 0, 0, 0), person(0, 66, 96, 0), person(1, 2100, 332, 200)]


def _video_of(upload: dict[str, Any]) -> Video:
    parsed = parse_record(upload["Records"][0])
    assert isinstance(parsed, UploadedVideo)
    return parsed.video


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
        "ClientRequestToken": record.video.client_token(TOKEN_SECRET),
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
    pipeline.on_upload(pipeline.upload("notes.txt"))
    pipeline.on_upload(pipeline.upload("zones/cam1.json"))
    assert pipeline.records() == []
    assert not pipeline.service.calls


def test_an_upload_without_bytes_is_listed_as_failed_and_starts_no_job(pipeline: FakePipeline) -> None:
    upload = pipeline.upload("empty.mp4", b"")
    pipeline.on_upload(upload)
    pipeline.on_upload(upload)
    assert pipeline.record().state is JobState.FAILED
    assert not pipeline.service.calls
    assert pipeline.job_metrics.counts == {"uploaded": 2, "empty": 1}


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


def test_a_job_whose_notice_was_lost_is_polled_after_a_minute(pipeline: FakePipeline) -> None:
    pipeline.on_upload(pipeline.upload("a.mp4"))
    pipeline.service.succeed("job-1", TWO_PEOPLE)
    pipeline.now_ms += MINUTE_MS - 1
    pipeline.on_schedule()
    assert pipeline.record().state is JobState.IN_PROGRESS
    pipeline.now_ms += 1
    pipeline.on_schedule()
    assert pipeline.record().state is JobState.SUCCEEDED
    assert pipeline.s3.head_object(Bucket=RESULTS, Key=pipeline.record().results_prefix + "job.json")


@pytest.mark.parametrize(
    "changes",
    [
        {"API": "StartFaceSearch"},
        {"API": "StartFaceSearch", "JobId": None, "Status": 7},
        {"JobTag": None},
        {"JobTag": "not-ours"},
        {"JobId": "another"},
    ],
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
    assert pipeline.job_metrics.gauges == {
        "waiting": 2,
        "oldest_age_s": 90,
        "oldest_in_progress_age_s": 0,
    }


def test_a_notice_about_another_operation_is_logged_and_raises_nothing(
    pipeline: FakePipeline, log_lines: Callable[[], list[dict[str, Any]]]
) -> None:
    message = json.dumps({"API": "StartFaceSearch", "JobId": None})
    pipeline.on_notice({"Records": [{"Sns": {"Message": message}}]})
    (line,) = log_lines()
    assert (line["level"], line["reason"]) == ("INFO", "the notice is about a job of StartFaceSearch")


# ---- what another caller, or a change of the settings, must not do


def _run_job_of_another_caller(pipeline: FakePipeline, record: JobRecord) -> None:
    """Lets another caller run the job "theirs" for a video of its own, with our tag, topic and role."""
    request = {"Video": {"S3Object": {"Bucket": "theirs", "Name": "b.mp4"}}, "JobTag": record.video_id}
    pipeline.service.jobs["theirs"] = Job("theirs", request)
    pipeline.service.succeed("theirs", TWO_PEOPLE)


@pytest.mark.parametrize("status", ["SUCCEEDED", "FAILED", "ERROR"])
def test_another_callers_job_cannot_end_or_replace_a_waiting_job(pipeline: FakePipeline, status: str) -> None:
    pipeline.service.limit = 0
    pipeline.on_upload(pipeline.upload("a.mp4"))
    _run_job_of_another_caller(pipeline, pipeline.record())
    pipeline.on_notice(pipeline.service.notice("theirs", status=status))
    record = pipeline.record()
    assert (record.state, record.job_id) == (JobState.WAITING, None)
    pipeline.service.limit = 1
    pipeline.on_notice(pipeline.service.notice("theirs", status=status))
    assert (pipeline.record().state, pipeline.record().job_id) == (JobState.IN_PROGRESS, "job-1")
    pipeline.on_notice(pipeline.service.succeed("job-1", []))
    assert json.loads(pipeline.results(pipeline.record())["people.json"]) == []


def test_another_caller_cannot_use_the_client_token_first(pipeline: FakePipeline) -> None:
    upload = pipeline.upload("a.mp4")
    video_id = _video_of(upload).video_id
    pipeline.rekognition.start_person_tracking(
        Video={"S3Object": {"Bucket": "theirs", "Name": "b.mp4"}}, ClientRequestToken=video_id
    )
    pipeline.on_upload(upload)
    assert pipeline.record().state is JobState.IN_PROGRESS
    assert (
        pipeline.service.jobs[str(pipeline.record().job_id)].request["Video"]["S3Object"]["Name"] == "a.mp4"
    )


def test_a_notice_cannot_fail_a_running_job(pipeline: FakePipeline) -> None:
    pipeline.on_upload(pipeline.upload("a.mp4"))
    pipeline.on_notice(pipeline.service.notice("job-1", status="FAILED", Message="forged"))
    assert pipeline.record().state is JobState.IN_PROGRESS
    pipeline.on_notice(pipeline.service.succeed("job-1", TWO_PEOPLE))
    assert pipeline.record().state is JobState.SUCCEEDED


def test_results_of_another_video_are_not_accepted(pipeline: FakePipeline) -> None:
    pipeline.on_upload(pipeline.upload("a.mp4"))
    notice = pipeline.service.succeed("job-1", TWO_PEOPLE)
    ours = pipeline.service.jobs["job-1"].request["Video"]
    pipeline.service.jobs["job-1"].request["Video"] = {"S3Object": {**ours["S3Object"], "Version": "v0"}}
    pipeline.on_notice(notice)
    record = pipeline.record()
    assert record.state is JobState.IN_PROGRESS
    assert str(record.reason).startswith("the service returns results of another video")
    assert pipeline.stored() == {}
    assert pipeline.job_metrics.counts["deferred"] == 1


def test_a_start_whose_reply_was_lost_is_found_again_after_the_role_has_changed(
    pipeline: FakePipeline,
) -> None:
    def lose_the_reply(**_: object) -> None:
        raise EndpointConnectionError(endpoint_url="https://nowhere")

    with hooked(pipeline.rekognition, "after-call", "StartPersonTracking", lose_the_reply):
        pipeline.on_upload(pipeline.upload("a.mp4"))
    assert pipeline.record().state is JobState.WAITING
    pipeline.role_arn += "-renamed"
    pipeline.now_ms += MINUTE_MS
    pipeline.on_schedule()
    assert (pipeline.record().state, pipeline.record().job_id) == (JobState.IN_PROGRESS, "job-1")
    assert len(pipeline.service.jobs) == 1


@pytest.mark.parametrize(
    "code", ["AccessDeniedException", "InvalidParameterException", "InvalidS3ObjectException"]
)
def test_a_wrong_setting_keeps_jobs_waiting_until_it_is_repaired(pipeline: FakePipeline, code: str) -> None:
    good_role = pipeline.role_arn

    def check(params: dict[str, Any], **_: object) -> None:
        if params["NotificationChannel"]["RoleArn"] != good_role:
            raise client_error(code, "StartPersonTracking")

    with hooked(pipeline.rekognition, "before-parameter-build", "StartPersonTracking", check):
        pipeline.role_arn = f"{good_role}-removed"
        pipeline.on_upload(pipeline.upload("a.mp4"))
        for _ in range(30):
            pipeline.now_ms += MINUTE_MS
            pipeline.on_schedule()
        assert (pipeline.record().state, pipeline.service.jobs) == (JobState.WAITING, {})
        assert pipeline.job_metrics.counts["stuck"] > 0
        assert pipeline.job_metrics.counts[JobState.FAILED] == 0

        pipeline.role_arn = good_role
        for _ in range(10):
            pipeline.now_ms += MINUTE_MS
            pipeline.on_schedule()
    assert pipeline.record().state is JobState.IN_PROGRESS
    assert pipeline.service.jobs["job-1"].request["NotificationChannel"]["RoleArn"] == good_role


def test_an_end_whose_record_was_stored_but_not_confirmed_is_counted_once(pipeline: FakePipeline) -> None:
    pipeline.on_upload(pipeline.upload("a.mp4"))
    notice = pipeline.service.fail("job-1", "no video")

    def lose_the_reply_of_the_end(**values: Any) -> None:
        if pipeline.record().state is JobState.FAILED:
            raise EndpointConnectionError(endpoint_url="https://nowhere")

    with hooked(pipeline.dynamodb, "after-call", "PutItem", lose_the_reply_of_the_end):
        pipeline.on_notice(notice)
    pipeline.on_notice(notice)
    assert (pipeline.record().state, pipeline.job_metrics.counts[JobState.FAILED]) == (JobState.FAILED, 1)


@pytest.mark.parametrize("waiting_count", [10, 1500])
def test_the_schedule_makes_the_same_calls_however_many_uploads_wait(
    pipeline: FakePipeline, waiting_count: int
) -> None:
    pipeline.service.limit = 0
    pipeline.on_upload(pipeline.upload("a.mp4"))
    (item,) = pipeline.dynamodb.scan(TableName=JOBS)["Items"]
    waiting: list[Any] = [
        {"PutRequest": {"Item": item | {"video_id": {"S": str(number)}, "due_ms": {"N": str(2**50)}}}}
        for number in range(1, waiting_count)
    ]
    for start in range(0, len(waiting), 25):
        pipeline.dynamodb.batch_write_item(RequestItems={JOBS: waiting[start : start + 25]})
    calls: list[str] = []

    def note(model: Any, **_: object) -> None:
        calls.append(model.name)

    events: Any = pipeline.dynamodb.meta.events
    events.register("before-call.dynamodb", note)
    pipeline.now_ms += MINUTE_MS
    pipeline.on_schedule()
    # One page of waiting jobs, the lease and its end, one page of overdue jobs, and three measurements.
    assert calls == ["Query", "PutItem", "PutItem", "Query", "Query", "Query", "Query"]
    assert pipeline.job_metrics.gauges["waiting"] == min(waiting_count, 1000)
    assert pipeline.table.count(JobState.WAITING) == waiting_count


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

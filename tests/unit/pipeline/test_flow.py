"""From an upload to its results, with the service and the clock faked."""

import json

import pytest

from people_pathing.pipeline.job_record import JobState
from tests.fakes.person_tracking import person
from tests.fakes.pipeline import MINUTE_MS, RESULTS, ROLE, TOPIC, FakedApp, event, persons_in

TWO_PEOPLE = [person(1, 100, 300, 200), person(0, 0, 0, 0), person(0, 66, 96, 0), person(1, 2100, 332, 200)]


def test_an_upload_becomes_results(app: FakedApp) -> None:
    app.on_upload(app.upload("entrance/morning.mp4"))
    record = app.record()
    assert (record.state, record.job_id) == (JobState.IN_PROGRESS, "job-1")

    app.on_notice(app.service.succeed("job-1", TWO_PEOPLE))

    record = app.record()
    assert record.state is JobState.SUCCEEDED
    files = app.results(record)
    assert set(files) == {"observations.jsonl.gz", "people.json", "job.json"}
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
    assert json.loads(files["job.json"])["counts"] == {"people": 2, "observations": 4}
    assert set(app.stored()) == {record.results_prefix + name for name in files}


def test_the_request_is_as_the_api_wants_it(app: FakedApp) -> None:
    app.on_upload(app.upload("Café Süd/red flower + [Tür 1].mp4"))
    record = app.record()
    assert app.service.jobs["job-1"].request == {
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


def test_a_video_without_people_has_results_too(app: FakedApp) -> None:
    app.on_upload(app.upload("a.mp4"))
    app.on_notice(app.service.succeed("job-1", []))
    files = app.results(app.record())
    assert persons_in(files["observations.jsonl.gz"]) == []
    assert json.loads(files["people.json"]) == []


def test_a_failed_job_ends_failed_with_the_reason_and_without_results(app: FakedApp) -> None:
    for status in ("FAILED", "ERROR"):
        app.on_upload(app.upload(f"{status}.mp4"))
    app.on_notice(app.service.fail("job-1", "FAILED.mp4 holds no video"))
    app.on_notice(app.service.fail("job-2", "out of order", status="ERROR"))
    assert [(record.state, record.reason) for record in app.records()] == [
        (JobState.FAILED, "FAILED.mp4 holds no video"),
        (JobState.FAILED, "out of order"),
    ]
    assert app.stored() == {}


def test_what_is_no_video_starts_nothing(app: FakedApp) -> None:
    app.on_upload(event("s3-test-event"))
    app.on_upload(app.upload("empty.mp4", b""))
    app.on_upload(app.upload("notes.txt"))
    assert app.records() == []
    assert not app.service.calls


def test_every_version_of_a_key_is_a_job_of_its_own_in_whatever_order_the_events_come(app: FakedApp) -> None:
    older, newer = app.upload("a.mp4"), app.upload("a.mp4")
    app.on_upload(newer)
    app.on_upload(older)
    app.on_notice(app.service.succeed("job-1", TWO_PEOPLE))
    app.on_notice(app.service.succeed("job-2", []))
    first, second = app.records()
    assert json.loads(app.results(first)["people.json"]) == []
    assert len(json.loads(app.results(second)["people.json"])) == 2


def test_jobs_started_in_one_warm_process_do_not_touch_each_other(app: FakedApp) -> None:
    app.on_upload(app.upload("a.mp4"))
    app.on_notice(app.service.succeed("job-1", TWO_PEOPLE))
    app.on_upload(app.upload("b.mp4"))
    app.on_notice(app.service.succeed("job-2", TWO_PEOPLE))
    first, second = (app.results(record) for record in app.records())
    assert first["observations.jsonl.gz"] == second["observations.jsonl.gz"]
    assert first["people.json"] == second["people.json"]


def test_a_lost_notice_is_made_up_for(app: FakedApp) -> None:
    app.on_upload(app.upload("a.mp4"))
    app.service.succeed("job-1", TWO_PEOPLE)
    app.on_schedule()
    assert app.record().state is JobState.IN_PROGRESS
    app.now_ms += 10 * MINUTE_MS
    app.on_schedule()
    assert app.record().state is JobState.SUCCEEDED
    assert app.s3.head_object(Bucket=RESULTS, Key=app.record().results_prefix + "job.json")


@pytest.mark.parametrize(
    "changes", [{"API": "StartFaceSearch"}, {"JobTag": None}, {"JobTag": "not-ours"}, {"JobId": "another"}]
)
def test_a_notice_about_something_else_changes_nothing(app: FakedApp, changes: dict[str, object]) -> None:
    app.on_upload(app.upload("a.mp4"))
    record = app.record()
    notice = app.service.succeed("job-1", TWO_PEOPLE)
    message = json.loads(notice["Records"][0]["Sns"]["Message"])
    notice["Records"][0]["Sns"]["Message"] = json.dumps(message | changes)
    app.on_notice(notice)
    assert app.record() == record
    assert app.stored() == {}


def test_the_gauges_say_how_many_wait_and_how_long_the_oldest_has(app: FakedApp) -> None:
    app.service.limit = 0
    for key in ("a.mp4", "b.mp4"):
        app.on_upload(app.upload(key))
    app.now_ms = app.records()[0].uploaded_ms + 90_000
    app.waiting.measure()
    assert app.job_metrics.gauges == {"waiting": 2, "oldest_age_s": 90}

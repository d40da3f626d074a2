"""Erasing a video for good, whatever functions are still at work."""

from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from people_pathing.pipeline.counting.stored_names import STORED_NAMES
from people_pathing.pipeline.erasure import (
    ERASING_REASON,
    SETTLING_MS,
    Erased,
    Eraser,
    ErasurePlan,
    JobInProgressError,
    NotSettledError,
)
from people_pathing.pipeline.job_record import JobRecord, JobState
from people_pathing.pipeline.video import MAX_FILE_NAME_BYTES, Video
from people_pathing.results import annotated_video, file_names
from tests.fakes.aws_errors import client_error
from tests.fakes.person_tracking import person
from tests.fakes.pipeline import JOBS, RESULTS, VIDEOS, FakePipeline
from tests.faults.injection import hooked, once

OBSERVATIONS = [person(0, 0, 0, 0)]
FILE_COUNT = len(file_names())


@pytest.fixture
def eraser(pipeline: FakePipeline) -> Eraser:
    return Eraser(pipeline.s3, pipeline.table, RESULTS, lambda: pipeline.now_ms)


def _plan(eraser: Eraser, key: str, version: str | None = None) -> ErasurePlan:
    found = eraser.table.find(VIDEOS, key)
    return eraser.plan(record for record in found if record.key == key and version in (None, record.version))


def _erase(pipeline: FakePipeline, eraser: Eraser, key: str, version: str | None = None) -> Erased:
    """Erases a video as the command does: mark, wait, finish."""
    plan = eraser.mark(_plan(eraser, key, version))
    pipeline.now_ms = max(pipeline.now_ms, plan.settled_ms)
    return eraser.finish(plan)


def _items(pipeline: FakePipeline) -> list[dict[str, Any]]:
    """Returns the items of the job table as DynamoDB stores them."""
    items: list[dict[str, Any]] = list(pipeline.dynamodb.scan(TableName=JOBS)["Items"])
    return items


def _tracked(pipeline: FakePipeline, key: str) -> None:
    pipeline.on_upload(pipeline.upload(key))
    job_id = str(pipeline.records()[-1].job_id)
    pipeline.on_notice(pipeline.service.succeed(job_id, OBSERVATIONS))


def _versions_left(pipeline: FakePipeline, bucket: str) -> list[str]:
    found = pipeline.s3.list_object_versions(Bucket=bucket)
    return sorted(entry["Key"] for entry in [*found.get("Versions", []), *found.get("DeleteMarkers", [])])


def test_erasing_leaves_nothing_of_one_video_and_everything_of_the_others(
    pipeline: FakePipeline, eraser: Eraser
) -> None:
    _tracked(pipeline, "a.mp4")
    first = pipeline.record()
    deeper = f"a.mp4/{first.version}/b.mp4"
    _tracked(pipeline, deeper)
    pipeline.s3.put_object(Bucket=RESULTS, Key=first.results_prefix + "people.json", Body=b"written again")
    pipeline.s3.delete_object(Bucket=RESULTS, Key=first.results_prefix + "people.json")
    pipeline.s3.put_object(
        Bucket=RESULTS, Key=f".people-pathing/collecting/{first.video_id}/000000/people.json", Body=b"["
    )

    assert _erase(pipeline, eraser, "a.mp4") == Erased(record_count=1, object_count=FILE_COUNT + 3)

    assert [record.key for record in pipeline.records()] == [deeper]
    assert {key.startswith(deeper) for key in _versions_left(pipeline, RESULTS)} == {True}
    assert len(_versions_left(pipeline, RESULTS)) == FILE_COUNT


def test_erasing_a_video_erases_its_annotated_copy(pipeline: FakePipeline, eraser: Eraser) -> None:
    _tracked(pipeline, "a.mp4")
    key = pipeline.record().results_prefix + annotated_video.NAME
    for body in (b"older", b"newer"):
        pipeline.s3.put_object(Bucket=RESULTS, Key=key, Body=body)
    pipeline.s3.create_multipart_upload(Bucket=RESULTS, Key=key)

    _erase(pipeline, eraser, "a.mp4")

    assert _versions_left(pipeline, RESULTS) == []
    assert not pipeline.s3.list_multipart_uploads(Bucket=RESULTS).get("Uploads")


def test_the_annotated_copy_shares_no_name_with_other_files() -> None:
    assert annotated_video.NAME not in {*file_names(), *STORED_NAMES}
    assert len(annotated_video.NAME.encode()) <= MAX_FILE_NAME_BYTES


def test_erasing_one_version_keeps_the_others(pipeline: FakePipeline, eraser: Eraser) -> None:
    _tracked(pipeline, "a.mp4")
    _tracked(pipeline, "a.mp4")
    older, newer = pipeline.records()
    assert _erase(pipeline, eraser, "a.mp4", older.version).record_count == 1
    assert pipeline.record() == newer
    assert len(pipeline.results(newer)) == FILE_COUNT


def test_erasing_an_unknown_video_erases_nothing(pipeline: FakePipeline, eraser: Eraser) -> None:
    assert _erase(pipeline, eraser, "a.mp4") == Erased(0, 0)


def test_a_video_with_a_running_job_is_not_erased(pipeline: FakePipeline, eraser: Eraser) -> None:
    pipeline.on_upload(pipeline.upload("a.mp4"))
    with pytest.raises(JobInProgressError, match="is being tracked"):
        _erase(pipeline, eraser, "a.mp4")
    assert pipeline.record().state is JobState.IN_PROGRESS


def test_a_running_job_of_one_version_protects_all_versions(pipeline: FakePipeline, eraser: Eraser) -> None:
    pipeline.service.limit = 1
    for _ in range(2):
        pipeline.on_upload(pipeline.upload("a.mp4"))
    before = pipeline.records()
    assert {record.state for record in before} == {JobState.IN_PROGRESS, JobState.WAITING}
    with pytest.raises(JobInProgressError, match="is being tracked"):
        _erase(pipeline, eraser, "a.mp4")
    assert pipeline.records() == before


def test_a_job_that_is_being_started_is_not_erased(pipeline: FakePipeline, eraser: Eraser) -> None:
    pipeline.service.limit = 0
    pipeline.on_upload(pipeline.upload("a.mp4"))
    record = pipeline.record()
    assert pipeline.table.replace(record, record.leased(pipeline.now_ms, 1000))
    with pytest.raises(JobInProgressError, match=f"s3://{VIDEOS}/a.mp4 is being tracked"):
        _plan(eraser, "a.mp4")


def test_a_waiting_job_whose_function_has_died_is_erased(pipeline: FakePipeline, eraser: Eraser) -> None:
    pipeline.service.limit = 0
    pipeline.on_upload(pipeline.upload("a.mp4"))
    record = pipeline.record()
    assert pipeline.table.replace(record, record.leased(pipeline.now_ms, 1000))
    pipeline.now_ms += 1000
    plan = eraser.mark(_plan(eraser, "a.mp4"))
    assert [marked.lease_until_ms for marked in plan.records] == [0]
    pipeline.now_ms = plan.settled_ms
    assert eraser.finish(plan).record_count == 1


def test_a_job_whose_results_cannot_be_collected_is_erased(pipeline: FakePipeline, eraser: Eraser) -> None:
    pipeline.on_upload(pipeline.upload("a.mp4"))
    notice = pipeline.service.succeed("job-1", OBSERVATIONS)

    def fail(**_: object) -> None:
        raise client_error("AccessDenied", "PutObject", 403)

    with hooked(pipeline.s3, "before-call", "PutObject", fail):
        pipeline.on_notice(notice)
    assert pipeline.record().state is JobState.IN_PROGRESS
    assert _erase(pipeline, eraser, "a.mp4").record_count == 1
    pipeline.on_notice(notice)
    assert (pipeline.records(), _versions_left(pipeline, RESULTS)) == ([], [])


def test_a_job_that_starts_after_the_plan_was_made_is_not_erased(
    pipeline: FakePipeline, eraser: Eraser
) -> None:
    pipeline.service.limit = 0
    pipeline.on_upload(pipeline.upload("a.mp4"))
    plan = _plan(eraser, "a.mp4")
    pipeline.service.limit = 1
    pipeline.on_schedule()
    with pytest.raises(JobInProgressError, match="changed while it was being erased"):
        eraser.mark(plan)
    assert pipeline.record().state is JobState.IN_PROGRESS


def test_preparing_changes_nothing_and_names_the_jobs_of_the_service(
    pipeline: FakePipeline, eraser: Eraser
) -> None:
    _tracked(pipeline, "a.mp4")
    pipeline.service.limit = 0
    pipeline.on_upload(pipeline.upload("a.mp4"))
    before = pipeline.records()
    plan = _plan(eraser, "a.mp4")
    assert sorted(plan.records, key=lambda record: record.uploaded_ms) == before
    assert plan.job_ids == {"job-1"}
    assert pipeline.records() == before


def test_marking_changes_the_revision_only_and_keeps_the_time_of_the_last_change(
    pipeline: FakePipeline, eraser: Eraser
) -> None:
    _tracked(pipeline, "a.mp4")
    before = pipeline.record()
    pipeline.now_ms += 5
    plan = eraser.mark(_plan(eraser, "a.mp4"))
    assert plan.records == (pipeline.record(),)
    assert pipeline.record() == replace(before, revision=before.revision + 1, reason=ERASING_REASON)


def test_a_marked_waiting_job_fails_with_a_reason_and_does_not_start(
    pipeline: FakePipeline, eraser: Eraser
) -> None:
    pipeline.service.limit = 0
    pipeline.on_upload(pipeline.upload("a.mp4"))
    eraser.mark(_plan(eraser, "a.mp4"))
    pipeline.service.limit = 1
    pipeline.on_schedule()
    record = pipeline.record()
    assert (record.state, record.reason) == (JobState.FAILED, ERASING_REASON)
    assert pipeline.service.jobs == {}


def test_the_records_are_replaced_after_the_results(
    pipeline: FakePipeline, eraser: Eraser, monkeypatch: pytest.MonkeyPatch
) -> None:
    _tracked(pipeline, "a.mp4")
    plan = eraser.mark(_plan(eraser, "a.mp4"))
    pipeline.now_ms = plan.settled_ms

    def refuse(**_: object) -> None:
        raise RuntimeError("no access")

    monkeypatch.setattr(pipeline.s3, "delete_object", refuse)
    with pytest.raises(RuntimeError, match="no access"):
        eraser.finish(plan)
    assert len(pipeline.records()) == 1
    monkeypatch.undo()
    assert _erase(pipeline, eraser, "a.mp4") == Erased(1, FILE_COUNT)


def test_an_interrupted_erasure_is_continued_and_waits_no_longer(
    pipeline: FakePipeline, eraser: Eraser
) -> None:
    _tracked(pipeline, "a.mp4")
    first = eraser.mark(_plan(eraser, "a.mp4"))
    assert eraser.erase(first) == FILE_COUNT
    pipeline.now_ms += 60_000
    second = eraser.mark(_plan(eraser, "a.mp4"))
    assert second.settled_ms == first.settled_ms
    pipeline.now_ms = second.settled_ms
    assert eraser.finish(second) == Erased(1, 0)


# ---- what comes late


def test_a_tombstone_holds_the_video_id_and_nothing_else_about_the_video(
    pipeline: FakePipeline, eraser: Eraser
) -> None:
    _tracked(pipeline, "a.mp4")
    record = pipeline.record()
    _erase(pipeline, eraser, "a.mp4")
    (item,) = _items(pipeline)
    month_s = 30 * 24 * 3600
    assert item == {
        "video_id": {"S": record.video_id},
        "format": {"N": "1"},
        "revision": {"N": str(record.revision + 2)},
        "ttl": {"N": str(pipeline.now_ms // 1000 + month_s)},
    }


def test_a_late_event_does_not_bring_an_erased_video_back(pipeline: FakePipeline, eraser: Eraser) -> None:
    upload = pipeline.upload("a.mp4")
    pipeline.on_upload(upload)
    pipeline.on_notice(pipeline.service.succeed("job-1", OBSERVATIONS))
    _erase(pipeline, eraser, "a.mp4")
    pipeline.on_upload(upload)
    pipeline.on_schedule()
    assert pipeline.records() == []
    assert len(_items(pipeline)) == 1
    assert pipeline.service.calls["StartPersonTracking"] == 1


def test_the_event_of_an_upload_that_was_erased_before_it_arrived_records_nothing(
    pipeline: FakePipeline, eraser: Eraser
) -> None:
    upload = pipeline.upload("a.mp4")
    version = upload["Records"][0]["s3"]["object"]["versionId"]
    video = Video(VIDEOS, "a.mp4", version, version)
    eraser.bury_unrecorded([video])
    eraser.bury_unrecorded([video])
    pipeline.on_upload(upload)
    assert pipeline.records() == []
    assert len(_items(pipeline)) == 1


def test_a_video_that_was_recorded_in_the_meantime_gets_no_tombstone(
    pipeline: FakePipeline, eraser: Eraser
) -> None:
    pipeline.on_upload(pipeline.upload("a.mp4"))
    with pytest.raises(JobInProgressError, match=r"a\.mp4"):
        eraser.bury_unrecorded([pipeline.records()[0].video])
    assert len(pipeline.records()) == 1


def test_erasing_does_not_end_while_a_function_may_still_write(
    pipeline: FakePipeline, eraser: Eraser
) -> None:
    _tracked(pipeline, "a.mp4")
    plan = eraser.mark(_plan(eraser, "a.mp4"))
    assert plan.settled_ms == pipeline.record().updated_ms + SETTLING_MS
    pipeline.now_ms = plan.settled_ms - 1
    with pytest.raises(NotSettledError, match="for 1 ms more"):
        eraser.finish(plan)
    assert len(pipeline.records()) == 1
    pipeline.now_ms += 1
    eraser.finish(plan)
    assert pipeline.records() == []


def test_what_a_collector_writes_after_it_lost_its_lease_is_erased_before_the_tombstone(
    pipeline: FakePipeline, eraser: Eraser
) -> None:
    pipeline.on_upload(pipeline.upload("a.mp4"))
    notice = pipeline.service.succeed("job-1", OBSERVATIONS)
    plans: list[ErasurePlan] = []

    def stall_while_another_collects_and_the_video_is_erased() -> None:
        pipeline.now_ms += 180_000
        pipeline.on_notice(notice)
        plan = eraser.mark(_plan(eraser, "a.mp4"))
        eraser.erase(plan)
        plans.append(plan)

    stall = once(stall_while_another_collects_and_the_video_is_erased)
    with hooked(pipeline.s3, "before-send", "PutObject", stall):
        pipeline.on_notice(notice)

    assert _versions_left(pipeline, RESULTS) != []
    pipeline.now_ms = plans[0].settled_ms
    eraser.finish(plans[0])
    assert _versions_left(pipeline, RESULTS) == []


def test_unfinished_uploads_of_result_files_are_aborted(pipeline: FakePipeline, eraser: Eraser) -> None:
    _tracked(pipeline, "a.mp4")
    prefix = pipeline.record().results_prefix
    for name in ("people.json", "b.mp4/v1/people.json"):
        pipeline.s3.create_multipart_upload(Bucket=RESULTS, Key=prefix + name)
    _erase(pipeline, eraser, "a.mp4")
    left = pipeline.s3.list_multipart_uploads(Bucket=RESULTS)["Uploads"]
    assert [upload["Key"] for upload in left] == [f"{prefix}b.mp4/v1/people.json"]


@pytest.mark.parametrize(("code", "is_raised"), [("NoSuchUpload", False), ("AccessDenied", True)])
def test_an_upload_that_ended_at_the_same_time_is_no_error(
    pipeline: FakePipeline, eraser: Eraser, code: str, is_raised: bool
) -> None:
    _tracked(pipeline, "a.mp4")
    key = pipeline.record().results_prefix + "people.json"
    pipeline.s3.create_multipart_upload(Bucket=RESULTS, Key=key)

    def fail(**_: object) -> None:
        raise client_error(code, "AbortMultipartUpload")

    with hooked(pipeline.s3, "before-call", "AbortMultipartUpload", fail):
        if is_raised:
            with pytest.raises(ClientError, match=code):
                _erase(pipeline, eraser, "a.mp4")
        else:
            _erase(pipeline, eraser, "a.mp4")


def test_a_record_that_changed_after_it_was_marked_gets_no_tombstone(
    pipeline: FakePipeline, eraser: Eraser
) -> None:
    _tracked(pipeline, "a.mp4")
    plan = eraser.mark(_plan(eraser, "a.mp4"))
    pipeline.now_ms = plan.settled_ms
    pipeline.table.replace(plan.records[0], plan.records[0])
    with pytest.raises(JobInProgressError):
        eraser.finish(plan)
    assert len(pipeline.records()) == 1


# ---- selecting videos


def test_videos_are_selected_by_prefix(pipeline: FakePipeline, eraser: Eraser) -> None:
    for key in ("yard/a.mp4", "yard/b.mp4", "street.mp4"):
        _tracked(pipeline, key)

    found: list[JobRecord] = list(pipeline.table.find(VIDEOS, "yard/"))

    assert {record.key for record in found} == {"yard/a.mp4", "yard/b.mp4"}
    assert eraser.plan(found) == ErasurePlan(tuple(found))


def test_an_empty_plan_names_no_jobs() -> None:
    assert ErasurePlan(()).job_ids == frozenset()
    assert ErasurePlan(()).settled_ms == 0


def test_an_erased_waiting_job_never_starts(pipeline: FakePipeline, eraser: Eraser) -> None:
    pipeline.service.limit = 0
    pipeline.on_upload(pipeline.upload("a.mp4"))
    _erase(pipeline, eraser, "a.mp4")
    pipeline.service.limit = 1
    pipeline.on_schedule()
    assert pipeline.service.jobs == {}


def test_a_late_notice_does_not_restore_an_erased_video(pipeline: FakePipeline, eraser: Eraser) -> None:
    _tracked(pipeline, "a.mp4")
    _erase(pipeline, eraser, "a.mp4")
    pipeline.on_notice(pipeline.service.notice("job-1"))
    assert pipeline.records() == []
    assert _versions_left(pipeline, RESULTS) == []

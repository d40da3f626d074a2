import pytest

from people_pathing.pipeline.erasure import Erased, Eraser, ErasurePlan, JobInProgressError
from people_pathing.pipeline.job_record import JobState
from people_pathing.results import file_names
from tests.fakes.person_tracking import person
from tests.fakes.pipeline import RESULTS, VIDEOS, FakePipeline

OBSERVATIONS = [person(0, 0, 0, 0)]
FILE_COUNT = len(file_names())


@pytest.fixture
def eraser(pipeline: FakePipeline) -> Eraser:
    return Eraser(pipeline.s3, pipeline.table, RESULTS)


def _erase(eraser: Eraser, key: str, version: str | None = None) -> Erased:
    plan = eraser.prepare(VIDEOS, key, version)
    eraser.withdraw_waiting(plan)
    return eraser.erase(plan)


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

    assert _erase(eraser, "a.mp4") == Erased(record_count=1, object_count=FILE_COUNT + 3)

    assert [record.key for record in pipeline.records()] == [deeper]
    assert {key.startswith(deeper) for key in _versions_left(pipeline, RESULTS)} == {True}
    assert len(_versions_left(pipeline, RESULTS)) == FILE_COUNT


def test_erasing_one_version_keeps_the_others(pipeline: FakePipeline, eraser: Eraser) -> None:
    _tracked(pipeline, "a.mp4")
    _tracked(pipeline, "a.mp4")
    older, newer = pipeline.records()
    assert _erase(eraser, "a.mp4", older.version).record_count == 1
    assert pipeline.record() == newer
    assert len(pipeline.results(newer)) == FILE_COUNT


def test_erasing_an_unknown_video_erases_nothing(eraser: Eraser) -> None:
    assert _erase(eraser, "a.mp4") == Erased(0, 0)


def test_a_video_with_a_running_job_is_not_erased(pipeline: FakePipeline, eraser: Eraser) -> None:
    pipeline.on_upload(pipeline.upload("a.mp4"))
    with pytest.raises(JobInProgressError, match="is being tracked"):
        _erase(eraser, "a.mp4")
    assert pipeline.record().state is JobState.IN_PROGRESS


def test_a_running_job_of_one_version_protects_all_versions(pipeline: FakePipeline, eraser: Eraser) -> None:
    pipeline.service.limit = 1
    for _ in range(2):
        pipeline.on_upload(pipeline.upload("a.mp4"))
    before = pipeline.records()
    assert {record.state for record in before} == {JobState.IN_PROGRESS, JobState.WAITING}
    with pytest.raises(JobInProgressError, match="is being tracked"):
        _erase(eraser, "a.mp4")
    assert pipeline.records() == before


def test_a_job_that_is_being_started_is_not_erased(pipeline: FakePipeline, eraser: Eraser) -> None:
    pipeline.service.limit = 0
    pipeline.on_upload(pipeline.upload("a.mp4"))
    record = pipeline.record()
    assert pipeline.table.replace(record, record.leased(pipeline.now_ms, 1000))
    with pytest.raises(JobInProgressError, match=f"s3://{VIDEOS}/a.mp4 is being tracked"):
        eraser.prepare(VIDEOS, "a.mp4")


def test_a_job_that_starts_after_the_plan_was_made_is_not_erased(
    pipeline: FakePipeline, eraser: Eraser
) -> None:
    pipeline.service.limit = 0
    pipeline.on_upload(pipeline.upload("a.mp4"))
    plan = eraser.prepare(VIDEOS, "a.mp4")
    pipeline.service.limit = 1
    pipeline.on_schedule()
    with pytest.raises(JobInProgressError, match="is being tracked"):
        eraser.withdraw_waiting(plan)
    assert pipeline.record().state is JobState.IN_PROGRESS


def test_preparing_changes_nothing_and_names_the_jobs_of_the_service(
    pipeline: FakePipeline, eraser: Eraser
) -> None:
    _tracked(pipeline, "a.mp4")
    pipeline.service.limit = 0
    pipeline.on_upload(pipeline.upload("a.mp4"))
    before = pipeline.records()
    plan = eraser.prepare(VIDEOS, "a.mp4")
    assert sorted(plan.records, key=lambda record: record.uploaded_ms) == before
    assert plan.job_ids == {"job-1"}
    assert pipeline.records() == before


def test_withdrawing_keeps_finished_jobs_as_they_are(pipeline: FakePipeline, eraser: Eraser) -> None:
    _tracked(pipeline, "a.mp4")
    before = pipeline.records()
    eraser.withdraw_waiting(eraser.prepare(VIDEOS, "a.mp4"))
    assert pipeline.records() == before


def test_a_withdrawn_job_fails_with_a_reason_and_does_not_start(
    pipeline: FakePipeline, eraser: Eraser
) -> None:
    pipeline.service.limit = 0
    pipeline.on_upload(pipeline.upload("a.mp4"))
    eraser.withdraw_waiting(eraser.prepare(VIDEOS, "a.mp4"))
    pipeline.service.limit = 1
    pipeline.on_schedule()
    record = pipeline.record()
    assert (record.state, record.reason) == (
        JobState.FAILED,
        "the video was erased before its job started",
    )


def test_the_records_are_removed_after_the_results(
    pipeline: FakePipeline, eraser: Eraser, monkeypatch: pytest.MonkeyPatch
) -> None:
    _tracked(pipeline, "a.mp4")
    plan = eraser.prepare(VIDEOS, "a.mp4")

    def refuse(**_: object) -> None:
        raise RuntimeError("no access")

    monkeypatch.setattr(pipeline.s3, "delete_object", refuse)
    with pytest.raises(RuntimeError, match="no access"):
        eraser.erase(plan)
    assert len(pipeline.records()) == 1
    monkeypatch.undo()
    assert eraser.erase(eraser.prepare(VIDEOS, "a.mp4")) == Erased(1, FILE_COUNT)


def test_an_empty_plan_names_no_jobs() -> None:
    assert ErasurePlan(()).job_ids == frozenset()


def test_an_erased_waiting_job_never_starts(pipeline: FakePipeline, eraser: Eraser) -> None:
    pipeline.service.limit = 0
    pipeline.on_upload(pipeline.upload("a.mp4"))
    _erase(eraser, "a.mp4")
    pipeline.service.limit = 1
    pipeline.on_schedule()
    assert pipeline.service.jobs == {}


def test_a_late_notice_does_not_restore_an_erased_video(pipeline: FakePipeline, eraser: Eraser) -> None:
    _tracked(pipeline, "a.mp4")
    _erase(eraser, "a.mp4")
    pipeline.on_notice(pipeline.service.notice("job-1"))
    assert pipeline.records() == []
    assert _versions_left(pipeline, RESULTS) == []


def test_the_uploaded_video_is_erased_in_one_version_or_all(pipeline: FakePipeline, eraser: Eraser) -> None:
    for key in ("a.mp4", "a.mp4", "a.mp4.bak"):
        pipeline.upload(key)
    pipeline.s3.delete_object(Bucket=VIDEOS, Key="a.mp4")
    oldest = pipeline.s3.list_object_versions(Bucket=VIDEOS, Prefix="a.mp4")["Versions"][0]["VersionId"]
    assert eraser.erase_upload(VIDEOS, "a.mp4", oldest) == 1
    assert eraser.erase_upload(VIDEOS, "a.mp4") == 2
    assert _versions_left(pipeline, VIDEOS) == ["a.mp4.bak"]

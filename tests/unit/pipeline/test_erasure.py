from datetime import timedelta

import pytest

from people_pathing.pipeline import erasure
from people_pathing.pipeline.erasure import Erased, Eraser, JobInProgressError
from people_pathing.pipeline.job_record import JobState
from people_pathing.service.job import Job, VideoObject
from tests.fakes.person_tracking import person
from tests.fakes.pipeline import RESULTS, VIDEOS, FakedApp

ARTIFACTS = "people-pathing-artifacts"
OBSERVATIONS = [person(0, 0, 0, 0)]


@pytest.fixture
def eraser(app: FakedApp) -> Eraser:
    app.s3.create_bucket(Bucket=ARTIFACTS, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    return Eraser(app.s3, app.table, RESULTS, ARTIFACTS)


def _tracked(app: FakedApp, key: str) -> None:
    app.on_upload(app.upload(key))
    job_id = str(app.records()[-1].job_id)
    app.s3.put_object(Bucket=ARTIFACTS, Key=f"jobs/{job_id}/observations.bin", Body=b"persons")
    app.on_notice(app.service.succeed(job_id, OBSERVATIONS))


def _versions_left(app: FakedApp, bucket: str) -> list[str]:
    found = app.s3.list_object_versions(Bucket=bucket)
    return sorted(one["Key"] for one in [*found.get("Versions", []), *found.get("DeleteMarkers", [])])


def test_nothing_of_an_erased_video_is_left_and_all_of_the_others(app: FakedApp, eraser: Eraser) -> None:
    _tracked(app, "a.mp4")
    first = app.record()
    deeper = f"a.mp4/{first.version}/b.mp4"
    _tracked(app, deeper)
    app.s3.put_object(Bucket=RESULTS, Key=first.results_prefix + "people.json", Body=b"written again")
    app.s3.delete_object(Bucket=RESULTS, Key=first.results_prefix + "people.json")
    app.s3.put_object(
        Bucket=RESULTS, Key=f".people-pathing/collecting/{first.video_id}/000000/people.json", Body=b"["
    )

    assert eraser.erase_video(VIDEOS, "a.mp4") == Erased(job_count=1, object_count=7)

    assert [record.key for record in app.records()] == [deeper]
    assert {key.startswith(deeper) for key in _versions_left(app, RESULTS)} == {True}
    assert len(_versions_left(app, RESULTS)) == 3
    assert _versions_left(app, ARTIFACTS) == ["jobs/job-2/observations.bin"]


def test_one_version_is_erased_and_the_others_stay(app: FakedApp, eraser: Eraser) -> None:
    _tracked(app, "a.mp4")
    _tracked(app, "a.mp4")
    older, newer = app.records()
    assert eraser.erase_video(VIDEOS, "a.mp4", older.version).job_count == 1
    assert app.record() == newer
    assert len(app.results(newer)) == 3


def test_erasing_what_is_not_there_erases_nothing(eraser: Eraser) -> None:
    assert eraser.erase_video(VIDEOS, "a.mp4") == Erased(0, 0)


def test_a_running_job_is_not_erased_from_under_itself(app: FakedApp, eraser: Eraser) -> None:
    app.on_upload(app.upload("a.mp4"))
    with pytest.raises(JobInProgressError, match="is being tracked"):
        eraser.erase_video(VIDEOS, "a.mp4")
    assert app.record().state is JobState.IN_PROGRESS


def test_nothing_is_erased_and_nothing_kept_from_starting_while_one_version_is_tracked(
    app: FakedApp, eraser: Eraser
) -> None:
    app.service.limit = 1
    for _ in range(2):
        app.on_upload(app.upload("a.mp4"))
    before = app.records()
    assert {record.state for record in before} == {JobState.IN_PROGRESS, JobState.WAITING}
    with pytest.raises(JobInProgressError, match="is being tracked"):
        eraser.erase_video(VIDEOS, "a.mp4")
    assert app.records() == before


def test_jobs_that_were_started_through_the_api_are_erased_too(app: FakedApp, eraser: Eraser) -> None:
    _tracked(app, "a.mp4")
    _called(app, "api-1", "a.mp4", "observations.bin", "segments/0.npz")
    _called(app, "api-2", "a.mp4", "job.json")
    _called(app, "api-3", "other.mp4", "observations.bin")
    eraser.erase_video(VIDEOS, "a.mp4")
    assert _versions_left(app, ARTIFACTS) == ["jobs/api-3/observations.bin", "jobs/api-3/request.json"]


def test_a_job_started_through_the_api_that_may_be_running_is_not_erased(
    app: FakedApp, eraser: Eraser, monkeypatch: pytest.MonkeyPatch
) -> None:
    _tracked(app, "a.mp4")
    _called(app, "api-1", "a.mp4", "segments/0.npz")
    left = _versions_left(app, ARTIFACTS)
    with pytest.raises(JobInProgressError, match="is being tracked"):
        eraser.erase_video(VIDEOS, "a.mp4")
    assert _versions_left(app, ARTIFACTS) == left
    assert len(app.records()) == 1
    monkeypatch.setattr(erasure, "LONGEST_RUN", timedelta(0))
    eraser.erase_video(VIDEOS, "a.mp4")
    assert _versions_left(app, ARTIFACTS) == []


def _called(app: FakedApp, job_id: str, name: str, *files: str) -> None:
    """What the service keeps of a job that somebody started by calling it."""
    video = VideoObject(VIDEOS, name, None, "v1", '"etag"', 9)
    job = Job(job_id, "123456789012", video, None, None, "00" * 32, 0)
    for file, body in {"request.json": job.to_json(), **dict.fromkeys(files, b"x")}.items():
        app.s3.put_object(Bucket=ARTIFACTS, Key=f"jobs/{job_id}/{file}", Body=body)


def test_a_waiting_job_is_erased_and_never_started(app: FakedApp, eraser: Eraser) -> None:
    app.service.limit = 0
    app.on_upload(app.upload("a.mp4"))
    eraser.erase_video(VIDEOS, "a.mp4")
    app.service.limit = 1
    app.on_schedule()
    assert app.service.jobs == {}


def test_a_late_notice_does_not_bring_an_erased_video_back(app: FakedApp, eraser: Eraser) -> None:
    _tracked(app, "a.mp4")
    eraser.erase_video(VIDEOS, "a.mp4")
    app.on_notice(app.service.notice("job-1"))
    assert app.records() == []
    assert _versions_left(app, RESULTS) == []


def test_the_upload_itself_is_erased_with_all_its_versions_or_one(app: FakedApp, eraser: Eraser) -> None:
    for key in ("a.mp4", "a.mp4", "a.mp4.bak"):
        app.upload(key)
    app.s3.delete_object(Bucket=VIDEOS, Key="a.mp4")
    oldest = app.s3.list_object_versions(Bucket=VIDEOS, Prefix="a.mp4")["Versions"][0]["VersionId"]
    assert eraser.erase_upload(VIDEOS, "a.mp4", oldest) == 1
    assert eraser.erase_upload(VIDEOS, "a.mp4") == 2
    assert _versions_left(app, VIDEOS) == ["a.mp4.bak"]

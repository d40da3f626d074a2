from collections.abc import Iterator
from dataclasses import replace

import pytest
from moto import mock_aws

from people_pathing.cli.commands.erase import Erased, erase_video
from people_pathing.cli.deployed_stack import DeployedStack
from people_pathing.cli.errors import CommandError
from people_pathing.common.json_values import to_json
from people_pathing.pipeline.job_record import JobState
from people_pathing.results import file_names
from people_pathing.service.job import Job, VideoObject
from tests.fakes.person_tracking import person
from tests.fakes.pipeline import RESULTS, VIDEOS, FakePipeline, make_bucket

ARTIFACTS = "people-pathing-artifacts"
KEY = "street.mp4"


@pytest.fixture
def app() -> Iterator[FakePipeline]:
    with mock_aws():
        app = FakePipeline()
        make_bucket(app.s3, ARTIFACTS, versioned=False)
        yield app


@pytest.fixture
def stack(app: FakePipeline) -> DeployedStack:
    return DeployedStack(app.s3, app.table, VIDEOS, RESULTS, ARTIFACTS)


def track(app: FakePipeline, key: str = KEY) -> None:
    """Uploads a video and completes its job."""
    app.on_upload(app.upload(key))
    job_id = str(app.records()[-1].job_id)
    store_artifact(app, job_id, "observations.bin")
    app.on_notice(app.service.succeed(job_id, [person(0, 0, 0, 0)]))


def store_artifact(app: FakePipeline, job_id: str, name: str, body: bytes = b"-") -> None:
    app.s3.put_object(Bucket=ARTIFACTS, Key=f"jobs/{job_id}/{name}", Body=body)


def store_request(app: FakePipeline, job_id: str, key: str = KEY) -> None:
    """Stores what the service stores when a caller starts a job for a video."""
    video = VideoObject(VIDEOS, key, None, None, "etag", 1)
    job = Job(job_id, "123456789012", video, None, None, "0" * 64, app.now_ms)
    store_artifact(app, job_id, "request.json", to_json(job).encode())


def stored_keys(app: FakePipeline, bucket: str) -> set[str]:
    return {entry["Key"] for entry in app.s3.list_objects_v2(Bucket=bucket).get("Contents", [])}


def test_everything_about_a_video_is_erased_and_other_videos_stay(
    app: FakePipeline, stack: DeployedStack
) -> None:
    track(app)
    track(app, "yard.mov")

    erased = erase_video(stack, KEY, None, keep_video=False)

    assert erased == Erased(record_count=1, object_count=len(file_names()) + 1, video_count=1)
    assert [record.key for record in app.records()] == ["yard.mov"]
    assert {key.partition("/")[0] for key in stored_keys(app, RESULTS)} == {"yard.mov"}
    assert stored_keys(app, ARTIFACTS) == {"jobs/job-2/observations.bin"}
    assert stored_keys(app, VIDEOS) == {"yard.mov"}


def test_the_video_can_be_kept(app: FakePipeline, stack: DeployedStack) -> None:
    track(app)

    assert erase_video(stack, KEY, None, keep_video=True).video_count == 0
    assert stored_keys(app, VIDEOS) == {KEY}
    assert app.records() == []


def test_one_version_is_erased_and_the_other_stays(app: FakePipeline, stack: DeployedStack) -> None:
    track(app)
    track(app)
    older, newer = app.records()

    erased = erase_video(stack, KEY, older.version, keep_video=False)

    assert (erased.record_count, erased.video_count) == (1, 1)
    assert app.records() == [newer]
    assert app.results(newer).keys() == set(file_names())


def test_jobs_that_others_started_with_the_service_are_erased(
    app: FakePipeline, stack: DeployedStack
) -> None:
    store_request(app, "theirs")
    store_artifact(app, "theirs", "observations.bin")

    assert erase_video(stack, KEY, None, keep_video=False) == Erased(0, 2, 0)
    assert stored_keys(app, ARTIFACTS) == set()


def test_nothing_is_erased_while_the_pipelines_job_is_running(
    app: FakePipeline, stack: DeployedStack
) -> None:
    track(app)
    app.on_upload(app.upload(KEY))
    before = [stored_keys(app, bucket) for bucket in (VIDEOS, RESULTS, ARTIFACTS)]

    with pytest.raises(CommandError, match=f"{KEY} is being tracked"):
        erase_video(stack, KEY, None, keep_video=False)

    assert [stored_keys(app, bucket) for bucket in (VIDEOS, RESULTS, ARTIFACTS)] == before
    assert [record.state for record in app.records()] == [JobState.SUCCEEDED, JobState.IN_PROGRESS]


def test_nothing_is_erased_or_withdrawn_while_a_job_of_the_service_is_running(
    app: FakePipeline, stack: DeployedStack
) -> None:
    track(app)
    app.service.limit = 0
    app.on_upload(app.upload(KEY))
    store_request(app, "theirs")
    before = [stored_keys(app, bucket) for bucket in (VIDEOS, RESULTS, ARTIFACTS)]

    with pytest.raises(CommandError, match=f"{KEY} is being tracked"):
        erase_video(stack, KEY, None, keep_video=False)

    assert [stored_keys(app, bucket) for bucket in (VIDEOS, RESULTS, ARTIFACTS)] == before
    assert [record.state for record in app.records()] == [JobState.SUCCEEDED, JobState.WAITING]


def test_a_stack_that_calls_another_service_erases_its_own_objects_only(
    app: FakePipeline, stack: DeployedStack
) -> None:
    track(app)

    erased = erase_video(replace(stack, artifact_bucket=None), KEY, None, keep_video=False)

    assert erased == Erased(record_count=1, object_count=len(file_names()), video_count=1)
    assert stored_keys(app, ARTIFACTS) == {"jobs/job-1/observations.bin"}

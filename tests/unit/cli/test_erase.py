import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from moto import mock_aws

from people_pathing.cli.arguments import time_ms
from people_pathing.cli.commands import erase
from people_pathing.cli.deployed_stack import DeployedStack
from people_pathing.cli.erasing.videos import ErasedCount, Selection, VideoErasure
from people_pathing.cli.errors import CommandError
from people_pathing.cli.main import build_parser
from people_pathing.common.clock import now_ms
from people_pathing.pipeline.erasure import SETTLING_MS
from people_pathing.pipeline.job_record import JobState
from people_pathing.results import file_names
from people_pathing.service.erasure import LONGEST_STEP_MS
from people_pathing.service.job import Job, VideoObject
from people_pathing.service.job_items import new_job_id, token_key
from people_pathing.service.job_store import JobStore
from tests.fakes.person_tracking import person
from tests.fakes.pipeline import RESULTS, VIDEOS, FakePipeline, make_bucket
from tests.unit.service.world import make_job_store

ARTIFACTS = "people-pathing-artifacts"
OTHERS = "videos-of-others"
STORE = "people-pathing-job-store"
KEY = "street.mp4"
HOUR_MS = 3_600_000


@pytest.fixture
def app() -> Iterator[FakePipeline]:
    with mock_aws():
        app = FakePipeline()
        make_bucket(app.s3, ARTIFACTS, versioned=False)
        make_bucket(app.s3, OTHERS)
        make_job_store(app.dynamodb, STORE)
        yield app


@pytest.fixture
def stack(app: FakePipeline) -> DeployedStack:
    store = JobStore(app.dynamodb, STORE, now_ms=lambda: app.now_ms)
    return DeployedStack(app.s3, app.table, VIDEOS, RESULTS, ARTIFACTS, store)


def track(app: FakePipeline, key: str = KEY) -> None:
    """Uploads a video and completes its job."""
    app.on_upload(app.upload(key))
    job_id = str(app.records()[-1].job_id)
    store_artifact(app, job_id)
    app.on_notice(app.service.succeed(job_id, [person(0, 0, 0, 0)]))


def store_artifact(app: FakePipeline, job_id: str) -> None:
    app.s3.put_object(Bucket=ARTIFACTS, Key=f"jobs/{job_id}/observations.bin", Body=b"-")


def call_service(
    app: FakePipeline,
    stack: DeployedStack,
    key: str = KEY,
    bucket: str = VIDEOS,
    version: str | None = None,
    is_running: bool = False,
) -> str:
    """Does what the service does for a caller other than the pipeline. Returns the JobId."""
    assert stack.job_store is not None
    job_id = new_job_id(token_key("123456789012", f"{bucket}/{key}/{version}"))
    video = VideoObject(bucket, key, None, version, "etag", 1)
    stack.job_store.add(Job(job_id, "123456789012", video, None, None, "0" * 64, app.now_ms), "digest", 20)
    store_artifact(app, job_id)
    if not is_running:
        stack.job_store.end(job_id, "SUCCEEDED", None, "execution")
    return job_id


def stored_keys(app: FakePipeline, bucket: str) -> set[str]:
    return {entry["Key"] for entry in app.s3.list_objects_v2(Bucket=bucket).get("Contents", [])}


def everything(app: FakePipeline) -> list[set[str]]:
    return [stored_keys(app, bucket) for bucket in (VIDEOS, RESULTS, ARTIFACTS, OTHERS)]


class Wait:
    """Waits by turning the fake clock. Something may happen in the meantime."""

    def __init__(self, app: FakePipeline, meanwhile: Callable[[], object] = lambda: None) -> None:
        self._app = app
        self._meanwhile = meanwhile
        self.waited_ms: list[int] = []

    def __call__(self, time_ms: int) -> None:
        self.waited_ms.append(time_ms - self._app.now_ms)
        self._meanwhile()
        self._app.now_ms = time_ms


def erasure_of(
    app: FakePipeline,
    stack: DeployedStack,
    *,
    keep_video: bool = False,
    wait: Callable[[int], None] | None = None,
    **selection: Any,
) -> VideoErasure:
    chosen = Selection(**{"bucket": VIDEOS, **selection})
    return VideoErasure(stack, chosen, keep_video, wait or Wait(app), lambda: app.now_ms)


def erase_now(app: FakePipeline, stack: DeployedStack, **options: Any) -> ErasedCount:
    erasure = erasure_of(app, stack, **options)
    erasure.run(erasure.find())
    return erasure.erased


# ---- what is erased


def test_everything_about_a_video_is_erased_and_other_videos_stay(
    app: FakePipeline, stack: DeployedStack
) -> None:
    track(app)
    track(app, "street.mp4.mov")

    erased = erase_now(app, stack, key=KEY)

    assert erased == ErasedCount(job_records=1, jobs=0, objects=len(file_names()) + 1, video_versions=1)
    assert [record.key for record in app.records()] == ["street.mp4.mov"]
    assert {key.partition("/")[0] for key in stored_keys(app, RESULTS)} == {"street.mp4.mov"}
    assert stored_keys(app, ARTIFACTS) == {"jobs/job-2/observations.bin"}
    assert stored_keys(app, VIDEOS) == {"street.mp4.mov"}


def test_a_video_whose_event_arrives_after_it_was_erased_is_not_recorded(
    app: FakePipeline, stack: DeployedStack
) -> None:
    late_event = app.upload(KEY)

    erase_now(app, stack, key=KEY)
    app.on_upload(late_event)

    assert app.records() == []


def test_a_kept_video_whose_event_arrives_after_the_erasure_is_tracked(
    app: FakePipeline, stack: DeployedStack
) -> None:
    track(app)
    late_event = app.upload(KEY)

    erase_now(app, stack, key=KEY, keep_video=True)
    app.on_upload(late_event)

    assert [record.state for record in app.records()] == [JobState.IN_PROGRESS]


def test_the_video_can_be_kept(app: FakePipeline, stack: DeployedStack) -> None:
    track(app)

    assert erase_now(app, stack, key=KEY, keep_video=True).video_versions == 0
    assert stored_keys(app, VIDEOS) == {KEY}
    assert app.records() == []


def test_one_version_is_erased_and_the_other_stays(app: FakePipeline, stack: DeployedStack) -> None:
    track(app)
    track(app)
    older, newer = app.records()
    theirs = [call_service(app, stack, version=record.version) for record in (older, newer)]

    erased = erase_now(app, stack, key=KEY, version=older.version)

    assert (erased.job_records, erased.jobs, erased.video_versions) == (1, 1, 1)
    assert app.records() == [newer]
    assert app.results(newer).keys() == set(file_names())
    assert f"jobs/{theirs[1]}/observations.bin" in stored_keys(app, ARTIFACTS)
    assert f"jobs/{theirs[0]}/observations.bin" not in stored_keys(app, ARTIFACTS)


def test_a_video_without_a_version_is_erased_by_the_name_that_s3_gives_its_version(
    app: FakePipeline, stack: DeployedStack
) -> None:
    make_bucket(app.s3, "unversioned", versioned=False)
    app.on_upload(app.upload(KEY, bucket="unversioned"))
    app.on_notice(app.service.succeed(str(app.record().job_id), [person(0, 0, 0, 0)]))
    call_service(app, stack, bucket="unversioned")

    erased = erase_now(app, stack, bucket="unversioned", key=KEY, version="null")

    assert (erased.job_records, erased.jobs, erased.video_versions) == (1, 1, 1)
    assert app.records() == []
    assert stored_keys(app, RESULTS) == set()


def test_delete_markers_go_last_so_that_a_deleted_video_never_comes_back(
    app: FakePipeline, stack: DeployedStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    track(app)
    record = app.record()
    # The ids are random. Among so many markers, one would come before the video if they were sorted together.
    markers = {app.s3.delete_object(Bucket=VIDEOS, Key=KEY)["VersionId"] for _ in range(9)}
    erasure = erasure_of(app, stack, key=KEY)
    found = erasure.find()
    deleted: list[str] = []
    delete_object = app.s3.delete_object

    def delete(**request: Any) -> object:
        if request["Bucket"] == VIDEOS:
            deleted.append(request["VersionId"])
        return delete_object(**request)

    monkeypatch.setattr(app.s3, "delete_object", delete)
    erasure.run(found)

    assert found.uploads == ((KEY, record.version),)
    assert found.unrecorded == ()
    assert (deleted[0], set(deleted[1:])) == (record.version, markers)
    assert (erasure.erased.video_versions, erasure.erased.delete_markers) == (1, 9)
    assert app.s3.list_object_versions(Bucket=VIDEOS).get("DeleteMarkers", []) == []


def test_a_delete_marker_is_no_version_to_erase(app: FakePipeline, stack: DeployedStack) -> None:
    track(app)
    marker = app.s3.delete_object(Bucket=VIDEOS, Key=KEY)["VersionId"]

    found = erasure_of(app, stack, key=KEY, version=marker).find()

    assert (found.uploads, found.delete_markers, found.unrecorded) == ((), (), ())


def test_jobs_that_others_started_with_the_service_are_erased(
    app: FakePipeline, stack: DeployedStack
) -> None:
    call_service(app, stack)
    kept = call_service(app, stack, "yard.mov")

    assert erase_now(app, stack, key=KEY) == ErasedCount(jobs=1, objects=1)
    assert stored_keys(app, ARTIFACTS) == {f"jobs/{kept}/observations.bin"}
    assert stack.job_store is not None
    assert [stored.job.job_id for stored in stack.job_store.all_jobs()] == [kept]


def test_videos_in_other_buckets_are_erased(app: FakePipeline, stack: DeployedStack) -> None:
    track(app)
    app.upload(KEY, bucket=OTHERS)
    call_service(app, stack, bucket=OTHERS)

    erased = erase_now(app, stack, bucket=OTHERS, key=KEY)

    assert erased == ErasedCount(jobs=1, objects=1, video_versions=1)
    assert stored_keys(app, OTHERS) == set()
    assert stored_keys(app, VIDEOS) == {KEY}
    assert len(app.records()) == 1


def test_all_videos_below_a_prefix_are_erased(app: FakePipeline, stack: DeployedStack) -> None:
    for key in ("shop/a.mp4", "shop/b.mp4", "shopping.mp4"):
        track(app, key)
    app.upload("shop/never tracked.mp4")

    erased = erase_now(app, stack, prefix="shop/")

    assert (erased.job_records, erased.video_versions) == (2, 3)
    assert stored_keys(app, VIDEOS) == {"shopping.mp4"}
    assert [record.key for record in app.records()] == ["shopping.mp4"]


def test_objects_in_other_buckets_that_no_job_names_are_not_erased_by_a_prefix(
    app: FakePipeline, stack: DeployedStack
) -> None:
    for key in ("shop/a.mp4", "shop/accounts.xlsx"):
        app.upload(key, bucket=OTHERS)
    call_service(app, stack, "shop/a.mp4", bucket=OTHERS)

    assert erase_now(app, stack, bucket=OTHERS, prefix="shop/").video_versions == 1
    assert stored_keys(app, OTHERS) == {"shop/accounts.xlsx"}


def test_only_videos_that_were_uploaded_before_a_time_are_erased(
    app: FakePipeline, stack: DeployedStack
) -> None:
    app.now_ms = now_ms()
    track(app)
    track(app, "yard.mov")
    # S3 tells times to the second.
    time.sleep(1.1)
    app.now_ms = before_ms = now_ms()
    time.sleep(1.1)
    app.now_ms = now_ms()
    old_version = app.records()[0].version
    # The job is younger than the date, and its video is older.
    late_job = call_service(app, stack, version=old_version)
    track(app)

    erased = erase_now(app, stack, before_ms=before_ms)

    assert (erased.job_records, erased.jobs, erased.video_versions) == (2, 1, 2)
    assert [record.uploaded_ms >= before_ms for record in app.records()] == [True]
    assert stored_keys(app, VIDEOS) == {KEY}
    assert not any(late_job in key for key in stored_keys(app, ARTIFACTS))


def test_the_late_job_of_an_old_video_is_erased_although_the_video_has_been_deleted(
    app: FakePipeline, stack: DeployedStack
) -> None:
    track(app)
    record = app.record()
    app.now_ms += HOUR_MS
    job_id = call_service(app, stack, version=record.version)
    app.table.replace(record, replace(record, job_id=job_id))
    app.s3.delete_object(Bucket=VIDEOS, Key=KEY, VersionId=str(record.version))
    app.now_ms += HOUR_MS

    erased = erase_now(app, stack, before_ms=record.uploaded_ms + 1)

    assert (erased.job_records, erased.jobs) == (1, 1)


@pytest.mark.parametrize("event_after_ms", [10_000, -10_000])
def test_the_job_record_says_whether_a_video_and_its_results_are_old_enough(
    event_after_ms: int, app: FakePipeline, stack: DeployedStack
) -> None:
    # S3 says of a large object when its upload began, and sends the event when the upload is complete.
    app.now_ms = now_ms() + event_after_ms
    track(app)
    before_ms = now_ms() + event_after_ms // 2
    app.now_ms += HOUR_MS

    found = erasure_of(app, stack, prefix="", before_ms=before_ms).find()

    is_old_enough = event_after_ms < 0
    assert (len(found.records), len(found.uploads), len(found.unrecorded)) == (
        is_old_enough,
        is_old_enough,
        0,
    )


@pytest.mark.parametrize("bucket", [RESULTS, ARTIFACTS])
def test_the_stacks_other_buckets_are_rejected(bucket: str, app: FakePipeline, stack: DeployedStack) -> None:
    track(app)
    before = everything(app)

    with pytest.raises(CommandError, match=f"bucket {bucket} has no videos"):
        erasure_of(app, stack, bucket=bucket, prefix="s").find()
    assert everything(app) == before


def test_a_stack_that_calls_another_service_erases_its_own_objects_only(
    app: FakePipeline, stack: DeployedStack
) -> None:
    track(app)
    other = replace(stack, artifact_bucket=None, job_store=None)

    erased = erase_now(app, other, key=KEY)

    assert erased == ErasedCount(job_records=1, objects=len(file_names()), video_versions=1)
    assert stored_keys(app, ARTIFACTS) == {"jobs/job-1/observations.bin"}


# ---- what prevents an erasure, and what makes it final


def test_nothing_is_erased_while_the_pipelines_job_is_running(
    app: FakePipeline, stack: DeployedStack
) -> None:
    track(app)
    app.on_upload(app.upload(KEY))
    before = everything(app)

    with pytest.raises(CommandError, match=f"{KEY} is being tracked"):
        erasure_of(app, stack, key=KEY).find()

    assert everything(app) == before
    assert [record.state for record in app.records()] == [JobState.SUCCEEDED, JobState.IN_PROGRESS]


def test_nothing_is_erased_or_cancelled_while_a_job_of_the_service_is_running(
    app: FakePipeline, stack: DeployedStack
) -> None:
    track(app)
    app.service.limit = 0
    app.on_upload(app.upload(KEY))
    call_service(app, stack, is_running=True)
    before = everything(app)

    with pytest.raises(CommandError, match=f"{KEY} is being tracked"):
        erasure_of(app, stack, key=KEY).find()

    assert everything(app) == before
    assert [record.state for record in app.records()] == [JobState.SUCCEEDED, JobState.WAITING]


def test_a_job_whose_results_cannot_be_collected_is_erased_once_the_service_has_ended_it(
    app: FakePipeline, stack: DeployedStack
) -> None:
    app.on_upload(app.upload(KEY))
    record = app.record()
    job_id = call_service(app, stack, version=record.version, is_running=True)
    app.table.replace(record, replace(record.deferred("no access", app.now_ms), job_id=job_id))

    with pytest.raises(CommandError, match=f"{KEY} is being tracked"):
        erasure_of(app, stack, key=KEY).find()
    assert stack.job_store is not None
    stack.job_store.end(job_id, "SUCCEEDED", None, "execution")
    erased = erase_now(app, stack, key=KEY)

    assert (erased.job_records, erased.jobs, erased.video_versions) == (1, 1, 1)


def test_results_that_a_slow_function_writes_during_the_waiting_are_erased(
    app: FakePipeline, stack: DeployedStack
) -> None:
    track(app)
    record = app.record()

    def write_again() -> None:
        app.s3.put_object(Bucket=RESULTS, Key=f"{record.results_prefix}people.json", Body=b"[]")
        store_artifact(app, str(record.job_id))

    wait = Wait(app, write_again)
    erase_now(app, stack, key=KEY, wait=wait)

    assert wait.waited_ms == [SETTLING_MS - (app.now_ms - SETTLING_MS - record.updated_ms)]
    assert stored_keys(app, RESULTS) == set()
    assert stored_keys(app, ARTIFACTS) == set()


def test_old_videos_are_erased_without_waiting(app: FakePipeline, stack: DeployedStack) -> None:
    track(app)
    call_service(app, stack)
    app.now_ms += HOUR_MS
    wait = Wait(app)

    erase_now(app, stack, key=KEY, wait=wait)

    assert wait.waited_ms == []


def test_an_interrupted_erasure_is_continued_without_waiting_again(
    app: FakePipeline, stack: DeployedStack
) -> None:
    track(app)
    call_service(app, stack)

    def stop() -> None:
        raise KeyboardInterrupt

    first = erasure_of(app, stack, key=KEY, wait=Wait(app, stop))
    with pytest.raises(KeyboardInterrupt):
        first.run(first.find())
    assert first.has_begun
    assert stored_keys(app, RESULTS) == stored_keys(app, VIDEOS) == set()

    app.now_ms += max(SETTLING_MS, LONGEST_STEP_MS) + 1000
    wait = Wait(app)
    second = erase_now(app, stack, key=KEY, wait=wait)

    assert wait.waited_ms == []
    assert second == ErasedCount(job_records=1, jobs=1)
    assert app.records() == []
    assert not erasure_of(app, stack, key=KEY).find().records


def test_a_job_that_a_slow_function_starts_during_the_waiting_stops_the_erasure(
    app: FakePipeline, stack: DeployedStack
) -> None:
    track(app)
    erasure = erasure_of(
        app, stack, key=KEY, wait=Wait(app, lambda: call_service(app, stack, is_running=True))
    )

    with pytest.raises(CommandError, match="is being tracked; erase it when its job has ended"):
        erasure.run(erasure.find())

    # The record stays, so the erasure can be repeated.
    assert len(app.records()) == 1


# ---- the command


OUTPUTS = {
    "JobTableName": "people-pathing-jobs",
    "VideoBucketName": VIDEOS,
    "ResultsBucketName": RESULTS,
    "ArtifactBucketName": ARTIFACTS,
    "JobStoreTableName": STORE,
}


def run_erase(app: FakePipeline, *arguments: object) -> int:
    """Runs the command with the clients of the fake pipeline."""

    class Session:
        def client(self, name: str) -> Any:
            return {"s3": app.s3, "dynamodb": app.dynamodb}[name]

    options = build_parser().parse_args(["erase", *map(str, arguments)])
    with (
        patch.object(erase, "aws_session", lambda _: Session()),
        patch.object(erase, "stack_outputs", lambda *_: OUTPUTS),
    ):
        return erase.run(options)


@pytest.mark.parametrize(
    ("arguments", "selection"),
    [
        ([KEY], Selection(VIDEOS, KEY)),
        ([KEY, "--version", "1"], Selection(VIDEOS, KEY, "1")),
        ([KEY, "--bucket", OTHERS], Selection(OTHERS, KEY)),
        ([f"s3://{OTHERS}/a/b c.mp4"], Selection(OTHERS, "a/b c.mp4")),
        (["s3://a/b.mp4", "--bucket", OTHERS], Selection(OTHERS, "s3://a/b.mp4")),
        (["--prefix", "shop/"], Selection(VIDEOS, prefix="shop/")),
        (["--prefix", f"s3://{OTHERS}/shop/"], Selection(OTHERS, prefix="shop/")),
        (["--prefix", f"s3://{OTHERS}"], Selection(OTHERS)),
        (["--before", "2026-01-31"], Selection(VIDEOS, before_ms=1_769_817_600_000)),
        (["--before", "2026-01-31T01:00+01:00"], Selection(VIDEOS, before_ms=1_769_817_600_000)),
        ([KEY, "--before", "2026-01-31T00:00Z"], Selection(VIDEOS, KEY, before_ms=1_769_817_600_000)),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_the_arguments_select_videos(arguments: list[str], selection: Selection) -> None:
    assert erase.select(build_parser().parse_args(["erase", *arguments]), VIDEOS) == selection


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "say what to erase"),
        ([KEY, "--prefix", "a"], "not both"),
        (["--prefix", "a", "--version", "1"], "give its KEY"),
        (["s3://"], "is not like s3://BUCKET/KEY"),
        (["s3://bucket"], "is not like s3://BUCKET/KEY"),
        (["s3:///key"], "is not like s3://BUCKET/KEY"),
        (["--prefix", "s3://"], "is not like s3://BUCKET/KEY"),
    ],
)
def test_arguments_that_select_nothing_are_rejected(
    arguments: list[str], message: str, app: FakePipeline
) -> None:
    with pytest.raises(CommandError, match=message):
        run_erase(app, *arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([""], "the value is empty"),
        (["--prefix", ""], "the value is empty"),
        (["--bucket", ""], "the value is empty"),
        (["--before", "yesterday"], "is not a date such as"),
        (["--before", "9999-12-31T23:59:59-23:00"], "is not a date such as"),
        (["--before", "0001-01-01T00:00+23:00"], "is not a date such as"),
    ],
)
def test_empty_and_impossible_values_are_rejected(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as exit_:
        build_parser().parse_args(["erase", *arguments])

    assert exit_.value.code == 2
    assert message in capsys.readouterr().err


def test_a_dry_run_shows_what_would_be_erased_and_changes_nothing(
    app: FakePipeline, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    track(app, "a\x9b[2J.mp4")
    before = everything(app)

    assert run_erase(app, "--prefix", "a", "--dry-run", "--report", tmp_path / "report.jsonl") == 0

    output = capsys.readouterr().out
    assert [line.split("  ")[0] for line in output.splitlines()] == [
        "what",
        "video",
        "job record",
        "nothing was erased, because of --dry-run",
    ]
    assert "a\\x9b[2J.mp4" in output
    assert "SUCCEEDED" in output
    assert everything(app) == before
    assert not (tmp_path / "report.jsonl").exists()


def test_what_would_be_erased_is_printed_as_json(
    app: FakePipeline, stack: DeployedStack, capsys: pytest.CaptureFixture[str]
) -> None:
    track(app, "a.mp4")
    called = call_service(app, stack, "a.mp4")
    [record] = app.records()
    before = everything(app)

    assert run_erase(app, "a.mp4", "--dry-run", "--json") == 0

    assert json.loads(capsys.readouterr().out) == [
        {"what": "video", "key": "a.mp4", "version": record.version, "state": None, "job_id": None},
        {
            "what": "job record",
            "key": "a.mp4",
            "version": record.version,
            "state": "SUCCEEDED",
            "job_id": record.job_id,
        },
        {"what": "job of the service", "key": None, "version": None, "state": None, "job_id": called},
    ]
    assert everything(app) == before


def test_what_was_erased_is_printed_as_json_as_in_the_report(
    app: FakePipeline, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    track(app, "a.mp4")
    report = tmp_path / "erased.jsonl"

    assert run_erase(app, "a.mp4", "--json", "--report", report) == 0

    printed, written = json.loads(capsys.readouterr().out), json.loads(report.read_text())
    assert printed["erased"]["video_versions"] == 1
    # The times of the two lines may differ.
    assert {**printed, "time": written["time"]} == written


def test_the_report_says_when_what_was_erased_in_the_words_of_the_user(
    app: FakePipeline, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    track(app, "shop/jane-doe.mp4")
    report = tmp_path / "reports" / "erased.jsonl"

    assert run_erase(app, "--prefix", "shop/", "--before", "2999-01-01", "--report", report) == 0
    with pytest.raises(CommandError, match="nothing is stored about videos in s3://"):
        run_erase(app, "--prefix", "shop/", "--report", report)

    [line] = report.read_text().splitlines()
    entry = json.loads(line)
    assert abs(now_ms() - time_ms(entry.pop("time"))) < HOUR_MS
    assert entry == {
        "stack": "people-pathing",
        "bucket": VIDEOS,
        "prefix": "shop/",
        "before": "2999-01-01T00:00:00Z",
        "keep_video": False,
        "complete": True,
        "erased": {
            "job_records": 1,
            "jobs": 0,
            "objects": len(file_names()) + 1,
            "video_versions": 1,
            "delete_markers": 0,
        },
    }
    assert "jane" not in line
    assert "erased 1 job records, 0 jobs of the service, " in capsys.readouterr().out


def test_an_interrupted_erasure_says_how_to_continue_and_is_reported_as_incomplete(
    app: FakePipeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    app.now_ms = now_ms()
    track(app)
    report = tmp_path / "erased.jsonl"

    def stop(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(erase, "wait_until", stop)
    with pytest.raises(KeyboardInterrupt):
        run_erase(app, KEY, "--report", report)

    assert "not everything is erased yet; run the same command again to continue" in capsys.readouterr().err
    entry = json.loads(report.read_text())
    assert (entry["complete"], entry["erased"]["job_records"], entry["erased"]["video_versions"]) == (
        False,
        0,
        1,
    )


def test_an_erasure_whose_report_cannot_be_written_does_not_begin(app: FakePipeline) -> None:
    track(app)
    before = everything(app)

    with pytest.raises(OSError, match="File exists"):
        run_erase(app, KEY, "--report", "/dev/null/report")
    assert everything(app) == before

"""Counting the people in stored results: from the event of a job.json to the files beside it."""

from __future__ import annotations

import csv
import importlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from people_pathing.analysis import count_files
from people_pathing.pipeline.counting import composition, recount
from people_pathing.pipeline.counting.stored_names import CONTENT_TYPES, STORED_NAMES
from people_pathing.pipeline.erasure import Eraser
from people_pathing.pipeline.job_record import JobRecord, JobState
from people_pathing.pipeline.settings import AnalysisSettings, RecountSetting
from people_pathing.pipeline.video import BY_VIDEO_ID, MAX_FILE_NAME_BYTES
from people_pathing.results import file_names
from people_pathing.results.stored_result import StoredResultError
from tests.fakes.aws_errors import client_error
from tests.fakes.pipeline import RESULTS, VIDEOS, FakePipeline, upload_event
from tests.fakes.pipeline import event as sample_event
from tests.faults.injection import hooked, once
from tests.unit.cli.test_count import CALIBRATION, ZONES, persons
from tests.unit.pipeline.test_handlers import ENVIRONMENT, Context
from tests.unit.report.pages import embedded_in

KEY = "cam7/street.mp4"
COUNT_FILES = {"counts.json", "events.csv", "intervals.csv", "flows.csv", "analysis.json"}

WITH_ENTRANCE = {**ZONES, "lines": [{**ZONES["lines"][0], "name": "entrance"}]}
"""The same zones, but the line has another name."""


@pytest.fixture
def record(pipeline: FakePipeline) -> JobRecord:
    """Tracks a video with two people who walk through the door to the till."""
    return tracked(pipeline, KEY)


def tracked(pipeline: FakePipeline, key: str) -> JobRecord:
    pipeline.on_upload(pipeline.upload(key))
    pipeline.on_notice(pipeline.service.succeed(str(pipeline.records()[-1].job_id), persons(2)))
    record = pipeline.records()[-1]
    assert record.state is JobState.SUCCEEDED
    return record


def put_zones(pipeline: FakePipeline, zones: object = ZONES, key: str = "zones/cam7.json") -> str:
    body = zones if isinstance(zones, bytes) else json.dumps(zones).encode()
    return pipeline.s3.put_object(Bucket=VIDEOS, Key=key, Body=body)["VersionId"]


def job_stored(record: JobRecord, name: str = "job.json", bucket: str = RESULTS) -> dict[str, Any]:
    return upload_event(record.results_prefix + name, "version", record.updated_ms, bucket=bucket)


def _counted(pipeline: FakePipeline, record: JobRecord) -> dict[str, bytes]:
    """Returns the files that counting stored."""
    others = {*file_names(), "report.html"}
    return {name: body for name, body in pipeline.results(record).items() if name not in others}


def _line(document: dict[str, Any]) -> dict[str, Any]:
    [line] = document["lines"]
    assert isinstance(line, dict)
    return line


def test_a_stored_result_is_counted_with_the_zones_of_its_video(
    pipeline: FakePipeline, record: JobRecord
) -> None:
    version = put_zones(pipeline)
    pipeline.on_results(job_stored(record))

    files = _counted(pipeline, record)
    assert files.keys() == COUNT_FILES
    counts = json.loads(files["counts.json"])
    assert counts["video"] == f"s3://{VIDEOS}/{KEY}"
    assert counts["timezone"] == "Europe/Berlin"
    summary = json.loads(pipeline.results(record)["job.json"])
    assert counts["provenance"] == summary["provenance"]
    assert counts["recorded_at_source"] == summary.get("recorded_at_source")
    assert _line(counts) == {"name": "door", "people": 2, "in": 2, "out": 0}
    events = list(csv.DictReader(files["events.csv"].decode().splitlines()))
    assert [event["event"] for event in events].count("cross") == 2
    assert json.loads(files["analysis.json"]) == {
        "status": "SUCCEEDED",
        "zones": {"bucket": VIDEOS, "key": "zones/cam7.json", "version": version},
    }
    assert pipeline.job_metrics.counts["counted"] == 1


def test_stored_files_have_their_media_types(pipeline: FakePipeline, record: JobRecord) -> None:
    put_zones(pipeline, {**ZONES, "calibration": CALIBRATION})
    pipeline.on_results(job_stored(record))

    assert pipeline.results(record).keys() == {*file_names(), *STORED_NAMES}
    for name in STORED_NAMES:
        head = pipeline.s3.head_object(Bucket=RESULTS, Key=record.results_prefix + name)
        assert head["ContentType"] == CONTENT_TYPES["." + name.rpartition(".")[2]]


def test_analysis_json_is_stored_last_and_counts_json_before_it(
    pipeline: FakePipeline, record: JobRecord
) -> None:
    put_zones(pipeline, {**ZONES, "calibration": CALIBRATION})
    stored: list[str] = []

    def note(params: dict[str, Any], **_: object) -> None:
        stored.append(params["Key"])

    with hooked(pipeline.s3, "provide-client-params", "PutObject", note):
        pipeline.on_results(job_stored(record))

    beside = [key.removeprefix(record.results_prefix) for key in stored if not key.startswith("tables/")]
    assert beside[-2:] == ["counts.json", "analysis.json"]
    assert sorted(beside) == sorted(STORED_NAMES)
    stored.remove(record.results_prefix + "report.html")
    assert {key.split("/")[0] for key in stored[:3]} == {"tables"}


def test_every_video_has_a_report_with_the_zones_that_apply_to_it(
    pipeline: FakePipeline, record: JobRecord
) -> None:
    pipeline.on_results(job_stored(record))
    assert reported_zones(pipeline, record) == {"version": 1}

    put_zones(pipeline)
    pipeline.on_results(job_stored(record))
    assert reported_zones(pipeline, record) == ZONES


@pytest.mark.parametrize("zones", [b"{", b"\xff"])
def test_a_wrong_zones_file_leaves_the_report_without_zones(
    zones: bytes, pipeline: FakePipeline, record: JobRecord
) -> None:
    put_zones(pipeline, zones)

    pipeline.on_results(job_stored(record))

    assert reported_zones(pipeline, record) == {"version": 1}


def reported_zones(pipeline: FakePipeline, record: JobRecord) -> Any:
    """Returns the zones in the stored report, which names no place of the video."""
    data = embedded_in(pipeline.results(record)["report.html"].decode())
    assert data["video"]["source"] is None
    return data["zonesFile"]


def test_a_video_without_zones_is_not_counted(
    pipeline: FakePipeline, record: JobRecord, log_lines: Callable[[], list[dict[str, Any]]]
) -> None:
    put_zones(pipeline, key="zones/cam8.json")
    pipeline.on_results(job_stored(record))

    assert _counted(pipeline, record) == {}
    reasons = [line.get("reason") for line in log_lines()]
    assert reasons.count("no zones file applies to the video") == 1


def test_a_video_in_a_bucket_whose_zones_may_not_be_read_is_not_counted(
    pipeline: FakePipeline, record: JobRecord
) -> None:
    put_zones(pipeline)
    document = json.loads(pipeline.results(record)["job.json"])
    for video in ({**document["video"], "bucket": "another"}, {"path": "street.mp4"}):
        key, body = record.results_prefix + "job.json", json.dumps({**document, "video": video})
        pipeline.s3.put_object(Bucket=RESULTS, Key=key, Body=body)
        pipeline.on_results(job_stored(record))

    assert _counted(pipeline, record) == {}


@pytest.mark.parametrize(
    ("zones", "reason"),
    [
        (b"{", "this is not JSON"),
        (b"\xff", "save it as UTF-8"),
        ({"version": 1, "zone": []}, '"zone"'),
    ],
)
def test_a_wrong_zones_file_is_reported_beside_the_results_and_is_no_failure(
    pipeline: FakePipeline, record: JobRecord, zones: object, reason: str
) -> None:
    version = put_zones(pipeline, zones)
    pipeline.on_results(job_stored(record))

    files = _counted(pipeline, record)
    assert files.keys() == {"analysis.json"}
    report = json.loads(files["analysis.json"])
    assert report["status"] == "FAILED"
    assert report["zones"] == {"bucket": VIDEOS, "key": "zones/cam7.json", "version": version}
    assert report["reason"].startswith(f"s3://{VIDEOS}/zones/cam7.json: ")
    assert reason in report["reason"]
    assert pipeline.job_metrics.counts["not countable"] == 1
    assert set(file_names()) <= pipeline.results(record).keys()


def test_a_result_without_the_size_of_its_frames_is_reported(
    pipeline: FakePipeline, record: JobRecord
) -> None:
    put_zones(pipeline)
    document = json.loads(pipeline.results(record)["job.json"])
    del document["VideoMetadata"]["FrameWidth"]
    key, body = record.results_prefix + "job.json", json.dumps(document)
    pipeline.s3.put_object(Bucket=RESULTS, Key=key, Body=body)
    pipeline.on_results(job_stored(record))

    report = json.loads(_counted(pipeline, record)["analysis.json"])
    assert report["reason"] == "the service did not report the size of the video's frames"


def test_counting_again_replaces_the_counts_and_removes_a_table_that_no_longer_applies(
    pipeline: FakePipeline, record: JobRecord
) -> None:
    put_zones(pipeline, {**ZONES, "calibration": CALIBRATION})
    pipeline.on_results(job_stored(record))
    assert count_files.FLOOR_PATHS in _counted(pipeline, record)
    line = {**ZONES["lines"][0], "start": ZONES["lines"][0]["end"], "end": ZONES["lines"][0]["start"]}
    put_zones(pipeline, {**ZONES, "lines": [line]})
    pipeline.on_results(job_stored(record))

    files = _counted(pipeline, record)
    assert files.keys() == COUNT_FILES
    assert _line(json.loads(files["counts.json"]))["out"] == 2


def test_counts_of_an_earlier_zones_file_stay_if_the_new_one_is_wrong(
    pipeline: FakePipeline, record: JobRecord
) -> None:
    put_zones(pipeline)
    pipeline.on_results(job_stored(record))
    before = _counted(pipeline, record)
    put_zones(pipeline, b"{")
    pipeline.on_results(job_stored(record))

    after = _counted(pipeline, record)
    assert json.loads(after.pop("analysis.json"))["status"] == "FAILED"
    assert after.items() <= before.items()
    assert after.keys() == before.keys() - {"analysis.json"}


def test_events_about_other_objects_are_skipped(pipeline: FakePipeline, record: JobRecord) -> None:
    put_zones(pipeline)
    pipeline.on_results(job_stored(record, "people.json"))
    pipeline.on_results(job_stored(record, bucket="another"))
    removed = job_stored(record)
    removed["Records"][0]["eventName"] = "ObjectRemoved:Delete"
    pipeline.on_results(removed)

    assert _counted(pipeline, record) == {}


def test_one_damaged_result_does_not_keep_others_from_being_counted(
    pipeline: FakePipeline, record: JobRecord
) -> None:
    put_zones(pipeline)
    other = tracked(pipeline, KEY)
    body = json.dumps({"video": {"bucket": VIDEOS, "key": KEY}}).encode()
    pipeline.s3.put_object(Bucket=RESULTS, Key=record.results_prefix + "job.json", Body=body)
    both = {"Records": [*job_stored(record)["Records"], *job_stored(other)["Records"]]}
    with pytest.raises(ExceptionGroup, match="1 of 2 items failed") as failure:
        pipeline.on_results(both)

    assert failure.group_contains(StoredResultError)
    assert _counted(pipeline, other).keys() == COUNT_FILES


def test_results_without_one_of_their_files_fail_the_event(pipeline: FakePipeline, record: JobRecord) -> None:
    put_zones(pipeline)
    pipeline.s3.delete_object(Bucket=RESULTS, Key=record.results_prefix + "people.json")
    with pytest.raises(ExceptionGroup) as failure:
        pipeline.on_results(job_stored(record))

    assert failure.group_contains(ClientError)


def test_an_error_of_s3_fails_the_event_so_that_it_is_retried(
    pipeline: FakePipeline, record: JobRecord
) -> None:
    put_zones(pipeline)

    def deny(**_: object) -> None:
        raise client_error("AccessDenied", "PutObject", 403)

    with (
        hooked(pipeline.s3, "before-call", "PutObject", deny),
        pytest.raises(ExceptionGroup, match="1 of 1 items failed"),
    ):
        pipeline.on_results(job_stored(record))
    assert pipeline.record().state is JobState.SUCCEEDED

    pipeline.on_results(job_stored(record))
    assert _counted(pipeline, record).keys() == COUNT_FILES


def test_erasing_a_video_erases_its_counts(pipeline: FakePipeline, record: JobRecord) -> None:
    put_zones(pipeline, {**ZONES, "calibration": CALIBRATION})
    for _ in range(2):
        pipeline.on_results(job_stored(record))
    erase(pipeline)

    assert versions_left(pipeline) == []


def test_results_that_are_gone_leave_no_counts(pipeline: FakePipeline, record: JobRecord) -> None:
    put_zones(pipeline)
    pipeline.on_results(job_stored(record))
    event = job_stored(record)
    for name in file_names():
        pipeline.s3.delete_object(Bucket=RESULTS, Key=record.results_prefix + name)
    pipeline.on_results(event)

    assert {key.removeprefix(record.results_prefix) for key in versions_left(pipeline)} == set(file_names())


@pytest.mark.parametrize("operation", ["GetObject", "PutObject", "ListObjectVersions"])
@pytest.mark.parametrize("earlier_calls", range(10))
def test_a_video_that_is_erased_while_it_is_counted_leaves_nothing(
    pipeline: FakePipeline, record: JobRecord, operation: str, earlier_calls: int
) -> None:
    put_zones(pipeline)
    calls = 0

    def erase_at_the_call(**_: object) -> None:
        nonlocal calls
        calls += 1
        if calls == earlier_calls + 1:
            erase(pipeline)

    event = job_stored(record)
    with hooked(pipeline.s3, "before-call", operation, erase_at_the_call):
        pipeline.on_results(event)
    if calls <= earlier_calls:
        erase(pipeline)

    assert versions_left(pipeline) == []


def erase(pipeline: FakePipeline, key: str = KEY) -> None:
    eraser = Eraser(pipeline.s3, pipeline.table, RESULTS, lambda: pipeline.now_ms)
    plan = eraser.mark(eraser.plan(eraser.table.find(VIDEOS, key)))
    eraser.erase(plan)
    pipeline.now_ms = max(pipeline.now_ms, plan.settled_ms)
    eraser.finish(plan)


def versions_left(pipeline: FakePipeline) -> list[str]:
    found = pipeline.s3.list_object_versions(Bucket=RESULTS)
    return [entry["Key"] for entry in found.get("Versions", [])]


def test_generated_files_never_share_a_name_with_result_files() -> None:
    assert set(STORED_NAMES).isdisjoint(file_names())
    assert len(STORED_NAMES) == len(set(STORED_NAMES))
    assert max(len(name.encode()) for name in STORED_NAMES) <= MAX_FILE_NAME_BYTES


def test_the_handler_counts_with_the_rights_and_settings_of_its_environment(
    pipeline: FakePipeline,
    record: JobRecord,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in {
        **ENVIRONMENT,
        "VIDEO_BUCKETS": f"another,{VIDEOS}",
        "RECOUNT_ON_ZONES_CHANGE": "none",
    }.items():
        monkeypatch.setenv(name, value)
    composition.recounter.cache_clear()
    put_zones(pipeline)
    module = importlib.import_module("people_pathing.pipeline.handlers.analyze_results")
    module.handler(job_stored(record), Context())
    composition.recounter.cache_clear()

    assert _counted(pipeline, record).keys() == COUNT_FILES
    assert '"VideosCounted":[1.0]' in capsys.readouterr().out.replace(" ", "")


def zones_stored(key: str = "zones/cam7.json", bucket: str = VIDEOS) -> dict[str, Any]:
    """Returns an event of a zones file as EventBridge sends it."""
    event: dict[str, Any] = sample_event("s3-put-through-eventbridge")
    event["detail"]["bucket"]["name"], event["detail"]["object"]["key"] = bucket, key
    return event


def _ins(pipeline: FakePipeline, *records: JobRecord) -> list[int | None]:
    """Returns how many crossings in are counted for each video; None if it is not counted."""
    files = [_counted(pipeline, record).get("counts.json") for record in records]
    return [_line(json.loads(body))["in"] if body else None for body in files]


def test_a_changed_zones_file_counts_the_videos_again_that_it_applies_to(
    pipeline: FakePipeline, record: JobRecord
) -> None:
    pipeline.recount = RecountSetting(2, is_dry_run=False)
    later, entrance = tracked(pipeline, "cam7/later.mp4"), tracked(pipeline, "cam7/entrance.mp4")
    other = tracked(pipeline, "cam8/street.mp4")
    put_zones(pipeline, key="zones/cam7/entrance.json")
    put_zones(pipeline)
    pipeline.on_results(zones_stored())

    assert _ins(pipeline, record, later, entrance, other) == [2, 2, None, None]


@pytest.mark.parametrize("key", ["zones/tables/.json", "zones/.json"])
def test_results_under_a_video_id_are_counted_again_too(pipeline: FakePipeline, key: str) -> None:
    pipeline.recount = RecountSetting(3, is_dry_run=False)
    reserved, long = tracked(pipeline, "tables/door.mp4"), tracked(pipeline, "cam7/" + "k" * 1019)
    assert all(one.results_prefix.startswith(BY_VIDEO_ID) for one in (reserved, long))
    put_zones(pipeline)
    put_zones(pipeline, key=key)
    pipeline.on_results(zones_stored(key))
    assert _ins(pipeline, reserved, long) == [2, None]

    pipeline.on_results(zones_stored())
    assert _ins(pipeline, reserved, long) == [2, 2]


def test_results_under_a_video_id_of_another_bucket_are_not_counted_again(pipeline: FakePipeline) -> None:
    pipeline.recount = RecountSetting(3, is_dry_run=False)
    record = tracked(pipeline, "tables/door.mp4")
    document = json.loads(pipeline.results(record)["job.json"])
    key, body = (
        record.results_prefix + "job.json",
        {**document, "video": {**document["video"], "bucket": "b"}},
    )
    pipeline.s3.put_object(Bucket=RESULTS, Key=key, Body=json.dumps(body))
    put_zones(pipeline, key="zones/.json")
    pipeline.on_results(zones_stored("zones/.json"))

    assert _ins(pipeline, record) == [None]


def test_results_are_counted_once_with_each_version_of_a_zones_file(
    pipeline: FakePipeline, record: JobRecord
) -> None:
    pipeline.recount = RecountSetting(2, is_dry_run=False)
    for expected in (1, 1, 2):
        if pipeline.job_metrics.counts["counted"] < expected:
            put_zones(pipeline)
        pipeline.on_results(zones_stored())
        assert pipeline.job_metrics.counts["counted"] == expected


def test_a_recount_reads_the_zones_file_of_a_result_before_and_after_it(
    pipeline: FakePipeline, record: JobRecord
) -> None:
    pipeline.recount = RecountSetting(1, is_dry_run=False)
    put_zones(pipeline)
    read: list[str] = []
    pipeline.s3.meta.events.register(
        "provide-client-params.s3.GetObject", lambda params, **_: read.append(params["Key"])
    )

    pipeline.on_results(zones_stored())

    assert pipeline.job_metrics.counts["counted"] == 1
    assert read.count("zones/cam7.json") == 2
    assert read[-1] == "zones/cam7.json"
    # Once to know the video, once with the other files, and once to see whether the video was erased.
    assert read.count(record.results_prefix + "job.json") == 3


def test_one_result_that_cannot_be_counted_does_not_keep_the_others_from_it(
    pipeline: FakePipeline, record: JobRecord
) -> None:
    pipeline.recount = RecountSetting(2, is_dry_run=False)
    later = tracked(pipeline, "cam7/later.mp4")
    put_zones(pipeline)
    key = record.results_prefix + "observations.jsonl.gz"
    pipeline.s3.put_object(Bucket=RESULTS, Key=key, Body=b"damaged")
    with pytest.raises(ExceptionGroup, match="1 of 1 items failed"):
        pipeline.on_results(zones_stored())

    assert _ins(pipeline, record, later) == [None, 2]


@pytest.mark.parametrize("limit", [0, 1])
def test_nothing_is_counted_again_if_there_are_more_results_than_allowed(
    pipeline: FakePipeline, record: JobRecord, limit: int, log_lines: Callable[[], list[dict[str, Any]]]
) -> None:
    pipeline.recount = RecountSetting(limit, is_dry_run=False)
    later = tracked(pipeline, "cam7/later.mp4")
    put_zones(pipeline)
    pipeline.on_results(zones_stored())

    assert _ins(pipeline, record, later) == [None, None]
    assert log_lines()[-1]["reason"] == f"it applies to more than {limit} results"
    assert pipeline.job_metrics.counts["recount refused"] == 1


def test_a_dry_run_logs_how_many_results_would_be_counted_again(
    pipeline: FakePipeline, record: JobRecord, log_lines: Callable[[], list[dict[str, Any]]]
) -> None:
    pipeline.recount = RecountSetting(200, is_dry_run=True)
    put_zones(pipeline)
    pipeline.on_results(zones_stored())

    assert _ins(pipeline, record) == [None]
    assert (log_lines()[-1]["count"], log_lines()[-1]["is_dry_run"]) == (1, True)


@pytest.mark.parametrize("name", sorted({*STORED_NAMES, "events.parquet"} - {"floor_paths.csv"}))
def test_a_retry_stores_whatever_an_error_of_s3_kept_from_being_stored(
    pipeline: FakePipeline, record: JobRecord, name: str
) -> None:
    pipeline.recount = RecountSetting(1, is_dry_run=False)
    put_zones(pipeline)
    pipeline.on_results(job_stored(record))
    put_zones(pipeline, WITH_ENTRANCE)

    def deny(params: dict[str, Any], **_: object) -> None:
        if name in (params["Key"].rpartition("/")[2], params["Key"].split("/")[1] + ".parquet"):
            raise client_error("SlowDown", "PutObject", 503)

    with hooked(pipeline.s3, "provide-client-params", "PutObject", deny), pytest.raises(ExceptionGroup):
        pipeline.on_results(zones_stored())
    pipeline.on_results(zones_stored())

    assert _counted_lines(pipeline, record) == ["entrance"]
    assert reported_zones(pipeline, record) == WITH_ENTRANCE
    assert b"entrance" in pipeline.results(record)["events.csv"]


@pytest.mark.parametrize("had_zones", [True, False])
@pytest.mark.parametrize(
    "slow_at", ["/people/", "report.html", "intervals.csv", "counts.json", "analysis.json"]
)
def test_a_slow_invocation_does_not_leave_the_counts_of_earlier_zones(
    pipeline: FakePipeline, record: JobRecord, slow_at: str, had_zones: bool
) -> None:
    """While one invocation stores its files, the zones file changes, and another invocation counts."""
    pipeline.recount = RecountSetting(1, is_dry_run=False)
    if had_zones:
        put_zones(pipeline)

    def change_zones() -> None:
        put_zones(pipeline, WITH_ENTRANCE)
        pipeline.on_results(zones_stored())

    change_once = once(change_zones)

    def change_before(params: dict[str, Any], **_: object) -> None:
        if slow_at in params["Key"]:
            change_once()

    with hooked(pipeline.s3, "provide-client-params", "PutObject", change_before):
        pipeline.on_results(job_stored(record))
    change_once()

    assert _counted_lines(pipeline, record) == ["entrance"]
    assert reported_zones(pipeline, record) == WITH_ENTRANCE
    assert b"entrance" in pipeline.results(record)["events.csv"]


def test_a_zones_file_that_takes_over_during_the_counting_is_used(
    pipeline: FakePipeline, record: JobRecord
) -> None:
    put_zones(pipeline)

    def take_over() -> None:
        put_zones(pipeline, WITH_ENTRANCE, key="zones/cam7/.json")

    with hooked(pipeline.s3, "provide-client-params", "PutObject", once(take_over)):
        pipeline.on_results(job_stored(record))

    assert _counted_lines(pipeline, record) == ["entrance"]
    report = json.loads(pipeline.results(record)["analysis.json"])
    assert report["zones"]["key"] == "zones/cam7/.json"


def test_counts_stay_if_the_zones_file_is_removed_during_the_counting(
    pipeline: FakePipeline, record: JobRecord
) -> None:
    put_zones(pipeline)

    def remove() -> None:
        pipeline.s3.delete_object(Bucket=VIDEOS, Key="zones/cam7.json")

    with hooked(pipeline.s3, "provide-client-params", "PutObject", once(remove)):
        pipeline.on_results(job_stored(record))

    assert _counted_lines(pipeline, record) == ["door"]
    assert reported_zones(pipeline, record) == ZONES


def _counted_lines(pipeline: FakePipeline, record: JobRecord) -> list[str]:
    """Returns the names of the lines in counts.json."""
    return [line["name"] for line in json.loads(pipeline.results(record)["counts.json"])["lines"]]


def test_too_many_objects_end_the_listing(
    pipeline: FakePipeline, record: JobRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recount, "MAX_LISTED_PAGES", 0)
    pipeline.recount = RecountSetting(200, is_dry_run=False)
    put_zones(pipeline)
    pipeline.on_results(zones_stored())

    assert _ins(pipeline, record) == [None]
    assert pipeline.job_metrics.counts["recount refused"] == 1


@pytest.mark.parametrize(
    ("text", "setting"),
    [
        ("none", RecountSetting(0, False)),
        ("dry-run", RecountSetting(200, True)),
        ("25", RecountSetting(25, False)),
    ],
)
def test_the_setting_says_how_many_results_are_counted_again(text: str, setting: RecountSetting) -> None:
    variables = {"RESULTS_BUCKET": RESULTS, "VIDEO_BUCKETS": VIDEOS, "RECOUNT_ON_ZONES_CHANGE": text}
    assert AnalysisSettings.from_environment(variables).recount_on_zones_change == setting

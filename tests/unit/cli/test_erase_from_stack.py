"""`people-pathing erase KEY --index N`: no version of any object of a stack is about that person any more."""

import gzip
import io
import json
from collections.abc import Callable, Iterator
from csv import DictReader
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from pyarrow import parquet

from people_pathing.cli.annotating.stack_video import StackVideo
from people_pathing.cli.deployed_stack import DeployedStack
from people_pathing.cli.erasing.people_of_key import KeyErasure
from people_pathing.cli.erasing.videos import Selection
from people_pathing.cli.errors import CommandError
from people_pathing.common.clock import utc_time
from people_pathing.pipeline.counting.stored_names import STORED_NAMES
from people_pathing.pipeline.counting.table_files import table_keys
from people_pathing.pipeline.erasure import SETTLING_MS
from people_pathing.pipeline.job_record import JobRecord
from people_pathing.pipeline.settings import RecountSetting
from people_pathing.results import file_names
from people_pathing.service.erasure import LONGEST_STEP_MS
from tests.fakes.pipeline import RESULTS, VIDEOS, FakePipeline
from tests.faults.injection import crash_at, hooked, once
from tests.unit.cli.test_count import CALIBRATION, ZONES, persons
from tests.unit.cli.test_erase import (
    ARTIFACTS,
    Wait,
    app,
    call_service,
    erase_now,
    run_erase,
    stack,
    store_artifact,
    stored_keys,
)
from tests.unit.pipeline.test_counting import job_stored, put_zones, zones_stored
from tests.unit.report.pages import embedded_in

__all__ = ["app", "stack"]

KEY = "cam7/street.mp4"
PEOPLE = 3
ERASED = 1
EXPORTS = frozenset({"mot.txt"})


@pytest.fixture
def record(app: FakePipeline) -> JobRecord:
    """Tracks a video with three people, counts them on the floor, and stores everything twice."""
    put_zones(app, {**ZONES, "calibration": CALIBRATION})
    record = track(app, KEY)
    app.on_results(job_stored(record))
    for name in ("annotated.webm", "mot.txt"):
        app.s3.put_object(Bucket=RESULTS, Key=record.results_prefix + name, Body=b"person 1")
    for key, body in app.stored().items():
        app.s3.put_object(Bucket=RESULTS, Key=key, Body=body)
    chunk = f".people-pathing/collecting/{record.video_id}/000000/people.json"
    app.s3.put_object(Bucket=RESULTS, Key=chunk, Body=b"person 1")
    app.s3.delete_object(Bucket=RESULTS, Key=chunk)
    app.now_ms += SETTLING_MS
    return record


def track(app: FakePipeline, key: str, people: int = PEOPLE) -> JobRecord:
    app.on_upload(app.upload(key))
    job_id = str(app.records()[-1].job_id)
    store_artifact(app, job_id)
    app.on_notice(app.service.succeed(job_id, persons(people)))
    return app.records()[-1]


def erasure_of(
    app: FakePipeline,
    stack: DeployedStack,
    *indexes: int,
    key: str = KEY,
    wait: Callable[[int], None] | None = None,
    **selection: Any,
) -> KeyErasure:
    chosen = Selection(VIDEOS, key, **selection)
    indexes = indexes or (ERASED,)
    return KeyErasure(stack, chosen, frozenset(indexes), EXPORTS, wait or Wait(app), lambda: app.now_ms)


def people_stored(app: FakePipeline) -> dict[str, set[int]]:
    """Returns which people each stored version of each result of the stack is about."""
    found: dict[str, set[int]] = {}
    for page in app.s3.get_paginator("list_object_versions").paginate(Bucket=RESULTS):
        for entry in page.get("Versions", []):
            key, version = entry["Key"], entry["VersionId"]
            body = app.s3.get_object(Bucket=RESULTS, Key=key, VersionId=version)["Body"].read()
            found[f"{key} {version}"] = set(people_in(key, body))
    return found


def people_in(key: str, body: bytes) -> Iterator[int]:
    name = key.rpartition("/")[2]
    if body == b"person 1":
        yield 1
    elif name == "observations.jsonl.gz":
        yield from (json.loads(line)["Person"]["Index"] for line in gzip.decompress(body).splitlines())
    elif name == "people.json":
        yield from (person["index"] for person in json.loads(body))
    elif name == "counts.json":
        yield from (person["person"] for person in json.loads(body)["people"])
    elif name in {"events.csv", "floor_paths.csv"}:
        yield from (int(row["person"]) for row in DictReader(io.StringIO(body.decode())))
    elif name == "report.html":
        yield from (index for index, _ in embedded_in(body.decode())["observations"]["people"])
    elif name.endswith(".parquet"):
        yield from parquet.read_table(io.BytesIO(body)).column("tracker_id").to_pylist()
    else:
        # Files that say how many, but not who.
        assert name in {"job.json", "analysis.json", "intervals.csv", "flows.csv"}, key


def require_erased(app: FakePipeline, record: JobRecord) -> None:
    """Checks that nothing is about the person, and that everything is there about the others."""
    found = people_stored(app)
    assert [key for key, people in found.items() if ERASED in people] == []
    results = app.results(record)
    assert results.keys() == {*file_names(), *STORED_NAMES}
    job = json.loads(results["job.json"])
    assert (job["counts"]["people"], job["provenance"]["erased"]["people"]) == (PEOPLE - 1, 1)
    assert json.loads(results["counts.json"])["picture"]["people"] == PEOPLE - 1
    assert {key.split("/")[1] for key in app.stored("tables/")} == {"people", "observations", "events"}
    assert set().union(*found.values()) == {0, 2}


def test_no_version_of_any_object_is_about_an_erased_person(
    app: FakePipeline, stack: DeployedStack, record: JobRecord
) -> None:
    assert sum(ERASED in people for people in people_stored(app).values()) > 2 * len(STORED_NAMES)
    erasure = erasure_of(app, stack)

    erasure.run()

    assert not [key for key, people in people_stored(app).items() if ERASED in people]
    # Until the stack has made the rest again, the results are as they were before it was made first.
    assert app.results(record).keys() == set(file_names())
    assert (erasure.erased.people, erasure.erased.observations) == (1, 9)
    assert KEY in stored_keys(app, VIDEOS)
    assert stored_keys(app, ARTIFACTS) == set()


def test_other_videos_keep_everything(app: FakePipeline, stack: DeployedStack, record: JobRecord) -> None:
    other = track(app, f"{record.results_prefix}deeper.mp4")
    app.on_results(job_stored(other))
    app.now_ms += SETTLING_MS

    def of_other() -> dict[str, bytes]:
        stored = app.stored().items()
        return {key: body for key, body in stored if other.results_prefix in key or other.video_id in key}

    before = of_other()
    erasure_of(app, stack).run()

    assert len(before) > len(file_names()) + 2
    assert of_other() == before
    assert stored_keys(app, ARTIFACTS) == {f"jobs/{other.job_id}/observations.bin"}


def test_what_the_stack_makes_again_has_the_others_only(
    app: FakePipeline, stack: DeployedStack, record: JobRecord
) -> None:
    erasure_of(app, stack).run()
    app.on_results(job_stored(record))
    require_erased(app, record)
    # The job of the video stays, so that neither a late event nor a late notice tracks it again.
    assert [one.state for one in app.records()] == ["SUCCEEDED"]


def test_several_people_are_erased_at_once(
    app: FakePipeline, stack: DeployedStack, record: JobRecord
) -> None:
    erasure_of(app, stack, 0, 1).run()
    app.on_results(job_stored(record))
    assert set().union(*people_stored(app).values()) == {2}


@pytest.mark.parametrize(
    ("operation", "skip"),
    [
        *(("DeleteObject", skip) for skip in (0, 1, 9, 25, *range(30, 34))),
        *(("PutObject", skip) for skip in range(4)),
        ("PutItem", 0),
        *(("ListObjectVersions", skip) for skip in range(9)),
    ],
)
def test_an_erasure_that_was_interrupted_anywhere_is_completed_by_another(
    app: FakePipeline, stack: DeployedStack, record: JobRecord, operation: str, skip: int
) -> None:
    client = app.dynamodb if operation == "PutItem" else app.s3
    with crash_at(client, operation, skip=skip):
        erasure_of(app, stack).run()

    erasure_of(app, stack).run()
    app.on_results(job_stored(record))

    require_erased(app, record)
    stored = app.s3.list_object_versions(Bucket=RESULTS, Prefix=record.results_prefix + "job.json")
    assert len(stored["Versions"]) == 1


def test_damaged_results_are_not_taken_for_an_interrupted_erasure(
    app: FakePipeline, stack: DeployedStack, record: JobRecord
) -> None:
    lines = gzip.decompress(app.results(record)["observations.jsonl.gz"]).splitlines(keepends=True)
    damaged = gzip.compress(b"".join(lines[:20]))
    app.s3.put_object(Bucket=RESULTS, Key=record.results_prefix + "observations.jsonl.gz", Body=damaged)

    with pytest.raises(CommandError, match=r"has 20 observations, but job.json says 27, and no erasure"):
        erasure_of(app, stack).find()


def test_the_marker_of_an_interrupted_erasure_is_erased_with_the_video(
    app: FakePipeline, stack: DeployedStack, record: JobRecord
) -> None:
    with crash_at(app.s3, "PutObject", skip=2):
        erasure_of(app, stack).run()
    assert [key for key in stored_keys(app, RESULTS) if key.endswith("erasing.json")]

    erase_now(app, stack, key=KEY)

    assert app.s3.list_object_versions(Bucket=RESULTS, Prefix=".people-pathing/").get("Versions", []) == []


def test_an_erasure_that_is_complete_cannot_be_repeated(
    app: FakePipeline, stack: DeployedStack, record: JobRecord
) -> None:
    erasure_of(app, stack).run()
    assert not [key for key in stored_keys(app, RESULTS) if key.endswith("erasing.json")]
    with pytest.raises(CommandError, match="person 1 is not in"):
        erasure_of(app, stack).run()


@pytest.mark.parametrize(
    ("event", "operation", "earlier_calls"),
    [
        *(("results", "GetObject", calls) for calls in range(1, 6)),
        *(("results", "PutObject", calls) for calls in (0, 2, 5, 9)),
        *(("zones", "GetObject", calls) for calls in (4, 5)),
        *(("zones", "PutObject", calls) for calls in (0, 4)),
        ("zones", "ListObjectVersions", 0),
    ],
)
def test_an_analysis_that_has_begun_before_does_not_bring_a_person_back(
    app: FakePipeline,
    stack: DeployedStack,
    record: JobRecord,
    event: str,
    operation: str,
    earlier_calls: int,
) -> None:
    app.recount = RecountSetting(10, is_dry_run=False)
    if event == "zones":
        put_zones(app, {**ZONES, "calibration": CALIBRATION, "timezone": "Asia/Tokyo"})
    calls = 0

    def erase_at_the_call(**_: object) -> None:
        nonlocal calls
        calls += 1
        if calls == earlier_calls + 1:
            erasure_of(app, stack).run()

    with hooked(app.s3, "before-call", operation, erase_at_the_call):
        analyze(app, job_stored(record) if event == "results" else zones_stored())
    assert calls > earlier_calls
    # S3 reports the new job.json, too.
    app.on_results(job_stored(record))

    require_erased(app, record)


def analyze(app: FakePipeline, event: dict[str, Any]) -> None:
    """Analyzes results that may be in the making: their files do not belong together then."""
    try:
        app.on_results(event)
    except ExceptionGroup as group:
        # Lambda repeats the event.
        _, others = group.split(lambda error: "but job.json says" in str(error))
        if others is not None:
            raise


@pytest.mark.parametrize(
    ("operation", "earlier_calls"),
    [
        *(("PutObject", calls) for calls in range(3)),
        *(("DeleteObject", calls) for calls in (0, 1, 8, 15, 25)),
        *(("ListObjectVersions", calls) for calls in (0, 1, 5, 6)),
    ],
)
def test_an_analysis_during_the_erasure_does_not_bring_a_person_back(
    app: FakePipeline, stack: DeployedStack, record: JobRecord, operation: str, earlier_calls: int
) -> None:
    calls = 0

    def analyze_at_the_call(**_: object) -> None:
        nonlocal calls
        calls += 1
        if calls == earlier_calls + 1:
            analyze(app, job_stored(record))

    with hooked(app.s3, "before-call", operation, analyze_at_the_call):
        erasure_of(app, stack).run()
    assert calls > earlier_calls
    app.on_results(job_stored(record))

    require_erased(app, record)


@pytest.mark.parametrize("last_upload", ["VIDEO_ID.parquet", "events.csv", "counts.json", "report.html"])
def test_an_analysis_that_dies_after_the_erasure_leaves_nothing_once_it_is_retried(
    app: FakePipeline, stack: DeployedStack, record: JobRecord, last_upload: str
) -> None:
    name = last_upload.replace("VIDEO_ID", record.video_id)
    events: list[str] = []

    def erase_and_store_the_file_all_the_same(params: dict[str, Any], **_: object) -> None:
        if params["Key"].endswith(name) and not events:
            events.append("erased")
            erasure_of(app, stack).run()
            events.append("about to be stored")

    def die(**_: object) -> None:
        if events == ["erased", "about to be stored"]:
            events.append("died")
            raise RuntimeError("the function is out of time")

    with (
        hooked(app.s3, "provide-client-params", "PutObject", erase_and_store_the_file_all_the_same),
        hooked(app.s3, "after-call", "PutObject", die),
        pytest.raises(ExceptionGroup, match="1 of 1 items failed"),
    ):
        app.on_results(job_stored(record))
    assert [key for key, people in people_stored(app).items() if ERASED in people]

    app.on_results(job_stored(record))
    app.on_results(job_stored(record))
    require_erased(app, record)


def test_a_copy_that_was_being_annotated_is_discarded(
    app: FakePipeline, stack: DeployedStack, record: JobRecord, tmp_path: Path
) -> None:
    found = StackVideo.find(stack, KEY)
    copy = tmp_path / "copy.webm"
    copy.write_bytes(b"person 1")
    erasure_of(app, stack).run()

    with pytest.raises(CommandError, match="erased or tracked again in the meantime"):
        found.upload(copy)
    assert not [key for key in people_stored(app) if "annotated" in key]


@pytest.mark.parametrize("name", file_names())
def test_results_that_something_else_replaces_at_the_same_time_stay_incomplete_until_it_is_repeated(
    app: FakePipeline, stack: DeployedStack, record: JobRecord, name: str
) -> None:
    key = record.results_prefix + name
    body = app.results(record)[name]
    body = gzip.compress(gzip.decompress(body)) if name.endswith(".gz") else body + b"\n"

    def write(**_: object) -> None:
        app.s3.put_object(Bucket=RESULTS, Key=key, Body=body)

    erasure = erasure_of(app, stack)
    with (
        hooked(app.s3, "before-call", "PutObject", once(write)),
        pytest.raises(CommandError, match="changed in the meantime; run the command again"),
    ):
        erasure.run()
    assert erasure.has_begun
    assert "erased" not in json.loads(app.results(record)["job.json"])["provenance"]

    # A writer that finishes after the new files were stored is noticed, too.
    erasure_of(app, stack).run()
    app.on_results(job_stored(record))
    require_erased(app, record)


def test_a_late_write_of_observations_is_noticed_before_the_results_are_completed(
    app: FakePipeline, stack: DeployedStack, record: JobRecord
) -> None:
    old = app.results(record)["observations.jsonl.gz"]

    def write(**_: object) -> None:
        app.s3.put_object(Bucket=RESULTS, Key=record.results_prefix + "observations.jsonl.gz", Body=old)

    with (
        hooked(app.dynamodb, "before-call", "PutItem", once(write)),
        pytest.raises(CommandError, match="changed in the meantime; run the command again"),
    ):
        erasure_of(app, stack).run()

    erasure_of(app, stack).run()
    app.on_results(job_stored(record))
    require_erased(app, record)


def test_nothing_is_read_until_the_functions_of_the_job_have_ended(
    app: FakePipeline, stack: DeployedStack, record: JobRecord
) -> None:
    young = track(app, "cam7/young.mp4")
    old = app.results(young)["people.json"]

    def write_late() -> None:
        app.s3.put_object(Bucket=RESULTS, Key=young.results_prefix + "people.json", Body=old)

    wait = Wait(app, write_late)
    erasure_of(app, stack, key=young.key, wait=wait).run()

    assert wait.waited_ms == [SETTLING_MS]
    assert [
        key
        for key, people in people_stored(app).items()
        if ERASED in people and key.startswith(young.results_prefix)
    ] == []


def test_artifacts_of_jobs_that_others_started_are_erased_and_their_jobs_stay(
    app: FakePipeline, stack: DeployedStack, record: JobRecord
) -> None:
    job_id = call_service(app, stack, KEY, version=record.version)
    other = call_service(app, stack, KEY, version="another version")
    app.now_ms += LONGEST_STEP_MS + 60_000
    erasure = erasure_of(app, stack)

    assert erasure.find().job_ids == tuple(sorted({job_id, str(record.job_id)}))
    erasure.run()

    assert stored_keys(app, ARTIFACTS) == {f"jobs/{other}/observations.bin"}
    assert stack.job_store is not None
    assert {stored.job.job_id for stored in stack.job_store.all_jobs()} == {job_id, other}


def everything(app: FakePipeline) -> list[str]:
    found = [app.s3.list_object_versions(Bucket=bucket) for bucket in (VIDEOS, RESULTS, ARTIFACTS)]
    return [f"{entry['Key']} {entry['VersionId']}" for one in found for entry in one["Versions"]]


def test_a_dry_run_changes_nothing(
    app: FakePipeline, record: JobRecord, capsys: pytest.CaptureFixture[str]
) -> None:
    app.s3.put_object(Bucket=RESULTS, Key=record.results_prefix + "notes.txt", Body=b"mine")
    before = everything(app)

    assert run_erase(app, KEY, "--index", 1, "--dry-run", "--json") == 0

    found = json.loads(capsys.readouterr().out)
    assert found[0] == {"what": "person", "name": "1", "observations": 9}
    assert [one["name"] for one in found if one["what"] == "stays"] == ["notes.txt"]
    assert {one["name"] for one in found if one["what"] == "file to erase"} == {
        *STORED_NAMES,
        *("annotated.webm", "mot.txt"),
        *table_keys(record.video_id, utc_time(record.uploaded_ms).date()),
    }
    assert everything(app) == before


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ([KEY, "--index", "3"], f"person 3 is not in the results of s3://{VIDEOS}/{KEY}; they have 0, 1, 2"),
        (["cam8/none.mp4", "--index", "1"], f"there are no results of s3://{VIDEOS}/cam8/none.mp4"),
        ([KEY, "--index", "1", "--version", "old"], "there are no results of"),
        ([KEY, "--index", "1", "--bucket", "elsewhere"], f"there are no results of s3://elsewhere/{KEY}"),
        (["--prefix", "cam7/", "--index", "1"], "give its KEY, or the folder of its results"),
        ([KEY, "--prefix", "cam7/", "--index", "1"], "leave out --prefix"),
    ],
)
def test_what_cannot_be_erased_is_named_and_nothing_changes(
    app: FakePipeline, record: JobRecord, arguments: list[str], problem: str
) -> None:
    before = everything(app)
    with pytest.raises(CommandError) as error:
        run_erase(app, *arguments)
    assert problem in str(error.value)
    assert everything(app) == before


def test_a_key_with_several_versions_needs_one(
    app: FakePipeline, stack: DeployedStack, record: JobRecord
) -> None:
    newer = track(app, KEY)
    app.now_ms += SETTLING_MS
    with pytest.raises(CommandError, match=rf"choose one with --version: .*{newer.version}"):
        erasure_of(app, stack).find()

    erasure_of(app, stack, version=newer.version).run()

    assert {ERASED} <= people_stored_of(app, record)
    assert people_stored_of(app, newer) == {0, 2}


def people_stored_of(app: FakePipeline, record: JobRecord) -> set[int]:
    found = people_stored(app).items()
    return set().union(*(people for key, people in found if key.startswith(record.results_prefix)))


def test_a_video_that_is_being_tracked_keeps_its_people(app: FakePipeline, stack: DeployedStack) -> None:
    app.on_upload(app.upload(KEY))
    with pytest.raises(CommandError, match="is being tracked; erase people when its job has ended"):
        erasure_of(app, stack).find()


def test_a_running_job_of_another_caller_is_named(
    app: FakePipeline, stack: DeployedStack, record: JobRecord
) -> None:
    call_service(app, stack, KEY, version=record.version, is_running=True)
    with pytest.raises(CommandError, match="is being tracked"):
        erasure_of(app, stack).find()


def test_results_that_are_gone_are_named(app: FakePipeline, stack: DeployedStack, record: JobRecord) -> None:
    app.s3.delete_object(Bucket=RESULTS, Key=record.results_prefix + "people.json")
    with pytest.raises(CommandError, match="are not complete, or are gone"):
        erasure_of(app, stack).find()


def test_another_error_of_s3_is_not_hidden(
    app: FakePipeline, stack: DeployedStack, record: JobRecord
) -> None:
    def refuse(**_: object) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied"}}, "PutObject")

    for operation in ("GetObject", "PutObject"):
        with (
            hooked(app.s3, "before-call", operation, refuse),
            pytest.raises(ClientError, match="AccessDenied"),
        ):
            erasure_of(app, stack).run()


def test_a_stack_that_calls_another_service_erases_its_own_objects_only(
    app: FakePipeline, stack: DeployedStack, record: JobRecord
) -> None:
    own = DeployedStack(app.s3, app.table, VIDEOS, RESULTS, None, None)
    erasure_of(app, own).run()
    app.on_results(job_stored(record))
    require_erased(app, record)
    assert len(stored_keys(app, ARTIFACTS)) == 1


def test_a_key_that_is_also_a_folder_is_told_apart_by_the_name_of_the_stack(
    app: FakePipeline, record: JobRecord, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / KEY).mkdir(parents=True)
    with pytest.raises(CommandError, match="is not a folder with result files"):
        run_erase(app, KEY, "--index", 1)

    assert run_erase(app, KEY, "--index", 1, "--stack-name", "people-pathing") == 0
    assert ERASED not in people_stored_of(app, record)


def test_the_report_says_what_was_erased_from_which_video(
    app: FakePipeline, record: JobRecord, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    app.s3.put_object(Bucket=RESULTS, Key=record.results_prefix + "notes.txt", Body=b"mine")
    report = tmp_path / "erased.jsonl"

    assert run_erase(app, KEY, "--index", 1, "--report", report, "--json") == 0

    entry = json.loads(report.read_text())
    output = capsys.readouterr()
    assert {**json.loads(output.out), "time": entry["time"]} == entry
    assert (entry["stack"], entry["bucket"], entry["key"], entry["index"], entry["complete"]) == (
        *("people-pathing", VIDEOS, KEY, [1], True),
    )
    assert (entry["erased"]["people"], entry["erased"]["observations"]) == (1, 9)
    assert "itself, where it still is, shows these people" in output.err
    assert "these files beside the results stay, and may be about them, too: notes.txt" in output.err


def test_an_interrupted_erasure_is_reported_as_incomplete(
    app: FakePipeline, record: JobRecord, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "erased.jsonl"
    with crash_at(app.s3, "PutObject", skip=1):
        run_erase(app, KEY, "--index", 1, "--report", report)
    assert json.loads(report.read_text())["complete"] is False
    assert "run the same command again to continue" in capsys.readouterr().err

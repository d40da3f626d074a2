"""`people-pathing index`: the page of a folder and of a deployed stack."""

from __future__ import annotations

import json
import os
import webbrowser
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from moto import mock_aws

from people_pathing.cli.main import main
from people_pathing.cli.overview import folder_entries
from people_pathing.pipeline.job_record import JobRecord
from people_pathing.pipeline.video import Video
from people_pathing.results import file_names
from people_pathing.results.files.job_summary import StoredVideo, VideoFile
from people_pathing.results.stored_result import StoredResult, open_stored_result
from tests.fakes.pipeline import JOBS, RESULTS, VIDEOS, FakePipeline
from tests.unit.cli.programs import run_here, run_without
from tests.unit.exports.stored import seen, store
from tests.unit.report.test_overview import embedded

BOX = (0.25, 0.125, 0.5, 0.25)
PEOPLE = [seen(0, 40, BOX), seen(0, 1000, BOX), seen(1, 40, BOX), seen(1, 500, BOX)]


def entries(page: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = embedded(page.read_text("utf-8"))["entries"]
    return found


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """A folder with the results of a file, and with a copy of the results bucket."""
    out = tmp_path / "out"
    store(out / "street.mp4.paths", PEOPLE, video=VideoFile("videos/street.mp4"))
    store(out / "cam 7/door.mp4/v1", PEOPLE[:2], video=StoredVideo("videos", "cam 7/door.mp4", "v1"))
    return out


# ---- a folder


def test_the_page_has_every_video_of_the_folder_and_its_missing_reports_are_written(out: Path) -> None:
    completed = run_here("index", out)

    assert completed.returncode == 0, completed.stderr
    assert completed.stdout == f"{out / 'index.html'}\n"
    door, street = sorted(entries(out / "index.html"), key=lambda one: str(one["name"]))
    assert (door["name"], door["version"], door["people"]) == ("cam 7/door.mp4", "v1", 1)
    assert door["reportAddress"] == "./cam%207/door.mp4/v1/report.html"
    assert (street["name"], street["version"]) == ("street.mp4", None)
    assert (street["state"], street["people"], street["mostAtOnce"], street["durationMs"]) == (
        *("SUCCEEDED", 2),
        *(2, 4240),
    )
    assert street["sparkline"].startswith("M0 16V")
    assert (out / "street.mp4.paths/report.html").is_file()
    assert (out / "cam 7/door.mp4/v1/report.html").is_file()


def test_a_current_report_stays_and_an_old_one_is_written_again(out: Path) -> None:
    report = out / "street.mp4.paths/report.html"
    run_here("index", out)
    before = report.stat().st_mtime_ns
    run_here("index", out)
    assert report.stat().st_mtime_ns == before

    os.utime(report, ns=(0, 0))
    run_here("index", out)

    assert report.stat().st_mtime_ns > 0


def test_damaged_results_are_listed_as_failed_with_the_reason(out: Path) -> None:
    (out / "street.mp4.paths/people.json").unlink()
    (out / "cam 7/door.mp4/v1/job.json").write_text("{")

    assert run_here("index", out).returncode == 0

    door, street = sorted(entries(out / "index.html"), key=lambda one: str(one["name"]))
    assert (door["state"], street["state"]) == ("FAILED", "FAILED")
    assert "job.json is damaged" in door["reason"]
    assert "people.json missing" in street["reason"]
    assert street["reportAddress"] is None


@pytest.mark.parametrize("path", ["\\ud800.mp4", "a\\u0000.mp4"])
def test_an_odd_name_in_one_folder_does_not_hide_the_others(path: str, out: Path) -> None:
    summary = out / "street.mp4.paths/job.json"
    summary.write_text(summary.read_text().replace("street.mp4", path))

    assert run_here("index", out).returncode == 0

    assert len(entries(out / "index.html")) == 2


def test_a_file_that_cannot_be_read_does_not_hide_the_others(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened(folder: Path) -> StoredResult:
        if folder.name == "street.mp4.paths":
            raise PermissionError(13, "Permission denied", str(folder / "job.json"))
        return open_stored_result(folder)

    monkeypatch.setattr(folder_entries, "open_stored_result", opened)

    assert main(["index", str(out)]) == 0

    states = {one["name"]: one["state"] for one in entries(out / "index.html")}
    assert sorted(states.values()) == ["FAILED", "SUCCEEDED"]


def test_links_lead_from_another_place_to_the_reports(out: Path, tmp_path: Path) -> None:
    page = tmp_path / "pages/all.html"

    assert run_here("index", out, "--out", page).stdout == f"{page}\n"

    for one in entries(page):
        assert str(one["reportAddress"]).startswith("../out/")


def test_the_page_opens_in_the_browser_on_request(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []

    def open_in_browser(address: str) -> bool:
        opened.append(address)
        return True

    monkeypatch.setattr(webbrowser, "open", open_in_browser)

    run_here("index", out)
    assert opened == []
    run_here("index", out, "--open")

    assert opened == [(out / "index.html").as_uri()]


def test_results_that_are_not_complete_and_replaced_ones_are_left_out(out: Path) -> None:
    store(out / ".results-1/x.mp4.paths", PEOPLE)
    store(out / "street.mp4.paths/original", PEOPLE)

    run_here("index", out)

    assert len(entries(out / "index.html")) == 2


def test_a_page_of_another_program_is_not_replaced(out: Path) -> None:
    (out / "index.html").write_text("<title>My home page</title>")

    completed = run_here("index", out)

    assert completed.returncode == 1
    assert "index.html is a file that this command did not write; choose another one" in completed.stderr
    assert (out / "index.html").read_text() == "<title>My home page</title>"
    assert not (out / "street.mp4.paths/report.html").exists()


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["nowhere"], "there is no folder nowhere; give a folder with results, or --stack-name"),
        (["."], "has no results; `people-pathing track VIDEO --out .` writes some"),
        (
            [".", "--prefix", "cam7/"],
            "--prefix and --limit choose videos of a stack; name it with --stack-name",
        ),
        ([".", "--limit", "3"], "--prefix and --limit choose videos of a stack; name it with --stack-name"),
        ([".", "--stack-name", "s"], "give either a folder with results, or a stack with --stack-name"),
    ],
)
def test_what_is_wrong_is_named(
    words: list[str], problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    completed = run_here("index", *words)

    assert (completed.returncode, problem in completed.stderr) == (1, True), completed.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("limit", ["0", "-1", "many", "9" * 5000])
def test_a_limit_that_is_no_count_is_refused(limit: str) -> None:
    completed = run_here("index", "--stack-name", "s", "--limit", limit)

    assert completed.returncode == 2
    assert "is not a whole number from 1" in completed.stderr


def test_a_folder_needs_neither_aws_nor_the_engine(out: Path) -> None:
    completed = run_without(["boto3", "botocore", "numpy", "av"], "index", out)

    assert completed.returncode == 0, completed.stderr


# ---- a stack


@pytest.fixture
def app() -> Iterator[FakePipeline]:
    with mock_aws():
        yield FakePipeline()


def uploaded(app: FakePipeline, key: str, at_ms: int, version: str = "v1", bucket: str = VIDEOS) -> JobRecord:
    return JobRecord.of(Video(bucket, key, version, version), at_ms, at_ms)


def succeeded(
    app: FakePipeline, key: str, at_ms: int, folder: Path, version: str = "v1", bucket: str = VIDEOS
) -> JobRecord:
    record = uploaded(app, key, at_ms, version, bucket).in_progress("job", at_ms).succeeded(at_ms)
    app.table.add(record)
    store(folder, PEOPLE)
    for name in file_names():
        app.s3.upload_file(str(folder / name), RESULTS, record.results_prefix + name)
    return record


def run_on(app: FakePipeline, *words: object) -> int:
    class Session:
        def client(self, name: str) -> Any:
            return {"s3": app.s3, "dynamodb": app.dynamodb}[name]

    outputs = {"JobTableName": JOBS, "VideoBucketName": VIDEOS, "ResultsBucketName": RESULTS}
    with (
        patch("people_pathing.cli.aws.aws_session", lambda _: Session()),
        patch("people_pathing.cli.aws.stack_outputs", lambda *_: outputs),
    ):
        return main(["index", "--stack-name", "shop", *map(str, words)])


def test_the_page_of_a_stack_has_every_state_and_reason(app: FakePipeline, tmp_path: Path) -> None:
    succeeded(app, "door.mp4", 4000, tmp_path / "stored")
    app.table.add(uploaded(app, "waits.mp4", 3000).limit_reached("the job limit is reached", 3000))
    app.table.add(uploaded(app, "runs.mp4", 2000).in_progress("job", 2000))
    app.table.add(uploaded(app, "fails.mp4", 1000).failed("it has no frames", 1000))

    assert run_on(app, "--out", tmp_path / "all.html") == 0

    found = entries(tmp_path / "all.html")
    assert [(one["name"], one["state"], one["reason"]) for one in found] == [
        ("door.mp4", "SUCCEEDED", None),
        ("waits.mp4", "WAITING", "the job limit is reached"),
        ("runs.mp4", "IN_PROGRESS", None),
        ("fails.mp4", "FAILED", "it has no frames"),
    ]
    door = found[0]
    assert (door["people"], door["mostAtOnce"], door["atMs"], door["atMeaning"]) == (2, 2, 4000, "uploaded")
    assert door["command"] == "people-pathing open --stack-name shop -- door.mp4"
    assert {one["reportAddress"] for one in found} == {None}


def test_the_page_is_in_this_folder_unless_another_file_is_named(
    app: FakePipeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)

    run_on(app)

    assert capsys.readouterr().out == "shop-index.html\n"
    assert entries(tmp_path / "shop-index.html") == []


def test_only_the_newest_version_with_results_has_a_command(app: FakePipeline, tmp_path: Path) -> None:
    succeeded(app, "door.mp4", 1000, tmp_path / "1", "v1")
    succeeded(app, "door.mp4", 2000, tmp_path / "2", "v2")
    app.table.add(uploaded(app, "door.mp4", 3000, "v3"))
    # `open` would show the video of the same key in the video bucket.
    succeeded(app, "door.mp4", 4000, tmp_path / "4", "v4", bucket="another")

    run_on(app, "--out", tmp_path / "all.html")

    commands = {one["version"]: one["command"] is not None for one in entries(tmp_path / "all.html")}
    assert commands == {"v4": False, "v3": False, "v2": True, "v1": False}


def test_the_newest_videos_are_shown_and_the_others_are_counted(
    app: FakePipeline, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(5):
        app.table.add(uploaded(app, f"cam7/{number}.mp4", number))
    app.table.add(uploaded(app, "cam8/new.mp4", 100))

    run_on(app, "--out", tmp_path / "all.html", "--prefix", "cam7/", "--limit", "2")

    assert [one["name"] for one in entries(tmp_path / "all.html")] == ["cam7/4.mp4", "cam7/3.mp4"]
    assert "The 2 newest videos. 3 older ones are left out." in (tmp_path / "all.html").read_text()
    assert "3 older videos are left out; --limit shows more" in capsys.readouterr().err


def test_results_that_are_gone_or_damaged_are_named(app: FakePipeline, tmp_path: Path) -> None:
    gone = succeeded(app, "gone.mp4", 2000, tmp_path / "1")
    damaged = succeeded(app, "damaged.mp4", 1000, tmp_path / "2")
    app.s3.delete_object(Bucket=RESULTS, Key=f"{gone.results_prefix}people.json")
    app.s3.put_object(Bucket=RESULTS, Key=f"{damaged.results_prefix}job.json", Body=b"{")

    run_on(app, "--out", tmp_path / "all.html")

    one, other = entries(tmp_path / "all.html")
    assert one["reason"] == "its results are gone: they have expired, or were erased"
    assert "job.json is damaged" in other["reason"]
    assert (one["command"], other["command"]) == (None, None)


def test_a_hostile_key_is_quoted_in_the_command(app: FakePipeline, tmp_path: Path) -> None:
    succeeded(app, "--x; rm -rf $HOME 'a'.mp4", 1000, tmp_path / "stored")

    run_on(app, "--out", tmp_path / "all.html")

    [one] = entries(tmp_path / "all.html")
    assert one["command"].endswith(""" -- '--x; rm -rf $HOME '"'"'a'"'"'.mp4'""")


def test_the_embedded_times_are_those_of_the_recording_if_they_are_known(
    app: FakePipeline, tmp_path: Path
) -> None:
    record = succeeded(app, "door.mp4", 4000, tmp_path / "stored")
    job = json.loads((tmp_path / "stored/job.json").read_text())
    job["recorded_at"] = "2026-03-02T09:00:00Z"
    app.s3.put_object(Bucket=RESULTS, Key=f"{record.results_prefix}job.json", Body=json.dumps(job).encode())

    run_on(app, "--out", tmp_path / "all.html")

    [one] = entries(tmp_path / "all.html")
    assert (one["atMs"], one["atMeaning"]) == (1_772_442_000_000, "recorded")

"""`people-pathing open`: which page is shown, when it is written again, and what it needs."""

from __future__ import annotations

import os
import stat
import webbrowser
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from moto import mock_aws

from people_pathing.cli.deployed_stack import DeployedStack
from people_pathing.cli.reports.stack_report import (
    temporary_address,
    temporary_annotated_address,
    write_stack_report,
)
from people_pathing.pipeline.job_record import JobRecord
from people_pathing.pipeline.video import Video
from people_pathing.report.page_file import write_report
from people_pathing.results import file_names
from people_pathing.results.files.job_summary import VideoFile
from tests.browser.walkers import store_walkers, write_video
from tests.unit.cli.programs import imported_modules, run_here, run_without
from tests.unit.exports.stored import seen, store
from tests.unit.report.pages import embedded, rows

BOX = (0.25, 0.125, 0.5, 0.25)
ZONES = '{"version": 1, "lines": [{"name": "door", "start": [0.5, 1], "end": [0.5, 0]}]}'


def test_a_link_at_the_place_of_the_report_is_replaced(tmp_path: Path) -> None:
    folder, victim = tmp_path / "street.mp4.paths", tmp_path / "victim.txt"
    store(folder, [seen(0, 0, BOX)])
    victim.write_text("old")
    (folder / "report.html").symlink_to(Path("..") / victim.name)

    assert run_here("open", folder, "--no-browser").returncode == 0
    assert victim.read_text() == "old"
    assert "report-data" in (folder / "report.html").read_text()


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that a browser was asked to open."""
    addresses: list[str] = []

    def open_in_browser(address: str) -> bool:
        addresses.append(address)
        return True

    monkeypatch.setattr(webbrowser, "open", open_in_browser)
    return addresses


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """The results of a video, which is beside their folder."""
    (tmp_path / "street.mp4").touch()
    folder = tmp_path / "street.mp4.paths"
    return store(folder, [seen(0, 40, BOX)], video=VideoFile("elsewhere/street.mp4")).folder


def test_the_report_is_written_and_opened(results: Path, opened: list[str]) -> None:
    completed = run_here("open", results)

    assert completed.returncode == 0, completed.stderr
    assert completed.stdout == f"{results / 'report.html'}\n"
    assert opened == [(results / "report.html").as_uri()]
    assert embedded(results / "report.html")["video"]["source"] == "../street.mp4"


@pytest.mark.parametrize("path", ["street.mp4", "street.mp4.paths/people.json", "street.mp4.paths/job.json"])
def test_the_video_or_a_result_file_stands_for_the_folder(
    path: str, results: Path, opened: list[str]
) -> None:
    completed = run_here("open", results.parent / path, "--no-browser")

    assert (completed.returncode, completed.stdout) == (0, f"{results / 'report.html'}\n")
    assert opened == []


@pytest.mark.parametrize(("duration_ms", "is_same"), [(8000, True), (3000, False)])
def test_a_video_of_the_same_name_in_todays_folder_is_played_only_if_it_is_as_long(
    duration_ms: int, is_same: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write_video(tmp_path / "cam.webm", [], duration_ms)
    folder = tmp_path / "results" / "cam.webm.paths"
    store_walkers(folder, [], 8000, video="cam.webm")

    run_here("open", folder)

    source = embedded(folder / "report.html")["video"]["source"]
    assert source == ("../../cam.webm" if is_same else None)


def test_the_video_beside_the_results_comes_before_one_in_todays_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "results" / "cam.webm.paths"
    for place in (tmp_path, folder.parent):
        place.mkdir(exist_ok=True)
        write_video(place / "cam.webm", [], 1000)
    store_walkers(folder, [], 1000, video="cam.webm")

    run_here("open", folder)

    assert embedded(folder / "report.html")["video"]["source"] == "../cam.webm"


def test_a_current_report_stays_and_an_old_one_is_written_again(results: Path, opened: list[str]) -> None:
    page = results / "report.html"
    write_report(results, page, zones_text=ZONES)
    before = page.stat().st_mtime_ns
    run_here("open", results)
    assert page.stat().st_mtime_ns == before

    store(results, [seen(0, 40, BOX), seen(1, 40, BOX)], video=VideoFile("street.mp4"))
    os.utime(page, ns=(before - 1, before - 1))
    run_here("open", results)

    assert len(rows(page)) == 2
    assert embedded(page)["zonesFile"]["lines"][0]["name"] == "door"


def test_an_annotated_video_beside_the_results_is_offered(results: Path, opened: list[str]) -> None:
    (results / "annotated.webm").touch()

    run_here("open", results)

    assert embedded(results / "report.html")["video"]["annotatedSource"] == "./annotated.webm"


def test_other_zones_replace_those_of_the_report(results: Path, tmp_path: Path, opened: list[str]) -> None:
    run_here("open", results)
    (tmp_path / "zones.json").write_text(ZONES)

    assert run_here("open", results, "--zones", tmp_path / "zones.json").returncode == 0

    assert embedded(results / "report.html")["zonesFile"]["lines"][0]["name"] == "door"


def test_without_a_browser_the_user_is_told(results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webbrowser, "open", lambda _: False)

    completed = run_here("open", results)

    assert (completed.returncode, completed.stderr) == (0, "no browser was found; open the file in one\n")


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("nowhere", "nowhere does not exist; give a folder with result files, which has job.json"),
        (".", "is not a folder with result files; give the folder of one video, for example"),
        (
            "other.mp4",
            "there are no results of {}/other.mp4 beside it; give the folder with its result files",
        ),
    ],
)
def test_what_is_wrong_with_the_path_is_named(path: str, problem: str, results: Path) -> None:
    (results.parent / "other.mp4").touch()

    completed = run_here("open", results.parent / path, "--no-browser")

    assert completed.returncode == 1
    assert problem.format(results.parent) in completed.stderr


def test_wrong_zones_are_named_and_the_report_stays(results: Path, tmp_path: Path, opened: list[str]) -> None:
    run_here("open", results)
    before = (results / "report.html").read_bytes()
    (tmp_path / "zones.json").write_text('{"version": 2}')

    completed = run_here("open", results, "--zones", tmp_path / "zones.json")

    assert completed.returncode == 1
    assert f'{tmp_path / "zones.json"}: "version" is 2' in completed.stderr
    assert (results / "report.html").read_bytes() == before


def test_a_folder_in_the_place_of_the_report_is_refused(results: Path) -> None:
    (results / "report.html").mkdir()

    assert "report.html is a folder" in run_here("open", results).stderr


def test_local_results_need_neither_aws_nor_the_engine(results: Path) -> None:
    completed = run_without(["boto3", "botocore", "numpy", "av"], "open", results, "--no-browser")

    assert completed.returncode == 0, completed.stderr
    assert "people_pathing.engine.track_video" not in imported_modules(completed)


VIDEO = Video("videos", "cam 7/door.mp4", "v1", "v1")


@pytest.fixture
def deployed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[DeployedStack, JobRecord]]:
    """A bucket with the results of a video."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    with mock_aws():
        s3 = boto3.client("s3")
        place = {"LocationConstraint": "eu-central-1"}
        for bucket in ("results", "videos"):
            s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=place)  # type: ignore[arg-type]
        record = JobRecord.of(VIDEO, 0, 0)
        folder = store(tmp_path / "stored", [seen(0, 40, BOX)]).folder
        for name in file_names():
            s3.upload_file(str(folder / name), "results", record.results_prefix + name)
        outputs = {"JobTableName": "jobs", "VideoBucketName": "videos", "ResultsBucketName": "results"}
        yield DeployedStack.of(outputs, s3, boto3.client("dynamodb")), record


def test_the_report_of_a_stack_is_in_a_folder_for_its_user_only(
    deployed: tuple[DeployedStack, JobRecord],
) -> None:
    stack, record = deployed

    page = write_stack_report(stack, record, "https://videos.s3.eu-central-1.amazonaws.com/a", ZONES)

    assert stat.S_IMODE(page.parent.stat().st_mode) == 0o700
    assert [path.name for path in page.parent.iterdir()] == ["report.html"]
    assert rows(page) == [(0, 40, *BOX)]
    assert embedded(page)["zonesFile"]["lines"][0]["name"] == "door"
    assert "media-src blob: https://videos.s3.eu-central-1.amazonaws.com;" in page.read_text("utf-8")


def test_the_report_of_a_stack_offers_the_annotated_video_that_is_stored(
    deployed: tuple[DeployedStack, JobRecord],
) -> None:
    stack, record = deployed
    assert temporary_annotated_address(boto3.Session(), stack, record) is None
    stack.s3.put_object(Bucket="results", Key=record.results_prefix + "annotated.webm", Body=b"webm")

    address = temporary_annotated_address(boto3.Session(), stack, record)
    page = write_stack_report(stack, record, "https://videos.example.com/a", None, address)

    assert address
    assert urlsplit(address).netloc == "results.s3.eu-central-1.amazonaws.com"
    assert urlsplit(address).path.endswith("/annotated.webm")
    assert embedded(page)["video"]["annotatedSource"] == address
    assert (
        "https://results.s3.eu-central-1.amazonaws.com" in page.read_text("utf-8").split("media-src")[1][:200]
    )


def test_without_zones_the_report_of_a_stack_has_those_that_apply_there(
    deployed: tuple[DeployedStack, JobRecord],
) -> None:
    stack, record = deployed
    stack.s3.put_object(Bucket="videos", Key="zones/cam 7/.json", Body=ZONES.encode())

    page = write_stack_report(stack, record, "https://videos.s3.eu-central-1.amazonaws.com/a", None)

    assert embedded(page)["zonesFile"]["lines"][0]["name"] == "door"


def test_the_address_of_the_video_is_that_of_its_version_in_its_region_for_an_hour(
    deployed: tuple[DeployedStack, JobRecord],
) -> None:
    address = urlsplit(temporary_address(boto3.Session(), deployed[1]))

    assert address.netloc == "videos.s3.eu-central-1.amazonaws.com"
    assert address.path == "/cam%207/door.mp4"
    query = parse_qs(address.query)
    assert (query["versionId"], query["X-Amz-Expires"]) == (["v1"], ["3600"])
    assert query["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]


def test_the_address_leads_to_another_endpoint_if_there_is_one(
    deployed: tuple[DeployedStack, JobRecord], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")

    address = urlsplit(temporary_address(boto3.Session(), deployed[1]))

    assert (address.netloc, address.path) == ("127.0.0.1:4566", "/videos/cam%207/door.mp4")

"""Which pages are written again, and what is kept of them; the addresses of videos."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from people_pathing.report.addresses import relative_address
from people_pathing.report.page_file import write_report
from people_pathing.report.written_page import WrittenPage, is_current, read_written
from tests.unit.exports.stored import seen, store

ZONES = '{"version": 1, "lines": [{"name": "door", "start": [0.5, 1], "end": [0.5, 0]}]}'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return store(tmp_path / "street.mp4.paths", [seen(0, 40, (0.25, 0.125, 0.5, 0.25))]).folder


@pytest.mark.parametrize("newer", ["people.json", "annotated.webm"])
def test_a_page_is_current_until_a_file_beside_it_is_newer(newer: str, folder: Path) -> None:
    page = folder / "report.html"
    assert not is_current(page, folder)
    write_report(folder, page)
    assert is_current(page, folder)
    later_ns = page.stat().st_mtime_ns + 1
    (folder / newer).touch()
    os.utime(folder / newer, ns=(later_ns, later_ns))
    assert not is_current(page, folder)


def test_a_page_is_current_only_if_it_offers_the_annotated_video_that_is_there(folder: Path) -> None:
    page, annotated = folder / "report.html", folder / "annotated.webm"
    annotated.touch()
    write_report(folder, page)
    assert not is_current(page, folder)
    write_report(folder, page, annotated_source="./annotated.webm")
    assert is_current(page, folder)
    annotated.unlink()
    assert not is_current(page, folder)


def test_the_zones_and_the_video_of_a_page_are_kept(folder: Path) -> None:
    video = folder.parent / "ramp #1?.mp4"
    video.touch()
    page = folder / "report.html"
    write_report(folder, page, video_source=relative_address(video, page), zones_text=ZONES)

    found = read_written(page)

    assert json.loads(found.zones_text or "") == json.loads(ZONES)
    assert found.video
    assert found.video.samefile(video)


@pytest.mark.parametrize("source", [None, "../gone.mp4", "https://example.com/a.mp4", "//example.com/a.mp4"])
def test_a_video_that_is_not_on_this_machine_is_not_kept(source: str | None, folder: Path) -> None:
    write_report(folder, folder / "report.html", video_source=source)

    assert read_written(folder / "report.html") == WrittenPage()


def test_a_page_of_another_version_of_the_program_is_not_current(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_report(folder, folder / "report.html")
    assert is_current(folder / "report.html", folder)

    monkeypatch.setattr("people_pathing.report.written_page.__version__", "99.0.0")

    assert not is_current(folder / "report.html", folder)


@pytest.mark.parametrize("source", ["7", "[1]", '{"a": 1}', "true"])
def test_a_source_that_is_no_text_is_not_kept(source: str, folder: Path) -> None:
    page = folder / "report.html"
    write_report(folder, page)
    page.write_text(page.read_text("utf-8").replace('"source":null', f'"source":{source}'), "utf-8")

    assert read_written(page) == WrittenPage()


@pytest.mark.parametrize("content", [b"", b"\xff", b"<script type='x'>", b"<p>another page</p>"])
def test_of_another_file_nothing_is_kept(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "report.html").write_bytes(content)

    assert read_written(tmp_path / "report.html") == WrittenPage()
    assert read_written(tmp_path / "missing.html") == WrittenPage()


def test_zones_that_are_not_valid_any_more_are_not_kept(folder: Path) -> None:
    page = folder / "report.html"
    write_report(folder, page, zones_text=ZONES)
    page.write_text(page.read_text("utf-8").replace('"name":"door"', '"name":""'), "utf-8")

    assert read_written(page).zones_text is None


@pytest.mark.parametrize(
    ("video", "address"),
    [
        ("out/street.mp4", "../street.mp4"),
        ("videos/a b/50 %.mp4", "../../videos/a%20b/50%20%25.mp4"),
        ("out/street.mp4.paths/c:1.mp4", "./c%3A1.mp4"),
        ("out/stra\udcdfe.mp4", "../stra%DFe.mp4"),
    ],
)
def test_an_address_is_relative_to_the_page(video: str, address: str, tmp_path: Path) -> None:
    page = tmp_path / "out" / "street.mp4.paths" / "report.html"

    assert relative_address(tmp_path / video, page) == address

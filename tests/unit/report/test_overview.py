"""The page of all videos: what it reads, what is in it, and that no name can become markup."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from people_pathing.analysis.summaries.figures import Stretch
from people_pathing.report.overview.entry import VideoEntry, VideoSummary, newest_first
from people_pathing.report.overview.html_file import (
    LiveAddresses,
    Overview,
    is_overview,
    overview_text,
    write_overview,
)
from people_pathing.report.overview.sparkline import HEIGHT, WIDTH, column_peaks, sparkline_path
from people_pathing.report.overview.summary_reading import read_summary
from people_pathing.results.stored_result import StoredResultError
from tests.unit.exports.stored import seen, store

HOSTILE = "</script><img src=x onerror=alert(1)>\"'&\u2028${data}"
DURATION_MS = 6000


class Tags(HTMLParser):
    """The tags of a page with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def entry(name: str = "street.mp4", **changes: Any) -> VideoEntry:
    return VideoEntry(**{"id": name, "name": name, "state": "SUCCEEDED", **changes})


def embedded(text: str) -> dict[str, Any]:
    [data] = re.findall(r'<script type="application/json" id="overview-data">(.*?)</script>', text, re.DOTALL)
    found: dict[str, Any] = json.loads(data)
    return found


stretches = st.lists(
    st.tuples(st.integers(0, DURATION_MS), st.integers(0, DURATION_MS)).map(
        lambda pair: (min(pair), max(pair))
    )
)


@given(stretches)
def test_a_column_shows_the_most_people_of_all_times_in_it(given_stretches: list[Stretch]) -> None:
    peaks = column_peaks(given_stretches, DURATION_MS, columns=6)

    # The number of people is the same between two of these times.
    times_ms = {0, *(time for stretch in given_stretches for time in stretch)}
    times_ms |= {column * 1000 for column in range(6)}
    for column, peak in enumerate(peaks):
        inside = [at for at in times_ms if column * 1000 <= at < (column + 1) * 1000]
        assert peak == max(sum(start <= at < end for start, end in given_stretches) for at in inside)


def test_the_sparkline_is_a_step_chart_as_high_as_the_picture() -> None:
    assert sparkline_path([0, 2, 2, 1]) == f"M0 {HEIGHT}V16H15V0H45V8H{WIDTH}V{HEIGHT}Z"


def test_without_people_the_sparkline_is_flat() -> None:
    assert sparkline_path([0, 0]) == f"M0 {HEIGHT}V16H{WIDTH}V{HEIGHT}Z"


def summary_of(folder: Path, persons: list[dict[str, Any]], **changes: Any) -> VideoSummary:
    store(folder, persons, **changes)
    return read_summary((folder / "job.json").read_bytes(), (folder / "people.json").read_bytes())


def test_the_summary_counts_people_as_the_report_does_without_zones(tmp_path: Path) -> None:
    box = (0.1, 0.1, 0.2, 0.2)
    # The second person is away for longer than the gap that counting allows, and back alone.
    persons = [
        *(seen(0, at_ms, box) for at_ms in (0, 1000, 2000)),
        *(seen(1, at_ms, box) for at_ms in (1000, 1500, 4140, 4600, 8000)),
    ]

    summary = summary_of(tmp_path, persons)

    assert (summary.people, summary.most_at_once, summary.duration_ms) == (2, 2, 4240)
    assert summary.sparkline


@pytest.mark.parametrize(
    ("job", "people"), [(b"{", b"[]"), (b"[]", b"[]"), (None, b"["), (None, b"[1]"), (None, b'{"a": 1}')]
)
def test_damaged_files_are_named(job: bytes | None, people: bytes, tmp_path: Path) -> None:
    store(tmp_path, [])

    with pytest.raises(StoredResultError, match="job.json is damaged" if job else "people.json is damaged"):
        read_summary(job or (tmp_path / "job.json").read_bytes(), people)


def test_a_file_of_people_that_is_too_long_leaves_only_the_chart_out(tmp_path: Path) -> None:
    store(tmp_path, [seen(0, 0, (0.1, 0.1, 0.2, 0.2))])

    summary = read_summary((tmp_path / "job.json").read_bytes(), None)

    assert (summary.people, summary.most_at_once, summary.sparkline) == (1, None, None)


def test_videos_of_unknown_time_come_last() -> None:
    entries = [entry("b"), entry("old", at_ms=1), entry("new", at_ms=2), entry("a")]

    assert [one.name for one in newest_first(entries)] == ["new", "old", "a", "b"]


def test_hostile_texts_are_text_everywhere() -> None:
    hostile = entry(
        HOSTILE,
        state="FAILED",
        reason=HOSTILE,
        version=HOSTILE,
        command=HOSTILE,
        at_ms=0,
        at_meaning="uploaded",
    )
    text = overview_text(Overview(HOSTILE, [hostile], note=HOSTILE))

    harmless = overview_text(Overview("title", [entry(state="FAILED", reason="r", command="c")], note="note"))
    assert [tag for tag, _ in Tags(text).tags] == [tag for tag, _ in Tags(harmless).tags]
    assert embedded(text)["entries"][0]["name"] == HOSTILE


def test_an_address_is_an_attribute_and_nothing_more() -> None:
    text = overview_text(Overview("title", [entry(report_address='"><img src=x>')]))

    assert "img" not in [tag for tag, _ in Tags(text).tags]


def test_a_name_that_is_not_utf_8_is_written() -> None:
    assert "stra\\udcdfe" in overview_text(Overview("title", [entry("stra\udcdfe.mp4")]))


def test_the_page_loads_nothing_and_has_no_inline_code() -> None:
    text = overview_text(Overview("title", [entry(summary=VideoSummary(1, 1, sparkline="M0 0Z"))]))

    tags = Tags(text).tags
    addresses = [value for _, names in tags for name, value in names.items() if name in {"src", "href"}]
    assert [address for address in addresses if address and not address.startswith(("#", "data:"))] == []
    assert not [names for _, names in tags if "style" in names or any(one.startswith("on") for one in names)]


@pytest.mark.parametrize(
    ("live", "server"), [(None, "connect-src 'none'"), (LiveAddresses("v", "u/"), "connect-src 'self'")]
)
def test_only_a_live_page_may_ask_its_server(live: LiveAddresses | None, server: str) -> None:
    [policy] = [
        names["content"]
        for _, names in Tags(overview_text(Overview("title", [], live=live))).tags
        if names.get("http-equiv") == "Content-Security-Policy"
    ]

    assert policy
    assert server in policy
    assert "default-src 'none'" in policy


def test_a_long_table_without_scripts_says_how_much_is_missing() -> None:
    text = overview_text(Overview("title", [entry(str(number)) for number in range(1001)]))

    assert text.count("<tr>") == 1001
    assert "The first 1,000 of 1,001 videos." in text
    assert len(embedded(text)["entries"]) == 1001


def test_the_same_videos_give_the_same_page_and_the_page_is_recognised(tmp_path: Path) -> None:
    for name in ("one.html", "two.html"):
        write_overview(tmp_path / name, Overview("title", [entry()]))
    (tmp_path / "other.html").write_text("<!doctype html><title>Home</title>")

    assert (tmp_path / "one.html").read_bytes() == (tmp_path / "two.html").read_bytes()
    assert is_overview(tmp_path / "one.html")
    assert not is_overview(tmp_path / "other.html")

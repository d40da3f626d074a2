"""Figures, charts, lanes and tables in Chromium: they agree with Python's counts and with each other."""

from __future__ import annotations

import csv
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from people_pathing.analysis.floor.homography import fit_homography
from people_pathing.analysis.summaries.figures import percentile
from people_pathing.analysis.video_counts import VideoCounts
from people_pathing.analysis.zones_file.sections import CalibrationPoint
from people_pathing.report.content import read_content
from people_pathing.report.page_file import write_report
from people_pathing.results.stored_result import open_stored_result
from tests.browser.conftest import DURATION_MS, PHONE, OpenReport
from tests.browser.make_page import ZONES, make_page
from tests.browser.walkers import Walker, crowd

pytestmark = pytest.mark.browser

CROWD = 1000
MOST_PRINTED = 500
CROWD_MS = 600_000
MOST_ROWS = 60
"""In the document at once: those on the screen and some more."""
SHA256 = "c789161ed43c8269fcd4e67c67eeeb4e80c622da2eb296a20bc6007bd18a0b7d"
CORNERS = (
    ((0.0, 1.0), (0.0, 0.0)),
    ((1.0, 1.0), (16.0, 0.0)),
    ((1.0, 0.0), (16.0, 9.0)),
    ((0.0, 0.0), (0.0, 9.0)),
)
"""The floor as seen from straight above: 16 m by 9 m."""


@pytest.fixture(scope="module")
def crowd_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a thousand people, without a video."""
    walkers = crowd(CROWD, CROWD_MS)
    return make_page(tmp_path_factory.mktemp("crowd"), walkers, CROWD_MS, has_video=False)


@pytest.fixture(scope="module")
def calibrated_page(walkers_page: Path) -> Path:
    """The report of eight people on a floor that is seen from straight above."""
    points = [CalibrationPoint(image, floor_m) for image, floor_m in CORNERS]
    calibration = {
        "points": [{"image": point.image, "floor_m": point.floor_m} for point in points],
        "homography": fit_homography(points),
    }
    page = walkers_page.with_name("calibrated.html")
    zones_text = json.dumps({**ZONES, "calibration": calibration})
    write_report(walkers_page.parent, page, video_source="../walkers.webm", zones_text=zones_text)
    return page


def test_the_figures_are_those_of_python(open_report: OpenReport, walkers_page: Path) -> None:
    page = open_report(walkers_page)
    counts = counts_of(walkers_page)
    [hall], [door] = counts.whole.zones, counts.whole.lines
    median_ms = percentile([person.seen_ms for person in counts.counted.people], 0.5)
    assert median_ms is not None

    assert figure(page, "People seen") == str(counts.whole.picture.people)
    assert figure(page, "Most at once") == str(counts.whole.picture.occupancy.maximum)
    assert figure(page, "Median time seen") == f"{median_ms / 1000:.1f} s"
    assert figure(page, "Visits to hall") == str(hall.visits)
    assert figure(page, "Crossings of door") == f"{door.crossings_in} in · {door.crossings_out} out"


def test_the_chart_shows_values_under_the_pointer_and_a_click_goes_there(
    open_report: OpenReport, walkers_page: Path
) -> None:
    page = open_report(walkers_page)
    chart = page.locator(".occupancy-chart")
    move_to(page, chart, 0.5)
    at_ms = page.evaluate("reportPage.report.video.durationMs") // 2
    present = page.evaluate(
        """at => reportPage.store.state.counts.presences
            .filter(one => one.firstMs <= at && at < one.lastMs).length""",
        at_ms,
    )

    expect(chart.locator(".occupancy-value").first).to_have_text(people(present))
    assert state(page, "timeMs") == 0
    page.mouse.down()
    page.mouse.up()
    assert abs(state(page, "timeMs") - at_ms) <= DURATION_MS * 0.01
    page.mouse.move(0, 0)
    expect(chart.locator(".occupancy-value").first).to_have_text(people(present))


def test_the_chart_names_a_zone_that_was_added_during_a_pause(
    open_report: OpenReport, walkers_page: Path, tmp_path: Path
) -> None:
    page = open_report(walkers_page)
    chart = page.locator(".occupancy-chart")
    assert "till" not in (chart.get_attribute("aria-valuetext") or "")

    zone = {"name": "till", "polygon": [[0, 0], [1, 0], [1, 1]]}
    path = tmp_path / "till.json"
    path.write_text(json.dumps({"version": 1, "zones": [zone]}))
    page.locator("#toolbar input[type=file]").set_input_files(path)

    expect(chart).to_have_attribute("aria-valuetext", re.compile("till: "))


def test_dragging_zooms_both_charts_and_the_buttons_move_and_reset(
    open_report: OpenReport, walkers_page: Path
) -> None:
    page = open_report(walkers_page)
    chart = page.locator(".occupancy-chart")
    move_to(page, chart, 0.25)
    page.mouse.down()
    move_to(page, chart, 0.75)
    page.mouse.up()
    window = state(page, "timeWindow")

    assert abs(window["fromMs"] - DURATION_MS * 0.25) <= DURATION_MS * 0.01
    assert abs(window["toMs"] - DURATION_MS * 0.75) <= DURATION_MS * 0.01
    assert state(page, "timeMs") == 0, "dragging does not move the video"
    axes = page.locator(".time-axis")
    assert axes.nth(0).inner_text() == axes.nth(1).inner_text()
    assert abs(box(axes.nth(0))["x"] - box(axes.nth(1))["x"]) < 1
    assert abs(box(axes.nth(0))["width"] - box(axes.nth(1))["width"]) < 1

    page.get_by_role("button", name="Later", exact=True).click()
    assert state(page, "timeWindow")["toMs"] == DURATION_MS
    page.get_by_role("button", name="Whole video").click()
    assert state(page, "timeWindow") == {"fromMs": 0, "toMs": DURATION_MS}


def test_a_button_that_is_released_elsewhere_starts_no_zoom(
    open_report: OpenReport, walkers_page: Path
) -> None:
    page = open_report(walkers_page)
    chart = page.locator(".occupancy-chart")
    move_to(page, chart, 0.5)
    page.mouse.down()
    page.locator("#occupancy h2").hover()
    page.mouse.up()
    move_to(page, chart, 0.25)

    expect(chart.locator(".marked-time")).to_be_hidden()
    assert state(page, "timeWindow") == {"fromMs": 0, "toMs": DURATION_MS}


def test_the_time_moves_the_cursor_without_drawing_the_charts_again(
    open_report: OpenReport, walkers_page: Path
) -> None:
    page = open_report(walkers_page)
    changes = page.evaluate(
        """async () => {
            let changes = 0;
            const observer = new MutationObserver((found) => { changes += found.length; });
            const charts = ".occupancy-rows svg, .lanes-content [role=presentation]";
            for (const part of document.querySelectorAll(charts))
                observer.observe(part, { subtree: true, childList: true, attributes: true });
            const cursor = document.querySelector("#lanes .time-cursor");
            const before = cursor.style.transform;
            reportPage.store.set({ timeMs: 1000 });
            await new Promise((done) => setTimeout(done, 50));
            return { changes, moved: cursor.style.transform !== before };
        }"""
    )

    assert changes == {"changes": 0, "moved": True}


def test_the_arrow_keys_move_between_people_and_enter_jumps(
    open_report: OpenReport, walkers_page: Path
) -> None:
    page = open_report(walkers_page)
    lanes = page.locator(".lanes-scroll")
    lanes.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    person = state(page, "selectedPerson")

    expect(lanes).to_have_attribute("aria-activedescendant", f"lane-{person}")
    expect(page.locator(f"#lane-{person}")).to_have_attribute("aria-selected", "true")
    expect(page.locator(".people-table tr[aria-current]")).to_have_attribute("data-person", str(person))
    assert state(page, "timeMs") == 0
    page.keyboard.press("Enter")
    first_ms = page.evaluate(
        "person => reportPage.store.state.counts.people.find(one => one.person === person).firstMs", person
    )
    assert state(page, "timeMs") == first_ms > 0


def test_a_person_under_the_pointer_is_marked_in_all_parts(
    open_report: OpenReport, calibrated_page: Path
) -> None:
    page = open_report(calibrated_page)
    page.locator("#lane-1").hover()

    assert state(page, "hoveredPerson") == 1
    expect(page.locator("tr.is-hovered")).to_have_attribute("data-person", "1")
    expect(page.locator("#floor-plan .marked-path")).to_have_count(1)
    page.locator(".people-table tr[data-person='2']").hover()
    expect(page.locator("#lane-2")).to_have_class(re.compile("is-hovered"))
    expect(page.locator("#lane-1")).not_to_have_class(re.compile("is-hovered"))
    page.locator("h1").hover()
    assert state(page, "hoveredPerson") is None


def test_of_a_thousand_people_only_the_visible_rows_are_drawn(
    open_report: OpenReport, crowd_page: Path
) -> None:
    page = open_report(crowd_page)

    assert len(page.evaluate("[...reportPage.store.state.visiblePeople]")) == CROWD
    assert 0 < page.locator(".lane").count() <= MOST_ROWS
    assert 0 < page.locator(".people-table tbody tr[data-person]").count() <= MOST_ROWS
    expect(page.locator(".people-table")).to_have_attribute("aria-rowcount", str(CROWD + 1))
    page.evaluate("reportPage.store.set({ selectedPerson: 700 })")
    for row, scroller in (
        (".people-table tr[aria-current]", ".people-scroll"),
        ("#lane-700", ".lanes-scroll"),
    ):
        assert is_within(page.locator(row), page.locator(scroller)), row
        assert page.locator(scroller).evaluate("element => element.scrollTop") > 0


def test_a_jump_in_time_scrolls_to_people_who_were_there(open_report: OpenReport, crowd_page: Path) -> None:
    page = open_report(crowd_page)
    page.evaluate("reportPage.store.set({ timeMs: 300000 })")
    shown = page.locator(".lanes-scroll").evaluate(
        """scroller => [...scroller.querySelectorAll(".lane")]
            .filter(lane => lane.offsetTop >= scroller.scrollTop
                && lane.offsetTop + lane.offsetHeight <= scroller.scrollTop + scroller.clientHeight)
            .map(lane => Number(lane.id.replace("lane-", "")))"""
    )
    present = page.evaluate(
        "reportPage.store.state.counts.people.filter(one => one.firstMs <= 300000 && 300000 <= one.lastMs)"
        ".map(one => one.person)"
    )

    assert present
    assert set(present) & set(shown)


def test_the_table_is_sorted_by_its_headings_and_saved_in_this_order(
    open_report: OpenReport, walkers_page: Path, tmp_path: Path
) -> None:
    page = open_report(walkers_page)
    panel = page.locator("#people")
    heading = panel.get_by_role("columnheader", name="Seen for")
    heading.get_by_role("button").click()
    expect(heading).to_have_attribute("aria-sort", "ascending")
    heading.get_by_role("button").click()
    expect(heading).to_have_attribute("aria-sort", "descending")
    expect(panel.locator("th[aria-sort]")).to_have_count(1)
    with page.expect_download() as downloading:
        panel.get_by_role("button", name="Download CSV").click()
    downloading.value.save_as(tmp_path / "people.csv")
    with (tmp_path / "people.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    counts = counts_of(walkers_page)
    expected = sorted(counts.counted.people, key=lambda one: (-one.seen_ms, one.person))

    assert downloading.value.suggested_filename == "walkers.webm.people.csv"
    assert [int(row["person"]) for row in rows] == [one.person for one in expected]
    assert [int(row["seen_ms"]) for row in rows] == [one.seen_ms for one in expected]
    shown = panel.locator("tbody tr[data-person]").evaluate_all(
        "rows => rows.map(row => Number(row.dataset.person))"
    )
    assert shown == [one.person for one in expected]


def test_filters_choose_who_is_shown_but_change_no_count(open_report: OpenReport, walkers_page: Path) -> None:
    page = open_report(walkers_page)
    shown, figures = page.locator(".shown-people"), page.locator("#figures").inner_text()
    counts = counts_of(walkers_page)
    visitors = {visit.person for visit in counts.counted.visits}
    assert 0 < len(visitors) < 8

    page.locator("#sections").get_by_role("button", name="hall").click()
    expect(shown).to_have_text(f"{len(visitors)} of 8 people shown")
    expect(page.get_by_label("Was at")).to_have_value("hall")
    expect(page.locator(".lane")).to_have_count(len(visitors))
    assert page.locator("#figures").inner_text() == figures
    page.locator("#filters").get_by_role("button", name="Show all").click()
    expect(shown).to_have_text("8 of 8 people shown")

    before = page.get_by_label("Seen before")
    before.fill("soon")
    before.blur()
    expect(before).to_have_attribute("aria-invalid", "true")
    before.fill("0:00.5")
    before.blur()
    early = [one for one in counts.counted.people if one.first_ms <= 500]
    expect(shown).to_have_text(f"{len(early)} of 8 people shown")


def test_sections_have_the_counts_of_the_shown_time(open_report: OpenReport, walkers_page: Path) -> None:
    page = open_report(walkers_page)
    counts = counts_of(walkers_page)
    at_ms = counts.counted.crossings[len(counts.counted.crossings) // 2].moment.at_ms
    page.evaluate("at => reportPage.store.set({ timeMs: at })", at_ms)
    inside = sum(one.enter.at_ms <= at_ms < one.exit.at_ms for one in counts.counted.visits)
    crossed = [one.direction for one in counts.counted.crossings if one.moment.at_ms <= at_ms]

    hall, door = (page.locator("#sections").get_by_role("button", name=name) for name in ("hall", "door"))
    expect(hall.locator(".section-now")).to_have_text(f"{inside} inside")
    so_far = f"{crossed.count('in')} in, {crossed.count('out')} out so far"
    expect(door.locator(".section-now")).to_have_text(so_far)


def test_the_floor_plan_shows_the_person_where_the_homography_says(
    open_report: OpenReport, calibrated_page: Path
) -> None:
    page = open_report(calibrated_page)
    [first, *_] = crowd(8, DURATION_MS)
    at_ms = first.start_ms + 1000
    page.evaluate("at => reportPage.store.set({ timeMs: at, selectedPerson: 0 })", at_ms)
    left, top, width, height = first.box(at_ms)
    grid = page.locator("#floor-plan .floor-grid text").all_text_contents()
    place = page.evaluate(
        """() => {
            const { d } = document.querySelector("#floor-plan .floor-grid path").attributes;
            const dot = document.querySelector("#floor-plan .floor-dot.is-marked").getAttribute("transform");
            return { d: d.value, dot: dot.match(/[-\\d.]+/g).map(Number) };
        }"""
    )
    labels_m = [float(text.removesuffix(" m").replace("−", "-")) for text in grid]  # noqa: RUF001
    xs = [float(x) for x in re.findall(r"M([-\d.]+) 0V", place["d"])]
    # The lowest line is not labelled.
    [_, *ys] = [float(y) for y in re.findall(r"M0 ([-\d.]+)H", place["d"])]
    xs_m, ys_m = labels_m[: len(xs)], labels_m[len(xs) :]
    px_per_m = (xs[1] - xs[0]) / (xs_m[1] - xs_m[0])
    x_m = xs_m[0] + (place["dot"][0] - xs[0]) / px_per_m
    y_m = ys_m[0] + (ys[0] - place["dot"][1]) / px_per_m

    assert abs(x_m - 16 * (left + width / 2)) < 0.05
    assert abs(y_m - 9 * (1 - top - height)) < 0.05
    expect(page.locator("#floor-plan .marked-path")).to_have_count(1)


def test_without_a_calibration_there_is_no_floor_plan(open_report: OpenReport, walkers_page: Path) -> None:
    expect(open_report(walkers_page).locator("#floor-plan")).to_be_hidden()


def test_the_matrix_of_flows_is_a_table_with_headings(open_report: OpenReport, walkers_page: Path) -> None:
    page = open_report(walkers_page)
    counts = counts_of(walkers_page)
    pairs = [(flow.origin, flow.destination) for flow in counts.flows]
    in_hall = len({one.person for one in counts.counted.visits})
    count = pairs.count(("hall", "door"))
    assert count > 0
    table = page.locator("#flows").get_by_role("table")
    column = table.get_by_role("columnheader").all_inner_texts().index("door")
    row = table.get_by_role("row").filter(has=page.get_by_role("rowheader", name="hall", exact=True))

    text = row.locator("th, td").nth(column).inner_text().split()
    assert text == [str(count), f"{count / in_hall:.0%}".replace("%", ""), "%"]


def test_intervals_follow_the_local_clock_and_can_be_shorter(
    open_report: OpenReport, walkers_page: Path
) -> None:
    page = open_report(walkers_page)
    panel = page.locator("#intervals")
    panel.get_by_role("button", name="1 min", exact=True).click()

    rows = panel.locator("tbody tr")
    expect(rows).to_have_count(1)
    expect(rows.first.locator("th")).to_have_text("2026-03-02 10:00")
    expect(rows.first.locator("td").first).to_have_text("8")


@pytest.mark.parametrize("size", [PHONE, {"width": 360, "height": 740}])
def test_a_phone_never_scrolls_the_page_sideways(
    open_report: OpenReport, calibrated_page: Path, size: dict[str, int]
) -> None:
    page = open_report(calibrated_page, viewport=size)

    assert page.evaluate("document.documentElement.scrollWidth") == size["width"]
    for part in ("#figures", "#occupancy", "#lanes", "#people", "#floor-plan", "#flows", "#provenance"):
        assert box(page.locator(part))["width"] <= size["width"]


@pytest.mark.parametrize("walkers", [[], [Walker(0, 0, 0, 0.4, 0.4, 0.0, 0.0)]])
def test_nobody_and_one_observation_give_a_whole_page(
    open_report: OpenReport, tmp_path: Path, walkers: list[Walker]
) -> None:
    page = open_report(make_page(tmp_path, walkers, 1000, has_video=False))

    assert figure(page, "People seen") == str(len(walkers))
    expect(page.locator(".lane")).to_have_count(len(walkers))
    expect(page.locator(".people-table tbody tr[data-person]")).to_have_count(len(walkers))
    expect(page.locator(".shown-people")).to_have_text(f"{len(walkers)} of {people(len(walkers))} shown")


def test_paper_has_the_first_people_says_so_and_has_no_buttons(
    open_report: OpenReport, crowd_page: Path
) -> None:
    page = open_report(crowd_page)
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")

    expect(page.locator(".lane")).to_have_count(MOST_PRINTED)
    expect(page.locator(".people-table tbody tr[data-person]")).to_have_count(MOST_PRINTED)
    for part in ("#lanes", "#people"):
        note = page.locator(f"{part} .paper-note")
        expect(note).to_be_visible()
        expect(note).to_have_text("Only the first 500 of 1,000 people are printed.")
    expect(page.get_by_role("button", name="Download CSV")).to_be_hidden()
    page.emulate_media(media="screen")
    expect(page.locator("#people .paper-note")).to_be_hidden()


def test_the_hash_of_the_model_is_short_until_it_is_opened_or_printed(
    open_report: OpenReport, walkers_page: Path, tmp_path: Path
) -> None:
    results = tmp_path / walkers_page.parent.name
    shutil.copytree(walkers_page.parent, results)
    job = json.loads((results / "job.json").read_text("utf-8"))
    job["provenance"] |= {"model_sha256": SHA256, "warnings": ["Three frames are missing."]}
    (results / "job.json").write_text(json.dumps(job), "utf-8")
    write_report(results, results / "report.html")
    page = open_report(results / "report.html")
    panel = page.locator("#provenance")
    whole = panel.get_by_text(SHA256)

    expect(panel.locator(".warnings")).to_have_text("Three frames are missing.")
    expect(whole).to_be_hidden()
    panel.get_by_text(f"SHA-256 {SHA256[:12]}…").click()
    expect(whole).to_be_visible()
    panel.get_by_text(f"SHA-256 {SHA256[:12]}…").click()
    expect(whole).to_be_hidden()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(whole).to_be_visible()


def counts_of(report: Path) -> VideoCounts:
    """Returns what Python counts in the results of a report."""
    return read_content(open_stored_result(report.parent), zones_text=json.dumps(ZONES)).counts


def figure(page: Page, label: str) -> str:
    """Returns the value of a key figure."""
    found = page.locator(".key-figure").filter(has=page.get_by_text(label, exact=True))
    return found.locator(".figure-value").inner_text().replace("\u00a0", " ")


def people(count: int) -> str:
    return f"{count} person" if count == 1 else f"{count} people"


def state(page: Page, member: str) -> Any:
    """Returns a member of the page's state."""
    return page.evaluate("member => reportPage.store.state[member]", member)


def box(locator: Locator) -> dict[str, float]:
    """Returns where an element is in the window."""
    found = locator.bounding_box()
    assert found is not None
    return dict(found)  # type: ignore[arg-type]


def move_to(page: Page, chart: Locator, share: float) -> None:
    """Moves the pointer to a share of the time of a chart."""
    chart.scroll_into_view_if_needed()
    plane = box(chart.locator(".time-plane"))
    page.mouse.move(plane["x"] + share * plane["width"], plane["y"] + 40)


def is_within(inner: Locator, outer: Locator) -> bool:
    """Whether an element is between the upper and lower edges of another."""
    one, other = box(inner), box(outer)
    return other["y"] - 1 <= one["y"] and one["y"] + one["height"] <= other["y"] + other["height"] + 1

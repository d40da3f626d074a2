"""The zone editor in Chromium, by pointer, keys and touch. Python counts with the files that it saves."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Dialog, Page, expect

from people_pathing.analysis.zones_file.reading import read_zones
from people_pathing.analysis.zones_file.sections import Rules, ZonesFile
from people_pathing.cli.main import main
from tests.browser.conftest import PHONE, OpenReport

pytestmark = pytest.mark.browser

LEAST_TARGET_PX = 24
LONG_PRESS_MS = 600
HALL = [[0.3, 0.3], [0.7, 0.3], [0.7, 0.95], [0.3, 0.95]]
NO_FILE_PICKER = "delete globalThis.showSaveFilePicker"
FILE_PICKER = """() => {
    globalThis.written = [];
    const write = async (text) => written.push(text);
    const createWritable = async () => ({ write, close: async () => {} });
    const handle = { name: "mine.json", createWritable };
    globalThis.choices = 0;
    globalThis.showSaveFilePicker = async () => { choices++; return handle; };
}"""
POLYGON = [(0.1, 0.2), (0.28, 0.25), (0.25, 0.8), (0.08, 0.7)]


def place_on_picture(page: Page, x: float, y: float) -> tuple[float, float]:
    """Returns the pixel of the window that shows a point of the frame."""
    page.locator("#picture").scroll_into_view_if_needed()
    box = page.locator("#picture").bounding_box()
    assert box
    return round(box["x"] + x * box["width"]), round(box["y"] + y * box["height"])


def click_on_picture(page: Page, *places: tuple[float, float]) -> None:
    for place in places:
        page.mouse.click(*place_on_picture(page, *place))


def use(page: Page, tool: str) -> None:
    page.locator("#toolbar").get_by_role("button", name=tool, exact=True).click()


def choose(page: Page, shape: str) -> None:
    page.locator(".editor-shapes").get_by_role("button", name=shape, exact=True).click()


def draw_zone(page: Page, corners: list[tuple[float, float]] = POLYGON) -> None:
    use(page, "Draw zone")
    click_on_picture(page, *corners)
    page.keyboard.press("Enter")


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*place_on_picture(page, *start))
    page.mouse.down()
    page.mouse.move(*place_on_picture(page, (start[0] + end[0]) / 2, (start[1] + end[1]) / 2), steps=3)
    page.mouse.move(*place_on_picture(page, *end), steps=3)
    page.mouse.up()


def zones(page: Page) -> dict[str, list[list[float]]]:
    """Returns the polygons of all zones that count."""
    found = page.evaluate("reportPage.store.state.zonesFile.zones")
    return {zone["name"]: zone["polygon"] for zone in found}


def summary(page: Page, name: str) -> dict[str, Any]:
    """Returns the counts of a zone or line on the page."""
    whole = page.evaluate("reportPage.store.state.counts.whole")
    [found] = [one for one in whole["zones"] + whole["lines"] if one["name"] == name]
    return dict(found)


def save(page: Page, folder: Path) -> Path:
    with page.expect_download() as downloading:
        use(page, "Save zones.json")
    path = folder / downloading.value.suggested_filename
    downloading.value.save_as(path)
    return path


def saved_zones(page: Page, folder: Path) -> ZonesFile:
    return read_zones(save(page, folder).read_text("utf-8"))


@pytest.fixture
def editor(open_report: OpenReport, walkers_page: Path) -> Page:
    """A report in a browser that downloads what is saved."""
    page = open_report(walkers_page)
    page.evaluate(NO_FILE_PICKER)
    return page


def close(actual: list[list[float]], expected: list[Any]) -> bool:
    """Whether places are the same, up to a pixel of the page."""
    return len(actual) == len(expected) and all(
        abs(one - other) < 0.003
        for place, wanted in zip(actual, expected, strict=True)
        for one, other in zip(place, wanted, strict=True)
    )


# ---- what is saved


def test_the_counts_of_a_drawn_zone_are_those_of_the_command(
    editor: Page, walkers_page: Path, tmp_path: Path
) -> None:
    draw_zone(editor)
    use(editor, "Draw line")
    click_on_picture(editor, (0.2, 0.1), (0.2, 0.9))
    path = save(editor, tmp_path)
    # The command also writes the report again.
    results = shutil.copytree(walkers_page.parent, tmp_path / "results")
    assert main(["count", str(results), "--zones", str(path), "--out", str(tmp_path / "out")]) == 0

    counted = tmp_path / "out/results"
    document = json.loads((counted / "counts.json").read_text("utf-8"))
    with (counted / "events.csv").open(encoding="utf-8", newline="") as file:
        events = list(csv.DictReader(file))
    page = editor.evaluate("reportPage.store.state.counts")
    assert [zone["name"] for zone in document["zones"]] == ["hall", "zone 1"]
    assert document["zones"][1]["visits"] > 2
    assert document["lines"][1]["in"] + document["lines"][1]["out"] > 2
    assert document["picture"]["people"] == page["whole"]["picture"]["people"]
    for zone, shown in zip(document["zones"], page["whole"]["zones"], strict=True):
        names = {"dwell_median_ms": "dwellMedianMs", "dwell_p90_ms": "dwellP90Ms"}
        for name in ("name", "people", "visits", "entered", "exited", "dwell_median_ms", "dwell_p90_ms"):
            assert zone[name] == shown[names.get(name, name)]
        assert zone["occupancy_max"] == shown["occupancy"]["maximum"]
        assert zone["occupancy_mean"] == round(shown["occupancy"]["mean"], 4)
    for line, shown in zip(document["lines"], page["whole"]["lines"], strict=True):
        assert (line["in"], line["out"]) == (shown["crossingsIn"], shown["crossingsOut"])
    assert [
        (int(event["at_ms"]), int(event["person"]), event["event"], event["section"], float(event["x"]))
        for event in events
    ] == [
        (one["moment"]["atMs"], one["person"], one["type"], one["section"], one["moment"]["x"])
        for one in page["events"]
    ]
    assert sum(flow["people"] for flow in document["flows"]) == len(page["flows"])


def test_everything_that_can_be_edited_is_saved(editor: Page, tmp_path: Path) -> None:
    use(editor, "Edit zones")
    choose(editor, "hall")
    editor.get_by_label("Name", exact=True).fill("the “hall”")
    editor.get_by_label("Shortest visit").fill("0.5")
    editor.get_by_label("Staff after").fill("600")
    choose(editor, "door")
    editor.get_by_role("button", name="Reverse direction").click()
    editor.get_by_text("Rules and time zone").click()
    for label, value in (("Margin", "10"), ("Confirm after", "0.3"), ("Longest gap", "2")):
        editor.get_by_label(label).fill(value)
    editor.locator("#toolbar").get_by_label("Seen at least").fill("1")
    editor.get_by_label("Time zone").fill("Asia/Tokyo")
    use(editor, "Mask")
    click_on_picture(editor, (0.8, 0.1), (0.95, 0.1), (0.95, 0.3))
    editor.keyboard.press("Enter")

    saved = saved_zones(editor, tmp_path)

    [hall], [door], [mask] = saved.zones, saved.lines, saved.masks
    assert (hall.name, hall.minimum_stay_ms, hall.staff_after_ms) == ("the “hall”", 500, 600_000)
    assert (door.start, door.end) == ((0.5, 0.0), (0.5, 1.0))
    assert saved.rules == Rules(margin=0.1, confirm_ms=300, max_gap_ms=2000, minimum_seen_ms=1000)
    assert saved.timezone == "Asia/Tokyo"
    assert mask.name == "mask 1"
    assert close([list(vertex) for vertex in mask.polygon], [(0.8, 0.1), (0.95, 0.1), (0.95, 0.3)])


def test_a_reversed_line_swaps_in_and_out(editor: Page) -> None:
    before = summary(editor, "door")
    use(editor, "Edit zones")
    choose(editor, "door")
    editor.get_by_role("button", name="Reverse direction").click()

    after = summary(editor, "door")
    assert before["crossingsIn"] != before["crossingsOut"]
    assert (after["crossingsIn"], after["crossingsOut"]) == (before["crossingsOut"], before["crossingsIn"])


def test_an_opened_file_replaces_the_zones_and_a_wrong_one_is_explained(editor: Page, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    zone = {"name": "till", "polygon": [[0, 0], [1, 0], [1, 1]]}
    good.write_text(json.dumps({"version": 1, "zones": [zone]}))
    bad.write_text(json.dumps({"version": 1, "zones": [{**zone, "polygon": [[0, 0], [1, 1]]}]}))
    message = editor.locator(".editor-message")

    editor.locator("#toolbar input[type=file]").set_input_files(bad)
    expect(message).to_contain_text('zone "till": the polygon has 2 vertices; give 3 to 500')
    assert list(zones(editor)) == ["hall"]
    editor.locator("#toolbar input[type=file]").set_input_files(good)
    expect(message).to_contain_text("Opened good.json")
    assert list(zones(editor)) == ["till"]
    expect(editor.get_by_role("button", name="Save zones.json")).to_be_disabled()


# ---- by pointer


def test_a_double_click_or_a_click_on_the_first_corner_ends_a_zone(editor: Page) -> None:
    use(editor, "Draw zone")
    click_on_picture(editor, *POLYGON[:3])
    editor.mouse.dblclick(*place_on_picture(editor, *POLYGON[3]))
    use(editor, "Draw zone")
    click_on_picture(editor, *POLYGON, POLYGON[0])

    found = zones(editor)
    assert close(found["zone 1"], POLYGON)
    assert close(found["zone 2"], POLYGON)


def test_corners_edges_and_whole_zones_are_dragged_and_counted_at_once(editor: Page) -> None:
    use(editor, "Edit zones")
    choose(editor, "hall")
    before = summary(editor, "hall")

    drag(editor, (0.3, 0.3), (0.55, 0.4))
    assert close(zones(editor)["hall"], [(0.55, 0.4), *HALL[1:]])
    drag(editor, (0.7, 0.625), (0.9, 0.6))
    assert close(zones(editor)["hall"], [(0.55, 0.4), HALL[1], (0.9, 0.6), *HALL[2:]])
    drag(editor, (0.65, 0.5), (0.6, 0.45))
    moved = [(0.5, 0.35), (0.65, 0.25), (0.85, 0.55), (0.65, 0.9), (0.25, 0.9)]
    assert close(zones(editor)["hall"], moved)
    assert summary(editor, "hall") != before


def test_changes_are_undone_and_repeated(editor: Page) -> None:
    before = editor.evaluate("reportPage.store.state.counts.whole")
    draw_zone(editor)
    drag(editor, POLYGON[0], (0.12, 0.22))
    after = editor.evaluate("reportPage.store.state.counts.whole")

    editor.keyboard.press("Control+z")
    assert close(zones(editor)["zone 1"], POLYGON)
    use(editor, "Undo")
    assert list(zones(editor)) == ["hall"]
    assert editor.evaluate("reportPage.store.state.counts.whole") == before
    expect(editor.get_by_role("button", name="Undo")).to_be_disabled()
    editor.keyboard.press("Control+Shift+Z")
    use(editor, "Redo")
    assert editor.evaluate("reportPage.store.state.counts.whole") == after


def test_a_zone_whose_edges_cross_is_marked_and_neither_counted_nor_saved(editor: Page) -> None:
    draw_zone(editor, [(0.1, 0.1), (0.3, 0.3), (0.3, 0.1), (0.1, 0.3)])

    alert = editor.get_by_role("alert").filter(has_text="does not count")
    expect(alert).to_contain_text("edges 1 and 3 cross or touch; order the vertices around the zone")
    assert list(zones(editor)) == ["hall"]
    assert editor.locator(".editor-overlay .outline.invalid").is_visible()
    use(editor, "Save zones.json")
    expect(editor.locator(".editor-message")).to_contain_text("Not saved, because zone “zone 1” is not valid")

    drag(editor, (0.3, 0.3), (0.2, 0.05))
    expect(alert).to_be_hidden()
    assert list(zones(editor)) == ["hall", "zone 1"]


def test_shapes_with_the_same_name_do_not_count(editor: Page) -> None:
    draw_zone(editor)
    editor.get_by_label("Name", exact=True).fill("door")

    expect(editor.get_by_role("alert").filter(has_text="is used twice")).to_be_visible()
    assert list(zones(editor)) == ["hall"]
    assert editor.evaluate("reportPage.store.state.zonesFile.lines") == []
    editor.get_by_label("Name", exact=True).fill("doors")
    assert list(zones(editor)) == ["hall", "doors"]


def test_unsaved_changes_are_marked_and_leaving_warns(editor: Page, tmp_path: Path) -> None:
    questions: list[str] = []

    def on_dialog(dialog: Dialog) -> None:
        questions.append(dialog.type)
        dialog.accept()

    editor.on("dialog", on_dialog)
    expect(editor.get_by_text("Not saved", exact=True)).to_be_hidden()
    draw_zone(editor)
    expect(editor.get_by_text("Not saved", exact=True)).to_be_visible()
    assert editor.title().startswith("● ")

    editor.reload()
    assert questions == ["beforeunload"]
    editor.evaluate(NO_FILE_PICKER)
    draw_zone(editor)
    save(editor, tmp_path)
    expect(editor.get_by_text("Not saved", exact=True)).to_be_hidden()
    assert not editor.title().startswith("● ")
    editor.reload()
    assert questions == ["beforeunload"]


def test_a_browser_that_writes_files_saves_into_the_same_file_again(editor: Page) -> None:
    editor.evaluate(FILE_PICKER)
    for count in (1, 2):
        draw_zone(editor)
        use(editor, "Save zones.json")
        expect(editor.locator(".editor-message")).to_have_text("Saved as mine.json.")
        assert len(read_zones(editor.evaluate("written.at(-1)")).zones) == 1 + count
    assert editor.evaluate("choices") == 1


def test_the_zones_of_an_opened_file_are_not_saved_into_the_file_from_before(
    editor: Page, tmp_path: Path
) -> None:
    editor.evaluate(FILE_PICKER)
    draw_zone(editor)
    use(editor, "Save zones.json")
    expect(editor.locator(".editor-message")).to_have_text("Saved as mine.json.")
    other = tmp_path / "other.json"
    other.write_text(json.dumps({"version": 1}))
    editor.locator("#toolbar input[type=file]").set_input_files(other)
    expect(editor.locator(".editor-message")).to_contain_text("Opened other.json")
    draw_zone(editor)
    use(editor, "Save zones.json")
    expect(editor.locator(".editor-message")).to_have_text("Saved as mine.json.")

    assert editor.evaluate("choices") == 2


# ---- by keys


def test_a_zone_is_drawn_by_keys(editor: Page) -> None:
    use(editor, "Draw zone")
    for keys in (
        "Shift+ArrowLeft Space",
        "Shift+ArrowUp Shift+ArrowUp Space",
        "Shift+ArrowRight Space Enter",
    ):
        for key in keys.split():
            editor.keyboard.press(key)

    x, y = 10 / 640, 10 / 360
    expected = [(0.5 - x, 0.5), (0.5 - x, 0.5 - 2 * y), (0.5, 0.5 - 2 * y)]
    assert close(zones(editor)["zone 1"], expected)
    # The keys did not reach the player.
    assert editor.evaluate("reportPage.store.state.timeMs") == 0
    assert not editor.evaluate("reportPage.store.state.isPlaying")


def test_corners_are_reached_moved_added_and_removed_by_keys(editor: Page) -> None:
    use(editor, "Edit zones")
    choose(editor, "hall")
    editor.get_by_role("button", name="zone hall").focus()
    editor.keyboard.press("Tab")
    expect(editor.get_by_role("button", name="corner 1 of hall")).to_be_focused()
    editor.keyboard.press("ArrowLeft")
    editor.keyboard.press("Shift+ArrowDown")
    moved = [0.3 - 1 / 640, 0.3 + 10 / 360]
    assert zones(editor)["hall"][0] == pytest.approx(moved, abs=1e-5)

    editor.keyboard.press("+")
    expect(editor.get_by_role("button", name="corner 2 of hall")).to_be_focused()
    assert len(zones(editor)["hall"]) == 5
    editor.keyboard.press("Delete")
    assert len(zones(editor)["hall"]) == 4
    for _ in range(2):
        editor.keyboard.press("Delete")
    # A triangle without a corner is none.
    assert zones(editor) == {}
    editor.keyboard.press("Escape")
    assert editor.evaluate("reportPage.store.state.tool") is None


def test_whole_shapes_are_moved_and_deleted_by_keys(editor: Page) -> None:
    use(editor, "Edit zones")
    editor.get_by_role("button", name="line door").focus()
    editor.keyboard.press("Shift+ArrowRight")
    [door] = editor.evaluate("reportPage.store.state.zonesFile.lines")
    assert door["start"] == pytest.approx([0.5 + 10 / 640, 1], abs=1e-5)
    editor.keyboard.press("Delete")
    assert editor.evaluate("reportPage.store.state.zonesFile.lines") == []


def test_escape_cancels_step_by_step(editor: Page) -> None:
    use(editor, "Draw zone")
    click_on_picture(editor, *POLYGON)
    tools = []
    for _ in range(3):
        editor.keyboard.press("Escape")
        tools.append(editor.evaluate("reportPage.store.state.tool"))

    assert tools == ["zone", "edit", None]
    assert list(zones(editor)) == ["hall"]


def test_number_fields_move_corners(editor: Page) -> None:
    use(editor, "Edit zones")
    choose(editor, "hall")
    editor.get_by_text("Corners", exact=True).click()
    editor.get_by_label("Corner 1, from the left, in percent").fill("25.5")
    editor.get_by_role("button", name="Add a corner after corner 4").click()
    editor.get_by_role("button", name="Remove corner 2", exact=True).click()

    assert zones(editor)["hall"] == [[0.255, 0.3], HALL[2], HALL[3], [0.2775, 0.625]]
    # The button is gone or another one now, but the focus is not lost.
    assert editor.evaluate("document.activeElement.closest('.editor-form') !== null")
    editor.get_by_role("button", name="Delete", exact=True).click()
    assert editor.evaluate("document.activeElement.id") == "editor-overlay"


# ---- by touch


def test_a_long_press_deletes_a_corner(open_report: OpenReport, walkers_page: Path) -> None:
    page = open_report(walkers_page, viewport=PHONE, has_touch=True, is_mobile=True)
    page.get_by_role("button", name="Edit zones").tap()
    page.locator(".editor-shapes").get_by_role("button", name="hall").tap()
    x, y = place_on_picture(page, 0.3, 0.3)
    session = page.context.new_cdp_session(page)
    session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    page.wait_for_function("() => reportPage.store.state.zonesFile.zones[0].polygon.length === 3")
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    assert zones(page)["hall"] == HALL[1:]


def test_a_long_press_on_the_dot_of_an_edge_changes_nothing(
    open_report: OpenReport, walkers_page: Path
) -> None:
    page = open_report(walkers_page, viewport=PHONE, has_touch=True, is_mobile=True)
    page.get_by_role("button", name="Edit zones").tap()
    page.locator(".editor-shapes").get_by_role("button", name="hall").tap()
    x, y = place_on_picture(page, 0.7, 0.625)
    assert page.evaluate("([x, y]) => document.elementFromPoint(x, y).dataset.edge", [x, y]) == "1"
    session = page.context.new_cdp_session(page)
    session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    page.wait_for_timeout(2 * LONG_PRESS_MS)
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    assert zones(page)["hall"] == HALL


def test_a_finger_draws_and_drags(open_report: OpenReport, walkers_page: Path) -> None:
    page = open_report(walkers_page, viewport=PHONE, has_touch=True, is_mobile=True)
    page.get_by_role("button", name="Draw line").tap()
    for place in ((0.2, 0.2), (0.2, 0.8)):
        page.touchscreen.tap(*place_on_picture(page, *place))
    page.wait_for_function("() => reportPage.store.state.zonesFile.lines.length === 2")
    session = page.context.new_cdp_session(page)
    for kind, place in (("touchStart", (0.2, 0.2)), ("touchMove", (0.3, 0.3)), ("touchMove", (0.4, 0.4))):
        x, y = place_on_picture(page, *place)
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    start = page.evaluate("reportPage.store.state.zonesFile.lines[1].start")
    assert start == pytest.approx([0.4, 0.4], abs=0.01)


@pytest.mark.parametrize("viewport", [{"width": 1280, "height": 900}, PHONE], ids=["desktop", "phone"])
def test_targets_are_large_enough_and_axe_finds_nothing(
    viewport: dict[str, int], open_report: OpenReport, walkers_page: Path
) -> None:
    page = open_report(walkers_page, viewport=viewport)
    draw_zone(page)
    for summary_text in ("Corners", "Rules and time zone", "Use the saved file"):
        page.get_by_text(summary_text, exact=True).click()

    targets = page.locator(
        "#toolbar button, #toolbar input:not([hidden]), #toolbar summary, .editor-overlay .grip"
    )
    boxes = [target.bounding_box() for target in targets.all() if target.is_visible()]
    assert len(boxes) > 20
    for box in boxes:
        assert box
        assert min(box["width"], box["height"]) >= LEAST_TARGET_PX
    violations = Axe().run(page).response["violations"]
    assert [one["id"] for one in violations if one["impact"] in {"serious", "critical"}] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


# ---- the calibration


def test_a_calibration_gives_distances_and_is_read_by_python(editor: Page, tmp_path: Path) -> None:
    use(editor, "Calibrate")
    click_on_picture(editor, (0.1, 0.9), (0.9, 0.9), (0.75, 0.3))
    problem = editor.locator(".calibration .problem")
    expect(problem).to_contain_text("there are 3 points; give at least 4")
    click_on_picture(editor, (0.25, 0.3))
    expect(problem).to_contain_text("points 1 and 2 are at the same place on the floor; choose another point")
    for number, (x, y) in enumerate([(0, 0), (4, 0), (4, 6), (0, 6)], 1):
        editor.get_by_label(f"Point {number}, x on the floor, in metres").fill(str(x))
        editor.get_by_label(f"Point {number}, y on the floor, in metres").fill(str(y))

    expect(problem).to_be_hidden()
    assert min(editor.evaluate("reportPage.store.state.counts.people.map((one) => one.distanceM)")) > 0.1
    calibration = saved_zones(editor, tmp_path).calibration
    assert calibration
    assert [point.floor_m for point in calibration.points] == [(0, 0), (4, 0), (4, 6), (0, 6)]


def test_points_on_a_line_are_refused_and_a_fifth_point_shows_the_error(editor: Page) -> None:
    use(editor, "Calibrate")
    click_on_picture(editor, (0.1, 0.9), (0.5, 0.9), (0.9, 0.9), (0.25, 0.3))
    for number, (x, y) in enumerate([(0, 0), (2, 0), (4, 0), (0, 6)], 1):
        editor.get_by_label(f"Point {number}, x on the floor, in metres").fill(str(x))
        editor.get_by_label(f"Point {number}, y on the floor, in metres").fill(str(y))
    problem = editor.locator(".calibration .problem")
    expect(problem).to_contain_text("points 1, 2 and 3 are on one straight line in the picture")

    click_on_picture(editor, (0.75, 0.3))
    editor.get_by_label("Point 5, x on the floor, in metres").fill("4.1")
    editor.get_by_label("Point 5, y on the floor, in metres").fill("6")
    expect(problem).to_be_hidden()
    expect(editor.locator(".calibration [role=status]")).to_contain_text("Difference between the points")


def test_points_are_moved_while_others_are_added(editor: Page) -> None:
    use(editor, "Calibrate")
    click_on_picture(editor, (0.1, 0.9), (0.9, 0.9))
    drag(editor, (0.1, 0.9), (0.2, 0.8))
    editor.get_by_role("button", name="calibration point 2", exact=True).focus()
    editor.keyboard.press("Shift+ArrowUp")

    points = editor.evaluate("reportEditor.draft.points.map((point) => point.image)")
    assert close(points, [(0.2, 0.8), (0.9, 0.9 - 10 / 360)])


def test_the_command_and_the_key_are_copied(open_report: OpenReport, walkers_page: Path) -> None:
    page = open_report(walkers_page, permissions=["clipboard-read", "clipboard-write"])
    use(page, "Edit zones")
    page.get_by_text("Use the saved file").click()
    copied = []
    for number in range(2):
        page.get_by_label("Prefix").fill("cam7/")
        page.locator(".copied").get_by_role("button").nth(number).click()
        expect(page.locator(".copied").get_by_role("button").nth(number)).to_have_text("Copied")
        copied.append(page.evaluate("navigator.clipboard.readText()"))

    assert copied == ["people-pathing count walkers.webm.paths --zones zones.json", "zones/cam7/.json"]

import assert from "node:assert/strict";
import { test } from "node:test";

import { rowAfterKey } from "../../../functions/people_pathing/report/page/display/list_keys.js";
import {
  rowsToDraw,
  scrollToRow,
} from "../../../functions/people_pathing/report/page/display/virtual_rows.js";
import {
  gapsOf,
  isSomebodySeen,
  laneNear,
  layOutLanes,
  shareOfWindow,
} from "../../../functions/people_pathing/report/page/timeline/lane_layout.js";
import { smallReport, walk } from "../panels/small_report.js";

test("lanes are in the order in which people were first seen", () => {
  const rows = [
    ...walk(1, 5000, 6000, 0.1, 0.2),
    ...walk(2, 1000, 2000, 0.1, 0.2),
    ...walk(7, 1000, 1500, 0.3, 0.2),
  ];
  const { tracks, counts } = smallReport({ rows });
  const people = layOutLanes(tracks, counts, new Set([1, 2, 7])).map(({ track }) => track.person);

  assert.deepEqual(people, [2, 7, 1]);
});

test("a lane has the visits and crossings of its person, and filtered people have none", () => {
  const { tracks, counts } = smallReport();
  const lanes = layOutLanes(tracks, counts, new Set([3, 5]));

  assert.deepEqual(
    lanes.map(({ track, visits, crossings }) => [track.person, visits.length, crossings.length]),
    [
      [3, 1, 0],
      [5, 3, 1],
    ],
  );
});

test("a long absence is a gap", () => {
  const { tracks } = smallReport();

  assert.deepEqual(tracks.map(gapsOf), [[], [], [{ fromMs: 10_000, toMs: 15_000 }]]);
});

test("only the part within the window is drawn", () => {
  const window = { fromMs: 1000, toMs: 3000 };

  assert.deepEqual(shareOfWindow(window, 0, 2000), { left: 0, width: 0.5 });
  assert.deepEqual(shareOfWindow(window, 2500, 9000), { left: 0.75, width: 0.25 });
  assert.deepEqual(shareOfWindow(window, 0, 9000), { left: 0, width: 1 });
  assert.equal(shareOfWindow(window, 3001, 4000), null);
  assert.equal(shareOfWindow(window, 0, 999), null);
});

test("of a thousand lanes, only those on the screen are drawn", () => {
  const { first, end } = rowsToDraw(12_000, 480, 24, 1000);

  assert.ok(first <= 500 && end >= 520);
  assert.ok(end - first <= 40, `${end - first} rows`);
  assert.deepEqual(rowsToDraw(0, 480, 24, 0), { first: 0, end: 0 });
  assert.deepEqual(rowsToDraw(99_999, 480, 24, 3), { first: 0, end: 3 });
});

test("a list scrolls no farther than it must to show a row", () => {
  assert.equal(scrollToRow(5, 0, 240, 24), 0);
  assert.equal(scrollToRow(10, 0, 240, 24), 24);
  assert.equal(scrollToRow(2, 240, 240, 24), 48);
});

test("keys move between people and stop at the ends", () => {
  const after = (/** @type {string} */ key, /** @type {number} */ at) => rowAfterKey(key, at, 100, 20);

  assert.deepEqual(
    ["ArrowDown", "ArrowUp", "PageDown", "PageUp", "Home", "End"].map((key) => after(key, 50)),
    [...[51, 49, 70, 30, 0, 99]],
  );
  assert.equal(after("ArrowDown", -1), 0);
  assert.equal(after("ArrowDown", 99), 99);
  assert.equal(after("PageUp", 3), 0);
  assert.equal(after("a", 3), null);
  assert.equal(after("constructor", 3), null);
  assert.equal(rowAfterKey("Home", -1, 0, 20), null);
});

test("the lanes scroll to people of a time if none of them is visible", () => {
  const { tracks, counts } = smallReport();
  const lanes = layOutLanes(tracks, counts, new Set([0, 3, 5]));

  assert.ok(isSomebodySeen(lanes.slice(0, 1), 7000, 7000));
  assert.ok(!isSomebodySeen(lanes.slice(0, 2), 9000, 9500));
  assert.equal(laneNear(lanes, 0), 0);
  const many = Array.from({ length: 100 }, (_, at) => ({
    ...lanes[0],
    track: { ...lanes[0].track, firstMs: at * 1000 },
  }));
  assert.equal(laneNear(many, 50_000), 46);
  assert.equal(laneNear(many, 999_000), 96);
});

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  findVisiblePeople,
  isSameSet,
  openFilters,
} from "../../../functions/people_pathing/report/page/panels/visible_people.js";
import { smallReport } from "./small_report.js";

/**
 * @param {object} changes
 * @param {Parameters<typeof smallReport>[0]} [reportChanges]
 */
function visible(changes, reportChanges) {
  const { report, counts, tracks } = smallReport(reportChanges);
  return [...findVisiblePeople(tracks, counts, { ...openFilters(report), ...changes })];
}

test("without filters, everybody is shown", () => {
  assert.deepEqual(visible({}), [0, 3, 5]);
});

test("a section shows the people who visited or crossed it", () => {
  assert.deepEqual(visible({ section: "middle" }), [0, 5]);
  assert.deepEqual(visible({ section: "left" }), [0, 3, 5]);
  assert.deepEqual(visible({ section: "removed" }), []);
});

test("a time shows the people who were seen in it, not those who were absent", () => {
  assert.deepEqual(visible({ fromMs: 7000 }), [0, 5]);
  assert.deepEqual(visible({ toMs: 1999 }), [0]);
  assert.deepEqual(visible({ fromMs: 11_000, toMs: 14_000 }), []);
  assert.deepEqual(visible({ fromMs: 8000, toMs: 8000 }), [0, 5]);
});

test("the time seen has no long gaps", () => {
  assert.deepEqual(visible({ minimumSeenMs: 7000 }), [0, 5]);
  assert.deepEqual(visible({ minimumSeenMs: 7001 }), [0]);
});

test("people who do not count can be left out", () => {
  const zones = { rules: { minimum_seen_ms: 5000 } };

  assert.deepEqual(visible({ withoutStaff: true }, { zones }), [0, 5]);
  assert.deepEqual(visible({ withoutStaff: false }, { zones }), [0, 3, 5]);
});

test("sets are the same if they have the same members", () => {
  assert.ok(isSameSet(new Set([1, 2]), new Set([2, 1])));
  assert.ok(!isSameSet(new Set([1, 2]), new Set([1, 3])));
  assert.ok(!isSameSet(new Set([1]), new Set([1, 3])));
});

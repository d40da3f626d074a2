import assert from "node:assert/strict";
import { test } from "node:test";

import {
  peopleCsv,
  peopleRows,
  sortedRows,
} from "../../../functions/people_pathing/report/page/panels/people_list/rows.js";
import { smallReport, ZONES } from "./small_report.js";

/** @param {Parameters<typeof smallReport>[0]} [changes] */
function rowsOf(changes) {
  const { tracks, counts } = smallReport(changes);
  return peopleRows(tracks, counts, new Set([0, 3, 5]));
}

test("a row says where a person was, and how often", () => {
  const [walker, , other] = rowsOf();

  assert.equal(walker.zones, "left, right");
  assert.equal(walker.lines, "middle out");
  assert.equal(walker.crossings, 1);
  assert.equal(other.zones, "right, left ×2");
  assert.equal(other.visits, 3);
});

test("rows are sorted in both directions, and equal ones by person", () => {
  const people = (/** @type {"seenMs" | "crossings"} */ column, /** @type {boolean} */ isDescending) =>
    sortedRows(rowsOf(), { column, isDescending }).map(({ person }) => person);

  assert.deepEqual(people("seenMs", false), [3, 5, 0]);
  assert.deepEqual(people("seenMs", true), [0, 5, 3]);
  assert.deepEqual(people("crossings", false), [3, 0, 5]);
  assert.deepEqual(people("crossings", true), [0, 5, 3]);
});

test("unknown distances come last in both directions", () => {
  const [one, other, third] = rowsOf();
  const rows = [one, { ...other, distanceM: 2 }, { ...third, distanceM: 1 }];
  const people = (/** @type {boolean} */ isDescending) =>
    sortedRows(rows, { column: "distanceM", isDescending }).map(({ person }) => person);

  assert.deepEqual(people(false), [5, 3, 0]);
  assert.deepEqual(people(true), [3, 5, 0]);
});

test("people who do not count have a row without a distance", () => {
  const [, short] = rowsOf({ zones: { rules: { minimum_seen_ms: 5000 } } });

  assert.equal(short.isCounted, false);
  assert.equal(short.distanceM, null);
  assert.equal(short.visits, 0);
});

test("the file of people has one line for each row, in their order", () => {
  const lines = peopleCsv(sortedRows(rowsOf(), { column: "person", isDescending: true })).split("\r\n");

  assert.equal(lines[0], "person,first_ms,last_ms,seen_ms,distance_m,counts,visits,zones,crossings,lines");
  assert.equal(lines[1], '5,4000,16000,7000,,yes,3,"right, left ×2",1,middle in');
  assert.equal(lines.length, 5);
  assert.equal(lines[4], "");
});

test("names of zones can neither break the file nor be formulas", () => {
  const [zone] = ZONES.zones;
  const names = (/** @type {string} */ name) => {
    const rows = rowsOf({ zones: { zones: [{ ...zone, name }], lines: [] } });
    return peopleCsv(rows.slice(1, 2)).split("\r\n")[1];
  };

  assert.equal(names('a "b", c'), '3,2000,6000,4000,,yes,1,"a ""b"", c",0,');
  assert.equal(names("=1+1"), "3,2000,6000,4000,,yes,1,'=1+1,0,");
});

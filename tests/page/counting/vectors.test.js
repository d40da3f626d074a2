/**
 * The vectors that every program which repeats the counts must reproduce, in the page. Their other half is
 * test_vectors.py.
 */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import {
  countVideo,
  intervalSummaries,
} from "../../../functions/people_pathing/report/page/counting/count_video.js";
import { readZonesFile } from "../../../functions/people_pathing/report/page/counting/zones_file.js";
import { reportOf } from "./reports.js";

const VECTORS = new URL("../../vectors/counting/", import.meta.url);
/** Places are rounded to five decimals. */
const PLACE_TOLERANCE = 1.1e-5;
const MEAN_TOLERANCE = 1e-6;

/** @typedef {Record<string, any>} Vector */

for (const name of readdirSync(VECTORS).filter((one) => one.endsWith(".json"))) {
  test(`the counts of the vector ${name} are as expected`, () => {
    /** @type {Vector} */
    const vector = JSON.parse(readFileSync(new URL(name, VECTORS), "utf8"));
    const { expected } = vector;

    const zonesFile = readZonesFile(vector.zones);
    const found = countVideo(reportOf(vector), zonesFile);

    assertClose(found.events.map(eventRow), expected.events, PLACE_TOLERANCE);
    if ("summary" in expected) assertClose(summaryRow(found.whole), expected.summary, MEAN_TOLERANCE);
    if ("excluded" in expected) {
      assert.deepEqual(
        { staff: found.excluded.staff, seen_too_short: found.excluded.seenTooShort },
        expected.excluded,
      );
    }
    if ("intervals" in expected) {
      const rows = intervalSummaries(found, zonesFile, vector.interval_minutes).map(intervalRow);
      assert.equal(rows.length, expected.intervals.length);
      expected.intervals.forEach((/** @type {Vector} */ wanted, /** @type {number} */ at) => {
        // Some vectors are about the times only.
        const row = Object.fromEntries(Object.keys(wanted).map((key) => [key, rows[at][key]]));
        assertClose(row, wanted, MEAN_TOLERANCE);
      });
    }
    if ("flows" in expected) assert.deepEqual(found.flows.map(flowRow), expected.flows);
  });
}

/** @param {import("#page/counting/count_video.js").Event} event */
function eventRow({ type, section, person, moment, direction, cause, dwellMs }) {
  const { atMs: at_ms, x, y } = moment;
  const row = { event: type, section, person, at_ms, direction, cause, x, y };
  return dwellMs === null ? row : { ...row, dwell_ms: dwellMs };
}

/**
 * @param {import("#page/counting/count_video.js").Summary} summary
 * @returns {Vector}
 */
function summaryRow({ picture, zones, lines }) {
  return {
    picture: { people: picture.people, ...occupancyRow(picture.occupancy) },
    zones: zones.map((zone) => ({
      name: zone.name,
      people: zone.people,
      visits: zone.visits,
      entered: zone.entered,
      exited: zone.exited,
      dwell_median_ms: zone.dwellMedianMs,
      dwell_p90_ms: zone.dwellP90Ms,
      ...occupancyRow(zone.occupancy),
    })),
    lines: lines.map((line) => ({
      ...{ name: line.name, people: line.people, in: line.crossingsIn, out: line.crossingsOut },
    })),
  };
}

/** @param {{mean: number, maximum: number}} occupancy */
function occupancyRow({ mean, maximum }) {
  return { occupancy_mean: mean, occupancy_max: maximum };
}

/**
 * @param {import("#page/counting/count_video.js").Summary} summary
 * @returns {Vector}
 */
function intervalRow(summary) {
  const { label, startMs, endMs } = summary.interval;
  return { label, start_ms: startMs, end_ms: endMs, ...summaryRow(summary) };
}

/** @param {import("#page/counting/count_video.js").FlowEvent} flow */
function flowRow({ origin, destination, person, atMs, isEndToEnd }) {
  return { origin, destination, person, at_ms: atMs, end_to_end: isEndToEnd };
}

/**
 * Asserts that two JSON values are equal except for small differences of numbers that are no whole numbers.
 *
 * @param {unknown} found
 * @param {unknown} expected
 * @param {number} tolerance
 */
function assertClose(found, expected, tolerance) {
  assert.deepEqual(adopted(found, expected, tolerance), expected);
}

/**
 * Returns a value in which the numbers that are close enough are the expected ones.
 *
 * @param {any} found
 * @param {any} expected
 * @param {number} tolerance
 * @returns {unknown}
 */
function adopted(found, expected, tolerance) {
  if (typeof found === "number" && typeof expected === "number") {
    const isWhole = Number.isInteger(found) && Number.isInteger(expected);
    return !isWhole && Math.abs(found - expected) <= tolerance ? expected : found;
  }
  if (typeof found !== "object" || found === null || typeof expected !== "object" || expected === null)
    return found;
  if (Array.isArray(found)) return found.map((one, at) => adopted(one, expected[at], tolerance));
  return Object.fromEntries(
    Object.entries(found).map(([name, one]) => [name, adopted(one, expected[name], tolerance)]),
  );
}

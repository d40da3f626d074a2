import assert from "node:assert/strict";
import { test } from "node:test";

import { buildHeatMap, mostSeconds } from "../../../functions/people_pathing/report/page/stage/heat_map.js";
import { PersonTimeIndex } from "../../../functions/people_pathing/report/page/stage/person_time_index.js";
import { observations } from "./walkers.js";

const LIMITS = { maxStepMs: 400, presentAfterMs: 50, keptMs: 3000 };

test("a heat map adds up all the time in which the people were seen", () => {
  const columns = standing([1, 2], 101);
  const index = new PersonTimeIndex(columns, LIMITS);

  // Each stands for 10 seconds, and for half a step at the end.
  assert.ok(Math.abs(sum(buildHeatMap(index, new Set([1, 2]), 16 / 9)) - 20.1) < 1e-3);
  assert.ok(Math.abs(sum(buildHeatMap(index, new Set([2]), 16 / 9)) - 10.05) < 1e-3);
  assert.equal(sum(buildHeatMap(index, new Set(), 16 / 9)), 0);
});

test("the longest time is where the person stands: at the middle of the lower edge of the box", () => {
  const index = new PersonTimeIndex(standing([1], 101), LIMITS);

  const { columns, rows, secondsPerCell } = buildHeatMap(index, new Set([1]), 16 / 9);
  const most = mostSeconds({ columns, rows, secondsPerCell });
  const cell = secondsPerCell.indexOf(most);

  assert.ok(Math.abs((cell % columns) / columns - 0.525) < 0.05);
  assert.ok(Math.abs(Math.floor(cell / columns) / rows - 0.75) < 0.05);
});

test("people at the edge of the picture, or beyond it, are in the heat map", () => {
  const columns = standing([1], 101);
  columns.lefts.fill(1.5);
  columns.tops.fill(0.9);

  assert.ok(sum(buildHeatMap(new PersonTimeIndex(columns, LIMITS), new Set([1]), 9 / 16)) > 0);
});

/**
 * Returns people who stand in the middle.
 *
 * @param {number[]} people
 * @param {number} count observations of each
 */
function standing(people, count) {
  const times = people.flatMap(() => Array.from({ length: count }, (_, at) => at * 100));
  const found = observations(
    people.map((person) => [person, count]),
    times,
  );
  found.lefts.fill(0.5);
  return found;
}

/** @param {import("../../../functions/people_pathing/report/page/stage/heat_map.js").HeatMap} map */
function sum({ secondsPerCell }) {
  return secondsPerCell.reduce((all, seconds) => all + seconds, 0);
}

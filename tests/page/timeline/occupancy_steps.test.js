import assert from "node:assert/strict";
import { test } from "node:test";

import {
  columnPeaks,
  firstPeak,
  occupancySteps,
  presentAt,
} from "../../../functions/people_pathing/report/page/data/occupancy_steps.js";
import { smallReport } from "../panels/small_report.js";

const STEPS = occupancySteps([
  { fromMs: 0, toMs: 1000 },
  { fromMs: 500, toMs: 1500 },
  { fromMs: 1000, toMs: 1200 },
  { fromMs: 3000, toMs: 3000 },
]);

test("somebody who leaves at a time is not present at it", () => {
  assert.deepEqual(STEPS, { timesMs: [0, 500, 1000, 1200, 1500], present: [1, 2, 2, 1, 0] });
  assert.deepEqual(
    [-1, 0, 499, 500, 1100, 1499, 1500, 9000].map((atMs) => presentAt(STEPS, atMs)),
    [...[0, 1, 1, 2, 2, 1, 0, 0]],
  );
});

test("the peak is the first of equal ones, and none if nobody is there", () => {
  assert.deepEqual(firstPeak(STEPS), { present: 2, atMs: 500 });
  assert.equal(firstPeak(occupancySteps([])), null);
});

test("columns keep a short peak, however much time a column covers", () => {
  const window = { fromMs: 0, toMs: 10_000 };

  assert.deepEqual(columnPeaks(STEPS, window, 4), [2, 0, 0, 0]);
  assert.deepEqual(columnPeaks(STEPS, { fromMs: 1000, toMs: 1600 }, 6), [2, 2, 1, 1, 1, 0]);
});

test("the peak is the largest occupancy of the counts", () => {
  const { presences, whole } = smallReport().counts;
  const stretches = presences.map(({ firstMs, lastMs }) => ({ fromMs: firstMs, toMs: lastMs }));

  assert.equal(firstPeak(occupancySteps(stretches))?.present, whole.picture.occupancy.maximum);
});

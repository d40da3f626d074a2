import assert from "node:assert/strict";
import { test } from "node:test";

import {
  movedWindow,
  placeInWindow,
  timeInWindow,
  windowBetween,
  windowWith,
  zoomedWindow,
} from "../../../functions/people_pathing/report/page/timeline/time_window.js";

const HOUR_MS = 3_600_000;
const WHOLE = { fromMs: 0, toMs: HOUR_MS };

test("a window between two times does not depend on their order", () => {
  assert.deepEqual(windowBetween(5000, 9000, HOUR_MS), { fromMs: 5000, toMs: 9000 });
  assert.deepEqual(windowBetween(9000, 5000, HOUR_MS), { fromMs: 5000, toMs: 9000 });
});

test("a window is never shorter than a second, and never leaves the video", () => {
  assert.deepEqual(windowBetween(5000, 5001, HOUR_MS), { fromMs: 4501, toMs: 5501 });
  assert.deepEqual(windowBetween(-4000, 2000, HOUR_MS), { fromMs: 0, toMs: 6000 });
  assert.deepEqual(windowBetween(0, 9000, 400), { fromMs: 0, toMs: 400 });
  assert.deepEqual(windowBetween(0, 0, 0), { fromMs: 0, toMs: 1 });
});

test("zooming keeps a time where it is", () => {
  const closer = zoomedWindow(WHOLE, 0.5, 900_000, HOUR_MS);

  assert.deepEqual(closer, { fromMs: 450_000, toMs: 2_250_000 });
  assert.equal(placeInWindow(closer, 900_000), placeInWindow(WHOLE, 900_000));
  assert.deepEqual(zoomedWindow(closer, 4, 900_000, HOUR_MS), WHOLE);
});

test("moving stops at the ends of the video", () => {
  const window = { fromMs: 10_000, toMs: 20_000 };

  assert.deepEqual(movedWindow(window, 0.5, HOUR_MS), { fromMs: 15_000, toMs: 25_000 });
  assert.deepEqual(movedWindow(window, -5, HOUR_MS), { fromMs: 0, toMs: 10_000 });
  assert.deepEqual(movedWindow(window, 1000, HOUR_MS), { fromMs: HOUR_MS - 10_000, toMs: HOUR_MS });
});

test("during playback the window follows the time, and stays if the time is in it", () => {
  const window = { fromMs: 10_000, toMs: 20_000 };

  assert.equal(windowWith(window, 15_000, HOUR_MS), window);
  assert.deepEqual(windowWith(window, 20_500, HOUR_MS), { fromMs: 20_000, toMs: 30_000 });
  assert.deepEqual(windowWith(window, 2000, HOUR_MS), { fromMs: 1500, toMs: 11_500 });
});

test("a place and its time belong together", () => {
  const window = { fromMs: 10_000, toMs: 20_000 };

  assert.equal(timeInWindow(window, 0.25), 12_500);
  assert.equal(placeInWindow(window, 12_500), 0.25);
});

import assert from "node:assert/strict";
import { test } from "node:test";

import { timeTicks } from "../../../functions/people_pathing/report/page/timeline/time_ticks.js";

const UNKNOWN = { durationMs: 3_600_000, recordedAtMs: null, timezone: "UTC" };

test("marks are at round times of the video, and not more than there is room for", () => {
  const ticks = timeTicks({ fromMs: 1000, toMs: 61_000 }, 7, UNKNOWN);

  assert.deepEqual(
    ticks.map(({ label }) => label),
    ["0:10", "0:20", "0:30", "0:40", "0:50", "1:00"],
  );
});

test("marks are at round times of the local clock", () => {
  const recordedAtMs = Date.UTC(2026, 2, 2, 8, 59, 30);
  const recording = { durationMs: 3_600_000, recordedAtMs, timezone: "Europe/Berlin" };
  const ticks = timeTicks({ fromMs: 0, toMs: 3_600_000 }, 5, recording);

  assert.deepEqual(ticks, [
    { atMs: 30_000, label: "10:00" },
    { atMs: 930_000, label: "10:15" },
    { atMs: 1_830_000, label: "10:30" },
    { atMs: 2_730_000, label: "10:45" },
  ]);
});

test("a clock whose offset is no full hour has round times, too", () => {
  const recordedAtMs = Date.UTC(2026, 2, 2, 8, 0, 0);
  const recording = { durationMs: 7_200_000, recordedAtMs, timezone: "Asia/Kathmandu" };
  const [first] = timeTicks({ fromMs: 0, toMs: 7_200_000 }, 2, recording);

  assert.deepEqual(first, { atMs: 900_000, label: "14:00" });
});

test("close marks show tenths of a second", () => {
  const ticks = timeTicks({ fromMs: 0, toMs: 1000 }, 5, UNKNOWN);

  assert.deepEqual(
    ticks.map(({ label }) => label),
    ["0:00.0", "0:00.2", "0:00.4", "0:00.6", "0:00.8", "0:01.0"],
  );
});

test("an axis without room has few marks, and a very long one ends", () => {
  assert.ok(timeTicks({ fromMs: 0, toMs: 31 * 86_400_000 }, 0, UNKNOWN).length <= 2);
});

import assert from "node:assert/strict";
import { test } from "node:test";

import { observationAt } from "../../../functions/people_pathing/report/page/data/tracks.js";
import { smallReport } from "./small_report.js";

test("a track has a stretch for each time without a long gap", () => {
  const { tracks } = smallReport();

  assert.deepEqual(
    tracks.map(({ person, seenMs, stretches }) => ({ person, seenMs, stretches })),
    [
      { person: 0, seenMs: 8000, stretches: [{ firstMs: 0, lastMs: 8000 }] },
      { person: 3, seenMs: 4000, stretches: [{ firstMs: 2000, lastMs: 6000 }] },
      {
        person: 5,
        seenMs: 7000,
        stretches: [
          { firstMs: 4000, lastMs: 10_000 },
          { firstMs: 15_000, lastMs: 16_000 },
        ],
      },
    ],
  );
});

test("people who count have the times of their counts", () => {
  const { tracks, counts } = smallReport();
  const times = tracks.map(({ person, firstMs, lastMs, seenMs }) => ({ person, firstMs, lastMs, seenMs }));

  assert.deepEqual(
    times,
    counts.people.map(({ person, firstMs, lastMs, seenMs }) => ({ person, firstMs, lastMs, seenMs })),
  );
});

test("the observation at a time is the last one that is not later", () => {
  const { report } = smallReport();
  const { observations } = report;

  assert.equal(observationAt(observations, 1, 1999), -1);
  assert.equal(observations.timesMs[observationAt(observations, 1, 2000)], 2000);
  assert.equal(observations.timesMs[observationAt(observations, 1, 2199)], 2100);
  assert.equal(observations.timesMs[observationAt(observations, 1, 99_000)], 6000);
});

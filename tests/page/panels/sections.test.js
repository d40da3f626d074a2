import assert from "node:assert/strict";
import { test } from "node:test";

import { sectionMoments } from "../../../functions/people_pathing/report/page/panels/section_moments.js";
import { smallReport } from "./small_report.js";

test("the people in a zone at a time are those whose visit has begun and not ended", () => {
  const { insideAt } = sectionMoments(smallReport().counts, "left");

  assert.deepEqual(
    [0, 3000, 5000, 7000, 9000, 12_000, 15_500, 17_000].map(insideAt),
    [1, 2, 1, 0, 1, 0, 1, 0],
  );
});

test("crossings so far include one at this very time", () => {
  const { counts } = smallReport();
  const { crossedUntil } = sectionMoments(counts, "middle");
  const atMs = counts.crossings.find(({ direction }) => direction === "out")?.moment.atMs ?? NaN;

  assert.deepEqual(crossedUntil(atMs - 1), { crossedIn: 0, crossedOut: 0 });
  assert.deepEqual(crossedUntil(atMs), { crossedIn: 0, crossedOut: 1 });
  assert.deepEqual(crossedUntil(20_000), { crossedIn: 1, crossedOut: 1 });
});

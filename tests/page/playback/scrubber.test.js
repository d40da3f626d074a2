import assert from "node:assert/strict";
import { test } from "node:test";

import { occupancyBins } from "../../../functions/people_pathing/report/page/playback/scrubber.js";

test("each part of the scrubber shows the most people who were there at once", () => {
  const presences = [
    presence(1, 0, 1000),
    presence(2, 500, 2500),
    presence(3, 2600, 2700),
    presence(9, 0, 4000),
  ];
  const state = { counts: { presences }, visiblePeople: new Set([1, 2, 3]) };

  assert.deepEqual([...occupancyBins(state, 4000, 8)], [1, 2, 2, 1, 1, 1, 0, 0]);
});

test("somebody who is seen once is visible on the scrubber", () => {
  const state = { counts: { presences: [presence(1, 3999, 3999)] }, visiblePeople: new Set([1]) };

  assert.deepEqual([...occupancyBins(state, 4000, 4)], [0, 0, 0, 1]);
});

/**
 * @param {number} person
 * @param {number} firstMs
 * @param {number} lastMs
 */
function presence(person, firstMs, lastMs) {
  return { person, firstMs, lastMs };
}

/** The page fits the floor as Python does. The other half is test_floor.py. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import {
  fitHomography,
  reprojectionErrorsM,
} from "../../../functions/people_pathing/report/page/counting/floor/homography.js";

const VECTORS = new URL("../../vectors/floor/reprojection_errors.json", import.meta.url);
const TOLERANCE_M = 1e-6;

test("the errors of calibrations are those that Python finds", () => {
  const vectors = JSON.parse(readFileSync(VECTORS, "utf8"));
  assert.ok(vectors.length > 10);
  for (const { points, errors_m: expected } of vectors) {
    const found = reprojectionErrorsM(points, fitHomography(points));

    assert.equal(found.length, expected.length);
    found.forEach((/** @type {number} */ error, /** @type {number} */ at) => {
      assert.ok(Math.abs(error - expected[at]) <= TOLERANCE_M, `${error} is not ${expected[at]}`);
    });
  }
});

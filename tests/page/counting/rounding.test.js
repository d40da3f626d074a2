/** Numbers are rounded as Python's `round` does it. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { roundedTo } from "../../../functions/people_pathing/report/page/counting/rounding.js";

test("exact halves are rounded to the even digit", () => {
  assert.equal(roundedTo(0.015625, 5), 0.01562);
  assert.equal(roundedTo(0.046875, 5), 0.04688);
  assert.equal(roundedTo(-0.015625, 5), -0.01562);
  assert.equal(roundedTo(-0.046875, 5), -0.04688);
  assert.equal(roundedTo(2.5, 0), 2);
});

test("what only looks like a half is rounded by its exact value", () => {
  // As binary numbers, the first is below the half and the second above it.
  assert.equal(roundedTo(2.675, 2), 2.67);
  assert.equal(roundedTo(0.000015, 5), 0.00002);
});

test("other numbers are rounded to the nearest decimal", () => {
  assert.equal(roundedTo(0.123456, 5), 0.12346);
  assert.equal(roundedTo(1, 5), 1);
  assert.equal(roundedTo(0, 5), 0);
});

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  newHistory,
  redone,
  undone,
  withChange,
} from "../../../functions/people_pathing/report/page/editor/history.js";

// The history does not look into drafts.
const [A, B, C, D] = ["a", "b", "c", "d"];

test("changes are undone and repeated in their order", () => {
  const history = withChange(withChange(newHistory(A), B), C);

  assert.equal(undone(history).present, B);
  assert.equal(undone(undone(history)).present, A);
  assert.equal(undone(undone(undone(history))).present, A);
  assert.equal(redone(undone(undone(history))).present, B);
  assert.equal(redone(redone(redone(undone(undone(history))))).present, C);
});

test("a change forgets what was undone", () => {
  const history = withChange(undone(withChange(newHistory(A), B)), C);

  assert.equal(redone(history).present, C);
  assert.equal(undone(history).present, A);
});

test("the changes of one gesture are undone together", () => {
  const history = withChange(withChange(withChange(newHistory(A), B, "drag 1"), C, "drag 1"), D, "drag 2");

  assert.equal(undone(history).present, C);
  assert.equal(undone(undone(history)).present, A);
});

test("after an undo, the same gesture begins a new step", () => {
  const history = withChange(undone(withChange(newHistory(A), B, "name")), C, "name");

  assert.equal(undone(history).present, A);
});

test("only the last 200 steps are kept", () => {
  let history = newHistory("0");
  for (let step = 1; step <= 300; step++) history = withChange(history, String(step));
  for (let step = 0; step < 300; step++) history = undone(history);

  assert.equal(history.present, "100");
});

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  chosenVideos,
  contains,
  countByState,
} from "../../../functions/people_pathing/report/page/overview/chosen_videos.js";
import { endedJobs } from "../../../functions/people_pathing/report/page/overview/live/stack_following.js";
import { totals } from "../../../functions/people_pathing/report/page/overview/totals.js";

/** @typedef {import("../../../functions/people_pathing/report/page/overview/video_entry.js").VideoEntry} VideoEntry */

/**
 * @param {string} name
 * @param {Partial<VideoEntry>} [changes]
 * @returns {VideoEntry}
 */
function video(name, changes) {
  return {
    ...{ id: name, name, state: "SUCCEEDED", atMs: null, atMeaning: null, version: null, reason: null },
    ...{ progress: null, durationMs: null, people: null, mostAtOnce: null, sparkline: null },
    ...{ reportAddress: null, command: null },
    ...changes,
  };
}

/**
 * @param {VideoEntry[]} entries
 * @param {object} [changes]
 */
function namesOf(entries, changes) {
  /** @type {import("../../../functions/people_pathing/report/page/overview/overview_state.js").OverviewState} */
  const state = { entries, text: "", state: null, order: { column: "atMs", isDescending: true }, ...changes };
  return chosenVideos(state).map(({ name }) => name);
}

test("videos are sorted by each column in both directions, and unknown values come last", () => {
  const entries = [video("a", { people: 2 }), video("b"), video("c", { people: 10 }), video("d", { people: 2 })];

  assert.deepEqual(namesOf(entries, { order: { column: "people", isDescending: true } }), ["c", "a", "d", "b"]);
  assert.deepEqual(namesOf(entries, { order: { column: "people", isDescending: false } }), ["a", "d", "c", "b"]);
});

test("numbers in names are sorted by their value", () => {
  const entries = ["cam 10", "cam 2", "Cam 1"].map((name) => video(name));

  assert.deepEqual(namesOf(entries, { order: { column: "name", isDescending: false } }), ["Cam 1", "cam 2", "cam 10"]);
});

test("states are sorted by how much they need attention", () => {
  const states = /** @type {const} */ (["SUCCEEDED", "IN_PROGRESS", "FAILED", "WAITING"]);
  const entries = states.map((state) => video(state, { state }));

  assert.deepEqual(namesOf(entries, { order: { column: "state", isDescending: false } }), [
    ...["FAILED", "WAITING", "IN_PROGRESS", "SUCCEEDED"],
  ]);
});

test("a search finds all of its words in names, versions, states and reasons", () => {
  const failed = video("cam7/Door.mp4", { state: "FAILED", reason: "it has no frames", version: "v1" });

  assert.ok(contains(failed, "door FRAMES"));
  assert.ok(contains(failed, " v1  failed "));
  assert.ok(contains(failed, ""));
  assert.ok(!contains(failed, "door till"));
  assert.deepEqual(namesOf([failed, video("till")], { text: "cam7" }), ["cam7/Door.mp4"]);
});

test("one state can be chosen", () => {
  const entries = [video("a"), video("b", { state: "FAILED" })];

  assert.deepEqual(namesOf(entries, { state: "FAILED" }), ["b"]);
  assert.deepEqual(countByState(entries), { WAITING: 0, IN_PROGRESS: 0, SUCCEEDED: 1, FAILED: 1 });
});

test("totals leave out what is not known", () => {
  const entries = [
    video("a", { durationMs: 5_400_000, people: 1200 }),
    video("b", { durationMs: 60_000, people: null }),
    video("c", { state: "FAILED" }),
  ];

  assert.deepEqual(Object.fromEntries(totals(entries)), {
    ...{ Videos: "3", Length: "1\u00a0h 31\u00a0min", People: "1,200", Failed: "1" },
  });
});

test("jobs that have ended are announced, and new or unchanged ones are not", () => {
  const before = [video("a", { state: "WAITING" }), video("b"), video("c", { state: "IN_PROGRESS" })];
  const after = [video("a", { state: "FAILED" }), video("b"), video("c"), video("new")];

  assert.equal(endedJobs(before, after), "a: failed. c: succeeded.");
  assert.equal(endedJobs(after, after), "");
});

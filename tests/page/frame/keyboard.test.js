import assert from "node:assert/strict";
import { test } from "node:test";

import { changesOfKey } from "../../../functions/people_pathing/report/page/frame/keyboard.js";

const VIDEO = { durationMs: 10_000, frameRate: 30, sampleFps: 15 };
const STATE = {
  timeMs: 1000,
  isPlaying: false,
  speed: 1,
  selectedPerson: null,
  tool: null,
  visiblePeople: new Set([1, 2]),
  counts: { events: [event(500, 1), event(1000, 1), event(2000, 3), event(3000, 2)] },
};

test("space plays and pauses", () => {
  assert.deepEqual(changesOfKey(" ", STATE, VIDEO), { isPlaying: true });
  assert.deepEqual(changesOfKey(" ", { ...STATE, isPlaying: true }, VIDEO), { isPlaying: false });
});

test("arrows go from sampled frame to sampled frame, through the whole video and back", () => {
  const sampled = Array.from({ length: 151 }, (_, number) => Math.floor((number * 1000) / 15));
  assert.deepEqual(walk("ArrowRight", 0, 150), sampled);
  assert.deepEqual(walk("ArrowLeft", 10_000, 150), sampled.reverse());
});

test("arrows stop at the ends of the video", () => {
  assert.equal(changesOfKey("ArrowLeft", { ...STATE, timeMs: 0 }, VIDEO)?.timeMs, 0);
  assert.equal(changesOfKey("ArrowRight", { ...STATE, timeMs: 10_000 }, VIDEO)?.timeMs, 10_000);
});

test("arrows leave a time between two sampled frames in both directions", () => {
  assert.equal(changesOfKey("ArrowRight", { ...STATE, timeMs: 100 }, VIDEO)?.timeMs, 133);
  assert.equal(changesOfKey("ArrowLeft", { ...STATE, timeMs: 100 }, VIDEO)?.timeMs, 66);
});

test("L plays faster each time, up to a limit, and J plays backwards", () => {
  const playing = (/** @type {number} */ speed) => ({ ...STATE, isPlaying: true, speed });

  assert.deepEqual(changesOfKey("l", STATE, VIDEO), { isPlaying: true, speed: 1 });
  assert.deepEqual(changesOfKey("L", playing(2), VIDEO), { isPlaying: true, speed: 4 });
  assert.deepEqual(changesOfKey("l", playing(8), VIDEO), { isPlaying: true, speed: 8 });
  assert.deepEqual(changesOfKey("j", playing(4), VIDEO), { isPlaying: true, speed: -1 });
  assert.deepEqual(changesOfKey("j", playing(-1), VIDEO), { isPlaying: true, speed: -2 });
});

test("K pauses, and the video plays forwards afterwards", () => {
  assert.deepEqual(changesOfKey("k", { ...STATE, isPlaying: true, speed: -2 }, VIDEO), {
    isPlaying: false,
    speed: 1,
  });
});

test("N and P jump to the events of visible people, and select them", () => {
  assert.deepEqual(changesOfKey("n", STATE, VIDEO), { isPlaying: false, timeMs: 3000, selectedPerson: 2 });
  assert.deepEqual(changesOfKey("p", STATE, VIDEO), { isPlaying: false, timeMs: 500, selectedPerson: 1 });
});

test("N after the last event changes nothing", () => {
  assert.deepEqual(changesOfKey("n", { ...STATE, timeMs: 3000 }, VIDEO), {});
});

test("Escape clears the selection, unless a tool of the editor is in use", () => {
  const selected = { ...STATE, selectedPerson: 1 };

  assert.deepEqual(changesOfKey("Escape", selected, VIDEO), { selectedPerson: null });
  assert.equal(changesOfKey("Escape", { ...selected, tool: "zone" }, VIDEO), null);
});

test("other keys belong to the browser", () => {
  for (const key of ["a", "Tab", "F5", "Enter", "constructor"])
    assert.equal(changesOfKey(key, STATE, VIDEO), null);
});

/**
 * @param {string} key
 * @param {number} startMs
 * @param {number} steps
 */
function walk(key, startMs, steps) {
  const times = [startMs];
  for (let step = 0; step < steps; step++) {
    times.push(changesOfKey(key, { ...STATE, timeMs: times[step] }, VIDEO)?.timeMs ?? -1);
  }
  return times;
}

/**
 * @param {number} atMs
 * @param {number} person
 */
function event(atMs, person) {
  return { person, moment: { atMs } };
}

/** Drawing a frame must cost the same in a short and in a very long video. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { drawMoment, TRAIL_MS } from "../../../functions/people_pathing/report/page/stage/moment_drawing.js";
import { PersonTimeIndex } from "../../../functions/people_pathing/report/page/stage/person_time_index.js";
import { countedReads, walkers } from "./walkers.js";

const STEP_MS = 66;
const LIMITS = { maxStepMs: 4 * STEP_MS, presentAfterMs: STEP_MS / 2, keptMs: TRAIL_MS };
/** Reads for each visible person: box, up to 26 points of the trail with 5 numbers, and a binary search. */
const READS_EACH = 200;
/** Calls of the canvas for each person: two rectangles, the number, and the trail in four parts. */
const CALLS_EACH = 150;
const LAYERS = { boxes: true, trails: true, paths: false, heatMap: false, zones: false };

for (const visible of [1, 10, 40]) {
  test(`with ${visible} people in the picture, 200,000 observations cost as much as 4,000`, () => {
    const long = costOfFrames(walkers({ people: 500, samplesEach: 400, stepMs: STEP_MS, visible }));
    const short = costOfFrames(walkers({ people: 10, samplesEach: 400, stepMs: STEP_MS, visible }));

    assert.equal(long.observations, 200_000);
    assert.ok(long.worst.reads > 0);
    assert.ok(long.worst.reads <= READS_EACH * long.worst.people, `${long.worst.reads} reads`);
    assert.ok(long.callsEach > 0 && long.callsEach <= CALLS_EACH, `${long.callsEach} calls for each person`);
    assert.ok(
      long.worst.people >= visible && long.worst.people <= visible * 1.25 + 2,
      `${long.worst.people} people`,
    );
    assert.ok(long.readsEach <= short.readsEach * 1.2, `${long.readsEach} and ${short.readsEach} reads each`);
  });
}

test("one person who stays for an hour costs as much as one who stays for a minute", () => {
  const hour = costOfFrames(walkers({ people: 1, samplesEach: 54_000, stepMs: STEP_MS, visible: 1 }));
  const minute = costOfFrames(walkers({ people: 1, samplesEach: 900, stepMs: STEP_MS, visible: 1 }));

  assert.ok(
    hour.worst.reads <= minute.worst.reads + 2,
    `${hour.worst.reads} and ${minute.worst.reads} reads`,
  );
});

test("nothing is read when boxes and trails are hidden", () => {
  const { columns, reads } = countedReads(
    walkers({ people: 5, samplesEach: 50, stepMs: STEP_MS, visible: 5 }),
  );
  const index = new PersonTimeIndex(columns, LIMITS);
  const before = reads();

  draw(index, columns.people, 1000, { ...LAYERS, boxes: false, trails: false });

  assert.equal(reads(), before);
});

/**
 * Draws frames all over a video.
 *
 * @param {ReturnType<typeof walkers>} observations
 */
function costOfFrames(observations) {
  const { columns, reads } = countedReads(observations);
  const index = new PersonTimeIndex(columns, LIMITS);
  const lastMs = Math.max(...observations.timesMs.filter((_, at) => at % 100 === 99));
  let [worst, allReads, allPeople, callsEach] = [{ reads: 0, people: 0 }, 0, 0, 0];
  for (let frame = 0; frame < 50; frame++) {
    const timeMs = (lastMs * frame) / 50;
    const people = index.at(timeMs).length;
    const before = reads();
    const calls = draw(index, columns.people, timeMs, LAYERS);
    const used = reads() - before;
    allReads += used;
    allPeople += people;
    if (used > worst.reads) worst = { reads: used, people };
    callsEach = Math.max(callsEach, calls / Math.max(1, people));
  }
  return { observations: observations.timesMs.length, worst, readsEach: allReads / allPeople, callsEach };
}

/**
 * Draws one moment on a canvas that counts its calls.
 *
 * @param {PersonTimeIndex} index
 * @param {Iterable<number>} people
 * @param {number} timeMs
 * @param {typeof LAYERS} layers
 * @returns {number} calls
 */
function draw(index, people, timeMs, layers) {
  let calls = 0;
  const context = new Proxy({}, { get: () => () => calls++, set: () => true });
  const state = { timeMs, layers, visiblePeople: new Set(people), selectedPerson: null, hoveredPerson: null };
  drawMoment({ context, widthPx: 1280, heightPx: 720, palette: ["#5160ff"] }, index, state);
  return calls;
}

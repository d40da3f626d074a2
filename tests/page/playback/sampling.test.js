import assert from "node:assert/strict";
import { test } from "node:test";

import {
  longestStepMs,
  sampleStepMs,
  withKnownSampling,
} from "../../../functions/people_pathing/report/page/playback/sampling.js";
import { observations } from "../stage/walkers.js";

const NOTHING_SEEN = observations([], []);

test("the sampling that the results state is used", () => {
  const report = { video: { sampleFps: 12.5 }, observations: NOTHING_SEEN };

  assert.equal(withKnownSampling(report), report);
  assert.equal(sampleStepMs(report.video), 80);
});

test("unknown sampling follows from the observations, in spite of gaps", () => {
  const times = [0, 500, 1000, 9000, 9500, 10_000, 0, 500];
  const seen = observations(
    [
      [1, 6],
      [2, 2],
    ],
    times,
  );

  assert.equal(sampleStepMs(withKnownSampling({ video: { sampleFps: 0 }, observations: seen }).video), 500);
});

test("without observations that show it, about 15 frames per second are assumed", () => {
  for (const seen of [NOTHING_SEEN, observations([[1, 1]], [40]), observations([[1, 2]], [40, 40])]) {
    const { video } = withKnownSampling({ video: { sampleFps: 0 }, observations: seen });
    assert.ok(Math.abs(sampleStepMs(video) - 1000 / 15) < 1e-9);
  }
});

test("a person is drawn over at most a minute without observations, however few frames were sampled", () => {
  assert.equal(longestStepMs({ sampleFps: 10 }), 400);
  assert.equal(longestStepMs({ sampleFps: 1e-7 }), 60_000);
});

import assert from "node:assert/strict";
import { test } from "node:test";

import { boxAt, personAt } from "../../../functions/people_pathing/report/page/stage/boxes.js";
import { PersonTimeIndex } from "../../../functions/people_pathing/report/page/stage/person_time_index.js";
import { observations } from "./walkers.js";

const LIMITS = { maxStepMs: 400, presentAfterMs: 50, keptMs: 3000 };

/** Person 4 is seen twice, with a long gap; person 7 once. */
const SEEN = observations(
  [
    [4, 4],
    [7, 1],
  ],
  [1000, 1100, 9000, 9100, 1050],
);

test("people are found from their first observation until shortly after their last", () => {
  const index = new PersonTimeIndex(SEEN, LIMITS);

  assert.deepEqual(present(index, 999), []);
  assert.deepEqual(present(index, 1000), [4]);
  assert.deepEqual(present(index, 1060), [4, 7]);
  assert.deepEqual(present(index, 1150), [4]);
  assert.deepEqual(present(index, 1151), []);
});

test("people are not in the picture during a gap", () => {
  const index = new PersonTimeIndex(SEEN, LIMITS);

  assert.deepEqual(present(index, 5000), []);
  assert.deepEqual(present(index, 9050), [4]);
});

test("people who have just left are found for their trails only", () => {
  const index = new PersonTimeIndex(SEEN, LIMITS);

  assert.deepEqual(
    index.at(4100).map(({ person, isPresent }) => [person, isPresent]),
    [[4, false]],
  );
  assert.deepEqual(index.at(4101), []);
});

test("nobody is found before, after and without observations", () => {
  const index = new PersonTimeIndex(SEEN, LIMITS);
  const empty = new PersonTimeIndex(observations([], []), LIMITS);

  assert.deepEqual(index.at(1e9), []);
  assert.deepEqual(index.at(-5), []);
  assert.deepEqual(empty.at(0), []);
});

test("the index agrees with a search through all observations at random times", () => {
  const random = seeded(7);
  for (let round = 0; round < 200; round++) {
    const columns = randomObservations(random);
    const index = new PersonTimeIndex(columns, LIMITS);
    for (let question = 0; question < 20; question++) {
      const timeMs = Math.floor(random() * 12_000);
      assert.deepEqual(
        present(index, timeMs),
        searchedPeople(columns, timeMs),
        `round ${round}, ${timeMs} ms`,
      );
    }
  }
});

test("boxes between two observations are interpolated", () => {
  const index = new PersonTimeIndex(SEEN, LIMITS);
  const [foundPerson] = index.at(1050);

  const box = boxAt(SEEN, foundPerson, 1050);

  assert.ok(Math.abs(box.left - 0.0005) < 1e-12);
  assert.equal(box.top, 0.25);
});

test("a click hits the smallest box at the point, of visible people only", () => {
  const columns = observations(
    [
      [1, 1],
      [2, 1],
    ],
    [0, 0],
  );
  columns.widths[0] = 0.5;
  const index = new PersonTimeIndex(columns, LIMITS);
  const state = (/** @type {number[]} */ people) => ({ timeMs: 0, visiblePeople: new Set(people) });

  assert.equal(personAt(index, state([1, 2]), { x: 0.02, y: 0.5 }), 2);
  assert.equal(personAt(index, state([1]), { x: 0.02, y: 0.5 }), 1);
  assert.equal(personAt(index, state([1, 2]), { x: 0.4, y: 0.5 }), 1);
  assert.equal(personAt(index, state([1, 2]), { x: 0.9, y: 0.5 }), null);
});

/**
 * @param {PersonTimeIndex} index
 * @param {number} timeMs
 */
function present(index, timeMs) {
  return index
    .at(timeMs)
    .filter((one) => one.isPresent)
    .map((one) => one.person)
    .sort((a, b) => a - b);
}

/**
 * Returns who is in the picture, without an index.
 *
 * @param {ReturnType<typeof observations>} columns
 * @param {number} timeMs
 */
function searchedPeople({ people, starts, timesMs }, timeMs) {
  return [...people].filter((_, place) => {
    const times = [...timesMs.slice(starts[place], starts[place + 1])];
    const before = times.filter((at) => at <= timeMs);
    const [last, next] = [before.at(-1), times[before.length]];
    if (last === undefined) return false;
    const isBetween = next !== undefined && next - last <= LIMITS.maxStepMs;
    return isBetween || timeMs - last <= LIMITS.presentAfterMs;
  });
}

/** @param {() => number} random */
function randomObservations(random) {
  /** @type {[number, number][]} */
  const people = [];
  const times = [];
  for (let person = 0; person < 4; person++) {
    const count = 1 + Math.floor(random() * 30);
    let timeMs = Math.floor(random() * 4000);
    for (let at = 0; at < count; at++) {
      times.push(timeMs);
      timeMs += 1 + Math.floor(random() * (random() < 0.2 ? 2500 : 150));
    }
    people.push([person, count]);
  }
  return observations(people, times);
}

/**
 * Returns a generator of the same numbers from 0 to 1 each time.
 *
 * @param {number} seed
 */
function seeded(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/**
 * Where a person is at a time.
 *
 * @typedef {object} FoundPerson
 * @property {number} person index
 * @property {number} first number of the first observation of the stretch
 * @property {number} at number of the last observation until then
 * @property {number} last number of the last observation of the stretch
 * @property {boolean} isPresent false if the stretch has just ended
 */

import { bisectRight } from "#page/data/bisect.js";

const BUCKET_MS = 1000;

/**
 * Finds who is in the picture at a time, without looking at anybody else.
 *
 * A stretch is a part of a person's path in which no observation is missing. Time is divided into buckets.
 * Each bucket lists the stretches in it, and where their observations begin in it. A binary search finds the
 * rest.
 */
export class PersonTimeIndex {
  /**
   * @param {import("#page/data/report_data.js").Observations} observations
   * @param {object} limits
   * @param {number} limits.maxStepMs two observations of a stretch are at most so far apart
   * @param {number} limits.presentAfterMs how long a person is present after the last observation
   * @param {number} limits.keptMs how long a stretch is found after its end; at least `presentAfterMs`
   */
  constructor(observations, { maxStepMs, presentAfterMs, keptMs }) {
    this.observations = observations;
    this.presentAfterMs = presentAfterMs;
    this.keptMs = keptMs;
    const { people, firsts, lasts } = findStretches(observations, maxStepMs);
    /** Index of the person of each stretch. */
    this.stretchPeople = people;
    /** Numbers of the first and the last observation of each stretch. */
    this.stretchFirsts = firsts;
    this.stretchLasts = lasts;
    this.bucketStarts = this.countEntries();
    const entries = this.bucketStarts[this.bucketStarts.length - 1];
    this.entryStretches = new Uint32Array(entries);
    /** For each entry the last observation at the start of the bucket, and the last at its end. */
    this.entryFirsts = new Uint32Array(entries);
    this.entryLasts = new Uint32Array(entries);
    this.fillEntries();
  }

  /**
   * Returns all who are in the picture, or have just left it.
   *
   * @param {number} timeMs
   * @returns {FoundPerson[]}
   */
  at(timeMs) {
    const { timesMs } = this.observations;
    const bucket = Math.max(0, Math.floor(timeMs / BUCKET_MS));
    if (bucket + 1 >= this.bucketStarts.length) return [];
    const found = [];
    for (let entry = this.bucketStarts[bucket]; entry < this.bucketStarts[bucket + 1]; entry++) {
      const at = this.lastUntil(timeMs, this.entryFirsts[entry], this.entryLasts[entry]);
      if (timesMs[at] > timeMs) continue;
      const stretch = this.entryStretches[entry];
      const last = this.stretchLasts[stretch];
      const goneMs = at < last ? 0 : timeMs - timesMs[last];
      if (goneMs > this.keptMs) continue;
      const [person, first] = [this.stretchPeople[stretch], this.stretchFirsts[stretch]];
      found.push({ person, first, at, last, isPresent: goneMs <= this.presentAfterMs });
    }
    return found;
  }

  /**
   * @param {number} timeMs
   * @param {number} low
   * @param {number} high
   * @returns {number} the last observation until then, from `low` to `high`; `low` if all are later
   */
  lastUntil(timeMs, low, high) {
    return Math.max(low, bisectRight(this.observations.timesMs, timeMs, low, high + 1) - 1);
  }

  /** @returns {Uint32Array} where the entries of each bucket start, and the number of all entries */
  countEntries() {
    const { timesMs } = this.observations;
    const lastMs = this.stretchLasts.reduce((last, at) => Math.max(last, timesMs[at]), -1);
    const counts = new Uint32Array(lastMs < 0 ? 1 : bucketOf(lastMs + this.keptMs) + 2);
    this.stretchFirsts.forEach((first, stretch) => {
      const end = bucketOf(timesMs[this.stretchLasts[stretch]] + this.keptMs);
      for (let bucket = bucketOf(timesMs[first]); bucket <= end; bucket++) counts[bucket + 1]++;
    });
    for (let bucket = 1; bucket < counts.length; bucket++) counts[bucket] += counts[bucket - 1];
    return counts;
  }

  /** Writes the entries of all buckets. */
  fillEntries() {
    const { timesMs } = this.observations;
    const next = this.bucketStarts.slice();
    this.stretchFirsts.forEach((first, stretch) => {
      const last = this.stretchLasts[stretch];
      const end = bucketOf(timesMs[last] + this.keptMs);
      let at = first;
      for (let bucket = bucketOf(timesMs[first]); bucket <= end; bucket++) {
        const entry = next[bucket]++;
        this.entryStretches[entry] = stretch;
        this.entryFirsts[entry] = at;
        while (at < last && timesMs[at + 1] < (bucket + 1) * BUCKET_MS) at++;
        this.entryLasts[entry] = at;
      }
    });
  }
}

/** @param {number} timeMs */
function bucketOf(timeMs) {
  return Math.floor(timeMs / BUCKET_MS);
}

/**
 * @param {import("#page/data/report_data.js").Observations} observations
 * @param {number} maxStepMs
 */
function findStretches({ people, starts, timesMs }, maxStepMs) {
  /** @type {{people: number[], firsts: number[], lasts: number[]}} */
  const found = { people: [], firsts: [], lasts: [] };
  people.forEach((person, place) => {
    for (let at = starts[place]; at < starts[place + 1]; at++) {
      if (at === starts[place] || timesMs[at] - timesMs[at - 1] > maxStepMs) {
        found.people.push(person);
        found.firsts.push(at);
        found.lasts.push(at);
      }
      found.lasts[found.lasts.length - 1] = at;
    }
  });
  return found;
}

/** Percentiles and occupancy. The twin of summaries/figures.py. */

import { rounded } from "#page/counting/geometry.js";

/**
 * A time from a start to an end, in milliseconds; its end does not belong to it.
 *
 * @typedef {readonly [startMs: number, endMs: number]} Stretch
 */

/**
 * How many people were present.
 *
 * @typedef {object} Occupancy
 * @property {number} mean over the time
 * @property {number} maximum at one time
 */

/**
 * Returns a percentile, interpolated linearly between the two nearest values and rounded; null without
 * values.
 *
 * @param {readonly number[]} values in any order
 * @param {number} share 0.5 for the median
 * @returns {number | null}
 */
export function percentile(values, share) {
  if (values.length === 0) return null;
  const ordered = Float64Array.from(values).sort();
  const place = share * (ordered.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, ordered.length - 1);
  return rounded(ordered[below] + (place - below) * (ordered[above] - ordered[below]));
}

/**
 * Returns how many of the stretches overlap between two times.
 *
 * @param {readonly Stretch[]} stretches in any order; they can reach beyond the two times
 * @param {number} startMs the first time
 * @param {number} endMs the second; it does not belong to the time
 * @returns {Occupancy}
 */
export function occupancy(stretches, startMs, endMs) {
  let totalMs = 0;
  /** @type {[timeMs: number, change: number][]} */
  const changes = [];
  for (const [stretchStartMs, stretchEndMs] of stretches) {
    const begin = Math.max(stretchStartMs, startMs);
    const end = Math.min(stretchEndMs, endMs);
    if (begin < end) {
      totalMs += end - begin;
      changes.push([begin, 1], [end, -1]);
    }
  }
  // Ends come before starts at the same time.
  changes.sort((one, other) => one[0] - other[0] || one[1] - other[1]);
  let present = 0;
  let maximum = 0;
  for (const [, change] of changes) {
    present += change;
    maximum = Math.max(maximum, present);
  }
  const lengthMs = endMs - startMs;
  return { mean: lengthMs > 0 ? totalMs / lengthMs : 0, maximum };
}

/**
 * How many people are present over time.
 *
 * @typedef {object} OccupancySteps
 * @property {number[]} timesMs when the number changes, ascending
 * @property {number[]} present how many are present from then on
 */

import { bisectRight } from "#page/data/bisect.js";

/**
 * Adds up stretches of presence. The end of a stretch does not belong to it.
 *
 * @param {readonly {fromMs: number, toMs: number}[]} stretches
 * @returns {OccupancySteps}
 */
export function occupancySteps(stretches) {
  const lasting = stretches.filter(({ fromMs, toMs }) => fromMs < toMs);
  const starts = Float64Array.from(lasting, (stretch) => stretch.fromMs).sort();
  const ends = Float64Array.from(lasting, (stretch) => stretch.toMs).sort();
  /** @type {OccupancySteps} */
  const steps = { timesMs: [], present: [] };
  let begun = 0;
  let ended = 0;
  while (ended < ends.length) {
    const atMs = begun < starts.length ? Math.min(starts[begun], ends[ended]) : ends[ended];
    while (starts[begun] === atMs) begun++;
    while (ends[ended] === atMs) ended++;
    steps.timesMs.push(atMs);
    steps.present.push(begun - ended);
  }
  return steps;
}

/**
 * Returns how many people are present at a time.
 *
 * @param {OccupancySteps} steps
 * @param {number} atMs
 */
export function presentAt({ timesMs, present }, atMs) {
  const at = bisectRight(timesMs, atMs) - 1;
  return at < 0 ? 0 : present[at];
}

/**
 * Returns the largest number of people and when it is first reached; null if nobody is present.
 *
 * @param {OccupancySteps} steps
 * @returns {{present: number, atMs: number} | null}
 */
export function firstPeak({ timesMs, present }) {
  if (present.length === 0) return null;
  const most = present.reduce((largest, one) => Math.max(largest, one), 0);
  return { present: most, atMs: timesMs[present.indexOf(most)] };
}

/**
 * Returns the largest number of people in each of several columns of equal width.
 *
 * @param {OccupancySteps} steps
 * @param {import("#page/page_state.js").TimeWindow} window
 * @param {number} columns how many
 * @returns {number[]}
 */
export function columnPeaks({ timesMs, present }, window, columns) {
  const widthMs = (window.toMs - window.fromMs) / columns;
  let at = bisectRight(timesMs, window.fromMs) - 1;
  return Array.from({ length: columns }, (_, column) => {
    const startMs = window.fromMs + column * widthMs;
    while (timesMs[at + 1] <= startMs) at++;
    let most = at < 0 ? 0 : present[at];
    while (timesMs[at + 1] < startMs + widthMs) {
      at++;
      most = Math.max(most, present[at]);
    }
    return most;
  });
}

/**
 * When each person was seen. People who count nowhere have a track, too.
 *
 * @typedef {object} Track
 * @property {number} person index
 * @property {number} place of the person in `observations.people`
 * @property {number} firstMs the first observation
 * @property {number} lastMs the last observation
 * @property {number} seenMs without long gaps
 * @property {Stretch[]} stretches in order; between two of them is a long gap
 */

import { remembered } from "#page/counting/remembered.js";
import { bisectRight } from "#page/data/bisect.js";

/**
 * @typedef {object} Stretch
 * @property {number} firstMs
 * @property {number} lastMs
 */

/**
 * Returns the tracks of all people, sorted by index.
 *
 * @param {Pick<import("#page/data/report_data.js").Report, "observations">} report
 * @param {import("#page/counting/zones_file.js").ZonesFile} zonesFile whose rules say when a gap is long
 * @returns {Track[]}
 */
export function tracksOf({ observations }, { rules }) {
  return remembered(findTracks, observations, rules.max_gap_ms);
}

/**
 * @param {import("#page/data/report_data.js").Observations} observations
 * @param {number} maxGapMs longest time between two observations that does not interrupt a path
 * @returns {Track[]}
 */
function findTracks(observations, maxGapMs) {
  return Array.from(observations.people, (person, place) => {
    const stretches = findStretches(observations, place, maxGapMs);
    const seenMs = stretches.reduce((sum, stretch) => sum + stretch.lastMs - stretch.firstMs, 0);
    const { firstMs } = stretches[0];
    const { lastMs } = stretches[stretches.length - 1];
    return { person, place, firstMs, lastMs, seenMs, stretches };
  });
}

/**
 * Returns the observation of a person at a time, or the last one before it.
 *
 * @param {import("#page/data/report_data.js").Observations} observations
 * @param {number} place of the person in `observations.people`
 * @param {number} atMs
 * @returns {number} number of the observation; -1 if there is none so early
 */
export function observationAt(observations, place, atMs) {
  const { starts, timesMs } = observations;
  const after = bisectRight(timesMs, atMs, starts[place], starts[place + 1]);
  return after > starts[place] ? after - 1 : -1;
}

/**
 * @param {import("#page/data/report_data.js").Observations} observations
 * @param {number} place
 * @param {number} maxGapMs
 * @returns {Stretch[]}
 */
function findStretches({ starts, timesMs }, place, maxGapMs) {
  let stretch = { firstMs: timesMs[starts[place]], lastMs: timesMs[starts[place]] };
  const stretches = [stretch];
  for (let at = starts[place] + 1; at < starts[place + 1]; at++) {
    if (timesMs[at] - stretch.lastMs > maxGapMs) {
      stretch = { firstMs: timesMs[at], lastMs: timesMs[at] };
      stretches.push(stretch);
    }
    stretch.lastMs = timesMs[at];
  }
  return stretches;
}

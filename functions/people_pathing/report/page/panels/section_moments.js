import { bisectRight } from "#page/data/bisect.js";
import { occupancySteps, presentAt } from "#page/data/occupancy_steps.js";

/**
 * What is known about a zone or line at one time.
 *
 * @typedef {object} SectionMoments
 * @property {(atMs: number) => number} insideAt people in the zone
 * @property {(atMs: number) => {crossedIn: number, crossedOut: number}} crossedUntil crossings of the line
 */

/**
 * Prepares the numbers of one section, so that those of a time are found quickly.
 *
 * @param {import("#page/counting/count_video.js").VideoCounts} counts
 * @param {string} name of the zone or line
 * @returns {SectionMoments}
 */
export function sectionMoments({ visits, crossings }, name) {
  const stays = visits.filter(({ zone }) => zone === name);
  const steps = occupancySteps(stays.map(({ enter, exit }) => ({ fromMs: enter.atMs, toMs: exit.atMs })));
  const crossed = crossings.filter(({ line }) => line === name);
  const timesMs = (/** @type {"in" | "out"} */ wanted) =>
    Float64Array.from(
      crossed.filter(({ direction }) => direction === wanted),
      ({ moment }) => moment.atMs,
    ).sort();
  const [timesIn, timesOut] = [timesMs("in"), timesMs("out")];
  return {
    insideAt: (atMs) => presentAt(steps, atMs),
    crossedUntil: (atMs) => ({
      crossedIn: bisectRight(timesIn, atMs),
      crossedOut: bisectRight(timesOut, atMs),
    }),
  };
}

/**
 * How far people walk on the floor. The twin of floor/walking.py.
 *
 * @typedef {import("#page/counting/zones_file.js").Matrix} Matrix
 * @typedef {import("#page/counting/path_points.js").Steps} Steps
 * @typedef {import("#page/data/report_data.js").Observations} Observations
 */

import { floorPosition } from "#page/counting/floor/homography.js";
import { distance } from "#page/counting/geometry.js";
import { footPoint } from "#page/counting/path_points.js";

/**
 * A distance is measured between points at least this far apart in time. A person makes about one step in it.
 * Between successive observations, the small errors of the boxes would add up to a long way.
 */
const MIN_STEP_MS = 500;

/**
 * Returns how far each person walked, in metres, in the order of `steps.people`.
 *
 * @param {Steps} steps
 * @param {Observations} observations
 * @param {Matrix} homography gives the positions on the floor
 * @returns {number[]}
 */
export function walkedDistancesM(steps, observations, homography) {
  return Array.from(steps.people, (_, position) => {
    let totalM = 0;
    /** @type {[number, number]} */
    let anchor = [0, 0];
    let anchorMs = 0;
    /** @type {[number, number]} */
    let last = [0, 0];
    for (let at = steps.starts[position]; at < steps.starts[position + 1]; at++) {
      const here = floorPosition(homography, footPoint(observations, at));
      const nowMs = steps.timesMs[at];
      if (steps.from[at] === at) {
        // The way over a gap is not known, so it does not count.
        if (at > steps.starts[position]) totalM += distance(last, anchor);
        anchor = here;
        anchorMs = nowMs;
      } else if (nowMs - anchorMs >= MIN_STEP_MS) {
        totalM += distance(here, anchor);
        anchor = here;
        anchorMs = nowMs;
      }
      last = here;
    }
    return totalM + distance(last, anchor);
  });
}

import { floorPosition } from "#page/counting/floor/homography.js";

const OUTER_SHARE = 0.005;
/** This share of the positions at each end does not make the plan larger: far away, a pixel is many metres. */
const PADDING = 0.06;

/**
 * Positions on the floor of all observations, in metres, in the order of the observations.
 *
 * @typedef {object} FloorPositions
 * @property {Float64Array} xs
 * @property {Float64Array} ys upwards on the plan
 */

/** @typedef {{left: number, right: number, bottom: number, top: number}} Extent in metres */

/**
 * Returns where everybody is on the floor.
 *
 * @param {import("#page/data/report_data.js").Observations} observations
 * @param {import("#page/counting/zones_file.js").Matrix} homography
 * @returns {FloorPositions}
 */
export function floorPositions({ lefts, tops, widths, heights }, homography) {
  const xs = new Float64Array(lefts.length);
  const ys = new Float64Array(lefts.length);
  for (let at = 0; at < lefts.length; at++) {
    const foot = /** @type {const} */ ([limited(lefts[at] + widths[at] / 2), limited(tops[at] + heights[at])]);
    [xs[at], ys[at]] = floorPosition(homography, foot);
  }
  return { xs, ys };
}

/**
 * Returns the part of the floor that the plan shows, with some space around it.
 *
 * @param {FloorPositions} positions
 * @param {readonly (readonly [number, number])[]} corners of sections, which are shown, too
 * @returns {Extent}
 */
export function floorExtent({ xs, ys }, corners) {
  const [left, right] = range(xs, corners.map(([x]) => x));
  const [bottom, top] = range(ys, corners.map(([, y]) => y));
  const space = PADDING * Math.max(right - left, top - bottom, 1);
  return { left: left - space, right: right + space, bottom: bottom - space, top: top + space };
}

/**
 * Returns the points of a stretch of a path that are so far apart that the plan shows them.
 *
 * @param {FloorPositions} positions
 * @param {number} start first observation
 * @param {number} end the observation after the last
 * @param {number} leastM smallest distance between two points
 * @returns {[number, number][]}
 */
export function thinnedPath({ xs, ys }, start, end, leastM) {
  /** @type {[number, number][]} */
  const points = [[xs[start], ys[start]]];
  for (let at = start + 1; at < end; at++) {
    const [x, y] = points[points.length - 1];
    if (at === end - 1 || Math.hypot(xs[at] - x, ys[at] - y) >= leastM) points.push([xs[at], ys[at]]);
  }
  return points;
}

/**
 * Returns a round distance for the lines of a grid: 1, 2 or 5 times a power of ten.
 *
 * @param {number} leastM the lines are at least this far apart
 */
export function gridStepM(leastM) {
  const power = 10 ** Math.floor(Math.log10(leastM));
  return power * ([1, 2, 5].find((factor) => factor * power >= leastM) ?? 10);
}

/**
 * Returns the smallest and the largest of many values and some important ones, without the outermost of the many.
 *
 * @param {Float64Array} values
 * @param {number[]} important
 * @returns {[number, number]}
 */
function range(values, important) {
  const sorted = values.slice().sort();
  const left = Math.floor(OUTER_SHARE * sorted.length);
  const inner = sorted.length > 0 ? [sorted[left], sorted[sorted.length - 1 - left]] : [];
  const all = [...inner, ...important];
  return all.length > 0 ? [Math.min(...all), Math.max(...all)] : [0, 1];
}

/** @param {number} ratio */
function limited(ratio) {
  return Math.min(Math.max(ratio, 0), 1);
}

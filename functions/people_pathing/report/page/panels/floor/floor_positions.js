import { floorPosition } from "#page/counting/floor/homography.js";

/** The outermost positions do not make the plan larger. Far away, a pixel is many metres. */
const OUTER_SHARE = 0.005;
/** Space around the plan, as a share of its longer side. */
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
    const foot = /** @type {const} */ ([
      limited(lefts[at] + widths[at] / 2),
      limited(tops[at] + heights[at]),
    ]);
    [xs[at], ys[at]] = floorPosition(homography, foot);
  }
  return { xs, ys };
}

/**
 * Returns the part of the floor where people are, without the outermost of them.
 *
 * @param {FloorPositions} positions
 * @returns {Extent | null} null without people
 */
export function busyExtent({ xs, ys }) {
  if (xs.length === 0) return null;
  const [left, right] = innerRange(xs);
  const [bottom, top] = innerRange(ys);
  return { left, right, bottom, top };
}

/**
 * Returns the part of the floor that the plan shows, with some space around it.
 *
 * @param {Extent | null} busy where people are
 * @param {readonly (readonly [number, number])[]} corners of sections, which are shown, too
 * @returns {Extent}
 */
export function floorExtent(busy, corners) {
  const xs = [...(busy ? [busy.left, busy.right] : []), ...corners.map(([x]) => x)];
  const ys = [...(busy ? [busy.bottom, busy.top] : []), ...corners.map(([, y]) => y)];
  if (xs.length === 0) return { left: 0, right: 1, bottom: 0, top: 1 };
  const [left, right] = [Math.min(...xs), Math.max(...xs)];
  const [bottom, top] = [Math.min(...ys), Math.max(...ys)];
  const space = PADDING * Math.max(right - left, top - bottom, 1);
  return { left: left - space, right: right + space, bottom: bottom - space, top: top + space };
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
 * @param {Float64Array} values at least one
 * @returns {[number, number]}
 */
function innerRange(values) {
  const sorted = values.slice().sort();
  const outer = Math.floor(OUTER_SHARE * sorted.length);
  return [sorted[outer], sorted[sorted.length - 1 - outer]];
}

/** @param {number} ratio */
function limited(ratio) {
  return Math.min(Math.max(ratio, 0), 1);
}

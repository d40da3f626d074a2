/**
 * The points of people's paths, and the steps between them. The twin of path_points.py and of `Step` in
 * counting/geometry.py.
 *
 * Columns in typed arrays take the place of Python's objects: one for each observation would take too long
 * while a zone is dragged.
 *
 * @typedef {import("#page/data/report_data.js").Observations} Observations
 */

import { rounded } from "#page/counting/geometry.js";

/**
 * The steps of all paths: the straight paths between an observation and the one before. The first observation
 * of a path, or after a long gap, is a step of its own, which starts where it ends.
 */
export class Steps {
  /**
   * @param {Observations} observations
   * @param {FootPoints} points of the observations, in frame heights
   * @param {number} maxGapMs longest time between two observations that does not interrupt a path
   */
  constructor(observations, points, maxGapMs) {
    /** Indexes of the people, ascending. */
    this.people = observations.people;
    /** Where the steps of each person start. One element more than `people`. */
    this.starts = observations.starts;
    this.timesMs = observations.timesMs;
    /** Heights of the boxes, in frame heights. */
    this.boxHeights = observations.heights;
    this.xs = points.xs;
    this.ys = points.ys;
    /** At which observation each step starts. */
    this.from = stepOrigins(observations, maxGapMs);
  }

  /**
   * Returns the point after a share of a step, from 0 to 1, in frame heights.
   *
   * @param {number} at which step
   * @param {number} share
   * @returns {[number, number]}
   */
  pointAt(at, share) {
    const from = this.from[at];
    const x = this.xs[from];
    const y = this.ys[from];
    return [x + share * (this.xs[at] - x), y + share * (this.ys[at] - y)];
  }

  /**
   * Returns the time after a share of a step, rounded to a millisecond.
   *
   * @param {number} at which step
   * @param {number} share
   */
  msAt(at, share) {
    const startMs = this.timesMs[this.from[at]];
    return rounded(startMs + share * (this.timesMs[at] - startMs));
  }
}

/**
 * Returns the steps of all paths.
 *
 * @param {Observations} observations
 * @param {FootPoints} points of the observations, in frame heights
 * @param {number} maxGapMs longest time between two observations that does not interrupt a path
 */
export function stepsBetween(observations, points, maxGapMs) {
  return new Steps(observations, points, maxGapMs);
}

/** @typedef {{xs: Float64Array, ys: Float64Array}} FootPoints */

/**
 * Returns the middles of the boxes' lower edges, limited to the frame, in frame heights.
 *
 * @param {Observations} observations
 * @param {number} aspectRatio width of the frame divided by its height
 * @returns {FootPoints}
 */
export function footPoints(observations, aspectRatio) {
  const { timesMs, lefts, tops, widths, heights } = observations;
  const xs = new Float64Array(timesMs.length);
  const ys = new Float64Array(timesMs.length);
  for (let at = 0; at < timesMs.length; at++) {
    xs[at] = limited(lefts[at] + widths[at] / 2) * aspectRatio;
    ys[at] = limited(tops[at] + heights[at]);
  }
  return { xs, ys };
}

/**
 * Returns the middle of a box's lower edge, limited to the frame, as ratios of the frame.
 *
 * @param {Observations} observations
 * @param {number} at which observation
 * @returns {[number, number]}
 */
export function footPoint(observations, at) {
  const { lefts, tops, widths, heights } = observations;
  return [limited(lefts[at] + widths[at] / 2), limited(tops[at] + heights[at])];
}

/**
 * @param {Observations} observations
 * @param {number} maxGapMs
 */
function stepOrigins({ starts, timesMs }, maxGapMs) {
  const from = new Uint32Array(timesMs.length);
  for (let person = 0; person + 1 < starts.length; person++) {
    const start = starts[person];
    for (let at = start; at < starts[person + 1]; at++) {
      from[at] = at === start || timesMs[at] - timesMs[at - 1] > maxGapMs ? at : at - 1;
    }
  }
  return from;
}

/** @param {number} ratio */
function limited(ratio) {
  return Math.min(Math.max(ratio, 0), 1);
}

/**
 * Finds where one person crosses one line. The twin of counting/line_crossings.py.
 *
 * @typedef {import("#page/counting/events.js").Direction} Direction
 * @typedef {import("#page/counting/geometry.js").Segment} Segment
 * @typedef {import("#page/counting/path_points.js").Steps} Steps
 * @typedef {import("#page/counting/zones_file.js").Rules} Rules
 */

import { cross, distanceToSegment, shareAtSegment } from "#page/counting/geometry.js";

/**
 * A step of a path that leads through a line.
 *
 * @typedef {object} Passage
 * @property {Direction} direction from right to left is `in`
 * @property {number} at which step
 * @property {number} share after which share of the step it meets the line
 */

/** @type {readonly Passage[]} */
const NONE = [];

/** Follows one person at one line. */
export class LineCrossings {
  /**
   * @type {Passage[]} since the last confirmation; they all have one direction, because opposite ones cancel
   */
  #passages = [];
  #isConfirmed = false;
  /** @type {number | null} */
  #clearSinceMs = null;
  #line;
  #rules;
  #steps;

  /**
   * @param {Segment} line in frame heights
   * @param {Rules} rules when a crossing counts
   * @param {Steps} steps of all paths
   */
  constructor(line, rules, steps) {
    this.#line = line;
    this.#rules = rules;
    this.#steps = steps;
  }

  /** Forgets the path: a person or a stretch of a path begins. */
  interrupt() {
    this.#isConfirmed = false;
    this.#passages = [];
    this.#clearSinceMs = null;
  }

  /**
   * Adds one observation. Returns the crossings that are confirmed now.
   *
   * @param {number} at the step to it
   * @returns {readonly Passage[]}
   */
  add(at) {
    const steps = this.#steps;
    const share = shareAtSegment(steps, at, this.#line);
    if (share !== null) {
      this.#pass({ direction: cross(this.#line, steps.xs[at], steps.ys[at]) < 0 ? "in" : "out", at, share });
    }
    if (this.#isConfirmed && this.#passages.length === 0) return NONE;
    if (!this.#hasSettled(at)) return NONE;
    const crossings = this.#isConfirmed ? this.#passages : NONE;
    this.#isConfirmed = true;
    this.#passages = [];
    return crossings;
  }

  /** @param {Passage} passage */
  #pass(passage) {
    this.#clearSinceMs = null;
    const last = this.#passages.at(-1);
    if (last && last.direction !== passage.direction) this.#passages.pop();
    else this.#passages.push(passage);
  }

  /**
   * Tells whether the person has been clear of the line for long enough.
   *
   * @param {number} at
   */
  #hasSettled(at) {
    const { xs, ys, timesMs, boxHeights } = this.#steps;
    if (distanceToSegment(this.#line, xs[at], ys[at]) <= this.#rules.margin * boxHeights[at]) {
      this.#clearSinceMs = null;
      return false;
    }
    this.#clearSinceMs ??= timesMs[at];
    return timesMs[at] - this.#clearSinceMs >= this.#rules.confirm_ms;
  }
}

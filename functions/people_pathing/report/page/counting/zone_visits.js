/**
 * Finds when one person visits one zone. The twin of counting/zone_visits.py.
 *
 * @typedef {import("#page/counting/events.js").Cause} Cause
 * @typedef {import("#page/counting/geometry.js").Edges} Edges
 * @typedef {import("#page/counting/path_points.js").Steps} Steps
 * @typedef {import("#page/counting/zones_file.js").Rules} Rules
 */

import { boundingBox, contains, distanceToBoundary, sharesAtBoundary } from "#page/counting/geometry.js";

/**
 * Where a path met the boundary of a zone, or where it began.
 *
 * @typedef {object} Change
 * @property {number} at which step of the path
 * @property {number} share after which share of the step
 */

/**
 * A visit as it is seen at one zone.
 *
 * @typedef {object} Stay
 * @property {Change} enter
 * @property {Cause} enterCause
 * @property {Change} exit
 * @property {Cause} exitCause
 */

/**
 * What is known about the path of one person at one zone.
 *
 * @typedef {object} Path
 * @property {Change} change the last change of sides, confirmed or not; before the first, the start of the
 *   path
 * @property {boolean} wasInside whether the last observation was inside
 * @property {number} last the step to the last observation
 * @property {number | null} sinceMs since when all observations speak for a side that is not confirmed yet
 * @property {boolean} isOutside whether the person is confirmed outside
 * @property {Change | null} enter where the visit began; null if the person is not confirmed inside
 * @property {Cause} enterCause why it began
 */

/** Follows one person at one zone. */
export class ZoneVisits {
  /** @type {Path | null} */
  #path = null;
  #edges;
  #box;
  #rules;
  #steps;

  /**
   * @param {Edges} edges of the zone, in frame heights
   * @param {Rules} rules when a person enters and exits
   * @param {Steps} steps of all paths
   */
  constructor(edges, rules, steps) {
    this.#edges = edges;
    this.#box = boundingBox(edges);
    this.#rules = rules;
    this.#steps = steps;
  }

  /**
   * Adds one observation. Returns the visit that is confirmed to have ended.
   *
   * @param {number} at the step to it
   * @returns {Stay | null}
   */
  add(at) {
    const inside = this.#contains(at);
    let path = this.#path;
    if (path === null) {
      path = {
        change: { at, share: 1 },
        wasInside: inside,
        last: at,
        sinceMs: null,
        isOutside: false,
        enter: null,
        enterCause: "appeared",
      };
      this.#path = path;
    } else if (inside !== path.wasInside) {
      path.change = inside ? this.#entry(at) : this.#exit(at);
      path.sinceMs = null;
    }
    path.wasInside = inside;
    path.last = at;
    if (path.enter !== null) {
      if (!inside && this.#hasLasted(path, this.#isClear(at))) {
        /** @type {Stay} */
        const stay = {
          enter: path.enter,
          enterCause: path.enterCause,
          exit: path.change,
          exitCause: "crossed",
        };
        path.enter = null;
        path.isOutside = true;
        return stay;
      }
    } else if (inside) {
      if (this.#hasLasted(path, true)) {
        path.enter = path.change;
        path.enterCause = path.isOutside ? "crossed" : "appeared";
        path.isOutside = false;
      }
    } else if (!path.isOutside) {
      path.isOutside = this.#hasLasted(path, this.#isClear(at));
    }
    return null;
  }

  /**
   * Ends the path of a person, or a stretch of it. Returns the visit that ends with it.
   *
   * @returns {Stay | null}
   */
  interrupt() {
    const path = this.#path;
    this.#path = null;
    if (path === null || path.enter === null) return null;
    const end = path.wasInside ? { at: path.last, share: 1 } : path.change;
    return { enter: path.enter, enterCause: path.enterCause, exit: end, exitCause: "vanished" };
  }

  /**
   * Tells whether the observations have spoken for the new side for long enough.
   *
   * @param {Path} path
   * @param {boolean} isClear
   */
  #hasLasted(path, isClear) {
    if (!isClear) {
      path.sinceMs = null;
      return false;
    }
    const nowMs = this.#steps.timesMs[path.last];
    path.sinceMs ??= nowMs;
    return nowMs - path.sinceMs >= this.#rules.confirm_ms;
  }

  /** @param {number} at */
  #contains(at) {
    const { left, top, right, bottom } = this.#box;
    const x = this.#steps.xs[at];
    const y = this.#steps.ys[at];
    return left <= x && x <= right && top <= y && y <= bottom && contains(this.#edges, x, y);
  }

  /** @param {number} at */
  #isClear(at) {
    const { xs, ys, boxHeights } = this.#steps;
    return distanceToBoundary(this.#edges, xs[at], ys[at]) > this.#rules.margin * boxHeights[at];
  }

  /**
   * Returns the last place where a step meets the boundary.
   *
   * @param {number} at
   * @returns {Change}
   */
  #entry(at) {
    return { at, share: sharesAtBoundary(this.#edges, this.#steps, at).at(-1) ?? 1 };
  }

  /**
   * Returns the first place where a step meets the boundary. Without one, the step starts or ends on the
   * boundary.
   *
   * @param {number} at
   * @returns {Change}
   */
  #exit(at) {
    return { at, share: sharesAtBoundary(this.#edges, this.#steps, at).at(0) ?? 0 };
  }
}

/**
 * Checks that calibration points determine the floor. The twin of floor/checks.py.
 *
 * @typedef {import("#page/counting/zones_file.js").CalibrationPoint} CalibrationPoint
 * @typedef {import("#page/counting/zones_file.js").Matrix} Matrix
 * @typedef {import("#page/counting/zones_file.js").Point} Point
 */

import { DegeneratePointsError, fitHomography } from "#page/counting/floor/homography.js";
import { distance } from "#page/counting/geometry.js";

/** Smallest sine of an angle between three points, about one degree. */
const MIN_ANGLE = 0.02;
/** Smallest distance of two points, as a share of the largest. */
const MIN_SPACING = 1e-3;
/** @type {readonly Point[]} */
const CORNERS = [
  [0, 0],
  [1, 0],
  [1, 1],
  [0, 1],
];

/**
 * Returns why points do not determine the floor of the whole frame, or null. Points count from 1.
 *
 * @param {readonly CalibrationPoint[]} points at least four; no three of some four of them must be on one
 *   straight line, in the picture and on the floor
 * @returns {string | null}
 */
export function calibrationProblem(points) {
  const problem =
    placementProblem(
      points.map((point) => point.image),
      "in the picture",
    ) ??
    placementProblem(
      points.map((point) => point.floor_m),
      "on the floor",
    );
  if (problem !== null) return problem;
  try {
    return horizonProblem(fitHomography(points), points);
  } catch (error) {
    if (error instanceof DegeneratePointsError) return error.message;
    throw error;
  }
}

/**
 * @param {readonly Point[]} places
 * @param {string} where
 * @returns {string | null}
 */
function placementProblem(places, where) {
  const numbers = places.map((_, at) => at + 1);
  const pairs = [...combinations(numbers, 2)];
  const apart = (/** @type {number[]} */ [one, other]) => distance(places[one - 1], places[other - 1]);
  const longest = Math.max(...pairs.map(apart));
  const close = pairs.find((pair) => apart(pair) <= longest * MIN_SPACING);
  if (close) return `points ${close[0]} and ${close[1]} are at the same place ${where}; choose another point`;
  const flat = [...combinations(numbers, 3)].filter(([a, b, c]) =>
    isFlat(places[a - 1], places[b - 1], places[c - 1]),
  );
  const flatNames = new Set(flat.map(String));
  // Four points are enough if no three of them are on a line, wherever the rest is.
  for (const four of combinations(numbers, 4)) {
    if (![...combinations(four, 3)].some((three) => flatNames.has(String(three)))) return null;
  }
  const [first, second, third] = flat[0];
  return (
    `points ${first}, ${second} and ${third} are on one straight line ${where}; ` +
    "choose four points, no three of them on one line"
  );
}

/**
 * Returns where the horizon crosses the frame, if it does.
 *
 * On the horizon, a position on the floor is infinitely far away. It is where the last row of the matrix
 * gives 0, so on one side of it the row is positive and on the other negative.
 *
 * @param {Matrix} homography
 * @param {readonly CalibrationPoint[]} points
 * @returns {string | null}
 */
function horizonProblem(homography, points) {
  const [g, h, i] = homography.slice(6);
  const isPositive = (/** @type {Point} */ [x, y]) => g * x + h * y + i > 0;
  const atPoints = new Set(points.map((point) => isPositive(point.image)));
  const atCorners = new Set(CORNERS.map(isPositive));
  if (atPoints.size > 1) {
    return "the horizon leads between the points, so they are not on one floor; check their order";
  }
  if (atCorners.size === 1 && [...atCorners][0] === [...atPoints][0]) return null;
  const [left, right] = [0, 1].map((x) => (-(g * x + i) / h).toFixed(2));
  const where = h === 0 ? "" : ` (at y = ${left} on the left and ${right} on the right)`;
  return (
    `the horizon of these points leads through the frame${where}; the floor ends there. ` +
    "Choose points that are farther apart, or measure them again"
  );
}

/**
 * Tells whether three points are nearly on one straight line: the largest angle is nearly 180 degrees.
 *
 * @param {Point} first
 * @param {Point} second
 * @param {Point} third
 */
function isFlat(first, second, third) {
  const sides = [distance(first, second), distance(second, third), distance(third, first)];
  sides.sort((one, other) => one - other);
  return Math.abs(turn(first, second, third)) <= MIN_ANGLE * sides[0] * sides[1] || sides[0] === 0;
}

/**
 * Returns twice the area of a triangle, positive or negative by the direction of its vertices.
 *
 * @param {Point} first
 * @param {Point} second
 * @param {Point} third
 */
function turn([x1, y1], [x2, y2], [x3, y3]) {
  return (x2 - x1) * (y3 - y1) - (x3 - x1) * (y2 - y1);
}

/**
 * Yields all ways to choose some of several values, in their order.
 *
 * @template T
 * @param {readonly T[]} values
 * @param {number} size
 * @returns {Generator<T[]>}
 */
function* combinations(values, size) {
  if (size === 0) yield [];
  for (let at = 0; size > 0 && at <= values.length - size; at++) {
    for (const rest of combinations(values.slice(at + 1), size - 1)) yield [values[at], ...rest];
  }
}

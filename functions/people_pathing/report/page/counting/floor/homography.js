/**
 * Homographies: from a point of the picture to a position on the floor. The twin of floor/homography.py.
 *
 * A homography is exact for a flat floor and a lens without distortion. It is fitted as in Hartley and
 * Zisserman, Multiple View Geometry, algorithm 4.2, with the last number of the matrix fixed to 1.
 *
 * @typedef {import("#page/counting/zones_file.js").CalibrationPoint} CalibrationPoint
 * @typedef {import("#page/counting/zones_file.js").Matrix} Matrix
 * @typedef {import("#page/counting/zones_file.js").Point} Point
 */

import { distance } from "#page/counting/geometry.js";
import { pythonText } from "#page/counting/zones_file/python_text.js";

/** Unknowns of a homography. */
const SIZE = 8;

/** The points do not determine a homography. */
export class DegeneratePointsError extends Error {
  name = "DegeneratePointsError";
}

/**
 * Returns the position on the floor of a point of the picture, in metres.
 *
 * @param {Matrix} homography
 * @param {Point} point
 * @returns {[number, number]}
 * @throws {DegeneratePointsError} the point is on the horizon
 */
export function floorPosition(homography, [x, y]) {
  const [a, b, c, d, e, f, g, h, i] = homography;
  const scale = g * x + h * y + i;
  if (scale === 0) {
    throw new DegeneratePointsError(
      `the point ${pythonText(x)}, ${pythonText(y)} is on the horizon, so it has no position on the floor`,
    );
  }
  return [(a * x + b * y + c) / scale, (d * x + e * y + f) / scale];
}

/**
 * Returns the homography with the smallest squared algebraic error; exact for four points.
 *
 * @param {readonly CalibrationPoint[]} points
 * @returns {Matrix}
 * @throws {DegeneratePointsError} the points do not determine one
 */
export function fitHomography(points) {
  const image = normalized(points.map((point) => point.image));
  const floor = normalized(points.map((point) => point.floor_m));
  const rows = image.points.flatMap(([x, y], at) => {
    const [u, v] = floor.points[at];
    return [
      [x, y, 1, 0, 0, 0, -u * x, -u * y, u],
      [0, 0, 0, x, y, 1, -v * x, -v * y, v],
    ];
  });
  const fitted = [...leastSquares(rows), 1];
  // Back to ratios and metres: inverse(floor's) · fitted · image's.
  const { scale: floorScale, centre: floorCentre } = floor;
  const inverse = [1 / floorScale, 0, floorCentre[0], 0, 1 / floorScale, floorCentre[1], 0, 0, 1];
  const { scale, centre } = image;
  const forward = [scale, 0, -centre[0] * scale, 0, scale, -centre[1] * scale, 0, 0, 1];
  const matrix = product(product(inverse, fitted), forward);
  if (matrix[8] === 0) {
    throw new DegeneratePointsError("the top left corner of the frame is on the horizon of the points");
  }
  return matrix.map((value) => value / matrix[8]);
}

/**
 * Returns for each point the distance in metres between its fitted and its known position.
 *
 * @param {readonly CalibrationPoint[]} points
 * @param {Matrix} homography
 * @returns {number[]}
 */
export function reprojectionErrorsM(points, homography) {
  return points.map((point) => distance(floorPosition(homography, point.image), point.floor_m));
}

/**
 * Moves points around the origin, at a mean distance of √2 from it.
 *
 * @param {readonly Point[]} points
 * @returns {{points: [number, number][], scale: number, centre: [number, number]}}
 */
function normalized(points) {
  /** @type {[number, number]} */
  const centre = [sum(points.map(([x]) => x)) / points.length, sum(points.map(([, y]) => y)) / points.length];
  const spread = sum(points.map((point) => distance(point, centre))) / points.length;
  if (spread === 0) throw new DegeneratePointsError("all points are at the same place");
  const scale = Math.sqrt(2) / spread;
  return {
    points: points.map(([x, y]) => [(x - centre[0]) * scale, (y - centre[1]) * scale]),
    scale,
    centre,
  };
}

/**
 * Solves overdetermined linear equations by their normal equations.
 *
 * @param {readonly (readonly number[])[]} rows coefficients, then the right side
 * @returns {number[]}
 */
function leastSquares(rows) {
  const columns = Array.from({ length: SIZE + 1 }, (_, at) => at);
  const unknowns = columns.slice(0, SIZE);
  const table = unknowns.map((at) => columns.map((other) => sum(rows.map((row) => row[at] * row[other]))));
  for (const column of unknowns) {
    let pivot = column;
    for (let row = column + 1; row < SIZE; row++) {
      if (Math.abs(table[row][column]) > Math.abs(table[pivot][column])) pivot = row;
    }
    if (Math.abs(table[pivot][column]) < 1e-12) {
      throw new DegeneratePointsError(
        "the points do not determine the floor; check their order, and choose points far apart",
      );
    }
    [table[column], table[pivot]] = [table[pivot], table[column]];
    for (const row of unknowns) {
      if (row === column) continue;
      const factor = table[row][column] / table[column][column];
      table[row] = table[row].map((value, at) => value - factor * table[column][at]);
    }
  }
  return unknowns.map((at) => table[at][SIZE] / table[at][at]);
}

/**
 * @param {readonly number[]} first
 * @param {readonly number[]} second
 * @returns {number[]}
 */
function product(first, second) {
  return first.map((_, place) => {
    const row = Math.floor(place / 3);
    return sum([0, 1, 2].map((at) => first[3 * row + at] * second[3 * at + (place % 3)]));
  });
}

/** @param {readonly number[]} values */
function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}

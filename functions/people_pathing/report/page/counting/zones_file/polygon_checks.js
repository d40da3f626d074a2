/**
 * Checks that a polygon has no repeated vertex and that its edges do not cross or touch each other. The twin
 * of zones_file/polygon_checks.py.
 *
 * The checks are exact: every number is a whole multiple of the same power of two, so nothing is lost by
 * rounding.
 *
 * @typedef {import("#page/counting/zones_file.js").Point} Point
 * @typedef {readonly [x: bigint, y: bigint]} Exact
 */

/**
 * Returns what is wrong with a polygon, or null. Vertices and edges count from 1.
 *
 * Edge N leads from vertex N to the next one.
 *
 * @param {readonly Point[]} polygon
 * @returns {string | null}
 */
export function polygonProblem(polygon) {
  const count = polygon.length;
  for (const [first, second] of pairs(count)) {
    if (polygon[first][0] !== polygon[second][0] || polygon[first][1] !== polygon[second][1]) continue;
    const isClosing = first === 0 && second === count - 1;
    const hint = isClosing ? "the polygon closes by itself, so leave the last vertex out" : "remove one";
    return `vertex ${second + 1} repeats vertex ${first + 1}; ${hint}`;
  }
  const exact = exactPoints(polygon);
  for (const [first, second] of pairs(count)) {
    const [a, b, c, d] = [first, first + 1, second, second + 1].map((at) => exact[at % count]);
    if (second - first === 1 || second - first === count - 1) {
      // Both edges have one vertex in common. They must not lead back over each other.
      const [start, corner, end] = second - first === 1 ? [a, b, d] : [c, d, b];
      if (turn(start, corner, end) === 0 && reachesBack(start, corner, end)) {
        return `edges ${first + 1} and ${second + 1} overlap; move or remove a vertex`;
      }
    } else if (boxesMeet(polygon, first, second) && meet(a, b, c, d)) {
      return `edges ${first + 1} and ${second + 1} cross or touch; order the vertices around the zone`;
    }
  }
  return null;
}

/** @param {number} count */
function* pairs(count) {
  for (let first = 0; first < count; first++) {
    for (let second = first + 1; second < count; second++) yield [first, second];
  }
}

/**
 * Multiplies all points by the smallest power of two that makes whole numbers of them.
 *
 * @param {readonly Point[]} points
 * @returns {Exact[]}
 */
function exactPoints(points) {
  const bits = Math.max(0, ...points.flat().map(fractionBits));
  return points.map(([x, y]) => [exactMultiple(x, bits), exactMultiple(y, bits)]);
}

/**
 * Returns how many binary digits a number has after its point.
 *
 * @param {number} value
 */
function fractionBits(value) {
  let bits = 0;
  for (let rest = value; !Number.isInteger(rest); rest *= 2) bits++;
  return bits;
}

/**
 * @param {number} value
 * @param {number} bits
 */
function exactMultiple(value, bits) {
  const own = fractionBits(value);
  // A number below 1 with more than 1,074 digits after its point does not exist, so this is finite.
  let whole = value;
  for (let bit = 0; bit < own; bit++) whole *= 2;
  return BigInt(whole) << BigInt(bits - own);
}

/**
 * Tells whether two segments have a point in common.
 *
 * @param {Exact} start
 * @param {Exact} end
 * @param {Exact} otherStart
 * @param {Exact} otherEnd
 */
function meet(start, end, otherStart, otherEnd) {
  const toOtherStart = turn(start, end, otherStart);
  const toOtherEnd = turn(start, end, otherEnd);
  const toStart = turn(otherStart, otherEnd, start);
  const toEnd = turn(otherStart, otherEnd, end);
  if (toOtherStart !== toOtherEnd && toStart !== toEnd) return true;
  return (
    (toOtherStart === 0 && isBetween(start, end, otherStart)) ||
    (toOtherEnd === 0 && isBetween(start, end, otherEnd)) ||
    (toStart === 0 && isBetween(otherStart, otherEnd, start)) ||
    (toEnd === 0 && isBetween(otherStart, otherEnd, end))
  );
}

/**
 * Returns 1 or -1 for the side of a segment on which a point is, 0 on its straight line.
 *
 * @param {Exact} start
 * @param {Exact} end
 * @param {Exact} point
 */
function turn([x1, y1], [x2, y2], [x, y]) {
  const cross = (x2 - x1) * (y - y1) - (y2 - y1) * (x - x1);
  return cross > 0n ? 1 : cross < 0n ? -1 : 0;
}

/**
 * Tells whether a point on the straight line of a segment is on the segment.
 *
 * @param {Exact} start
 * @param {Exact} end
 * @param {Exact} point
 */
function isBetween(start, end, point) {
  return [0, 1].every((axis) => {
    const [low, high] = start[axis] < end[axis] ? [start[axis], end[axis]] : [end[axis], start[axis]];
    return low <= point[axis] && point[axis] <= high;
  });
}

/**
 * Tells whether two edges on one straight line lead in opposite directions from their corner.
 *
 * @param {Exact} start
 * @param {Exact} corner
 * @param {Exact} end
 */
function reachesBack([x1, y1], [x2, y2], [x3, y3]) {
  return (x1 - x2) * (x3 - x2) + (y1 - y2) * (y3 - y2) > 0n;
}

/**
 * Tells whether the bounding boxes of two edges meet. Exact numbers take long, so most pairs end here.
 *
 * @param {readonly Point[]} polygon
 * @param {number} first
 * @param {number} second
 */
function boxesMeet(polygon, first, second) {
  const [a, b, c, d] = [first, first + 1, second, second + 1].map((at) => polygon[at % polygon.length]);
  return [0, 1].every(
    (axis) =>
      Math.min(a[axis], b[axis]) <= Math.max(c[axis], d[axis]) &&
      Math.min(c[axis], d[axis]) <= Math.max(a[axis], b[axis]),
  );
}

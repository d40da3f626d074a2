/**
 * Plane geometry of foot points, lines and polygons, in frame heights. The twin of counting/geometry.py.
 *
 * x is multiplied by the frame's aspect ratio first, so that distances are the same in both directions. All
 * functions use only sums, products, quotients, square roots and comparisons, in the same order as in Python,
 * so both give the same results to the last bit.
 *
 * @typedef {import("#page/counting/path_points.js").Steps} Steps
 */

/**
 * A straight segment: a line, or an edge of a polygon.
 *
 * @typedef {object} Segment
 * @property {number} startX
 * @property {number} startY
 * @property {number} endX
 * @property {number} endY
 */

/**
 * A polygon as its edges. Edge 0 leads from the last vertex to the first.
 *
 * @typedef {readonly Segment[]} Edges
 */

/** @typedef {{left: number, top: number, right: number, bottom: number}} Box */

/**
 * Returns the nearest whole number; halves are rounded up.
 *
 * @param {number} value
 */
export function rounded(value) {
  // Not Math.round, which differs from Python's sum and floor just below a half.
  return Math.floor(value + 0.5);
}

/**
 * Returns a segment between two points in ratios of the frame as a segment in frame heights.
 *
 * @param {readonly [number, number]} start
 * @param {readonly [number, number]} end
 * @param {number} aspectRatio width of the frame divided by its height
 * @returns {Segment}
 */
export function scaledSegment(start, end, aspectRatio) {
  return { startX: start[0] * aspectRatio, startY: start[1], endX: end[0] * aspectRatio, endY: end[1] };
}

/**
 * Returns the edges of a polygon, whose vertices are ratios of the frame, in frame heights.
 *
 * @param {readonly (readonly [number, number])[]} polygon
 * @param {number} aspectRatio width of the frame divided by its height
 * @returns {Edges}
 */
export function scaledEdges(polygon, aspectRatio) {
  return polygon.map((vertex, at) => scaledSegment(polygon.at(at - 1) ?? vertex, vertex, aspectRatio));
}

/**
 * Returns the cross product of a line and a point.
 *
 * It is negative on the left side of the line, seen from its start to its end, because y grows downwards.
 *
 * @param {Segment} line
 * @param {number} x
 * @param {number} y
 */
export function cross(line, x, y) {
  return (line.endX - line.startX) * (y - line.startY) - (line.endY - line.startY) * (x - line.startX);
}

/**
 * Returns after which share of a step it meets a segment; null if it does not.
 *
 * The step meets the segment if its ends are on different sides of the segment's straight line, where a point
 * on that line counts as on its right side, and if it meets the line between the ends of the segment.
 *
 * @param {Steps} steps
 * @param {number} at which step
 * @param {Segment} segment
 * @returns {number | null}
 */
export function shareAtSegment(steps, at, segment) {
  const from = steps.from[at];
  const before = cross(segment, steps.xs[from], steps.ys[from]);
  const after = cross(segment, steps.xs[at], steps.ys[at]);
  if (before < 0 === after < 0) return null;
  const share = before / (before - after);
  const [x, y] = steps.pointAt(at, share);
  const lengthX = segment.endX - segment.startX;
  const lengthY = segment.endY - segment.startY;
  const along = (x - segment.startX) * lengthX + (y - segment.startY) * lengthY;
  return 0 <= along && along <= lengthX * lengthX + lengthY * lengthY ? share : null;
}

/**
 * Returns the distance of a point from the nearest point of a segment.
 *
 * @param {Segment} segment
 * @param {number} x
 * @param {number} y
 */
export function distanceToSegment(segment, x, y) {
  const lengthX = segment.endX - segment.startX;
  const lengthY = segment.endY - segment.startY;
  const along = (x - segment.startX) * lengthX + (y - segment.startY) * lengthY;
  const share = Math.min(Math.max(along / (lengthX * lengthX + lengthY * lengthY), 0), 1);
  const apartX = segment.startX + share * lengthX - x;
  const apartY = segment.startY + share * lengthY - y;
  return Math.sqrt(apartX * apartX + apartY * apartY);
}

/**
 * Returns the distance of two points.
 *
 * @param {readonly [number, number]} start
 * @param {readonly [number, number]} end
 */
export function distance(start, end) {
  const apartX = end[0] - start[0];
  const apartY = end[1] - start[1];
  // Not Math.hypot, which rounds in another way.
  return Math.sqrt(apartX * apartX + apartY * apartY);
}

/**
 * Returns the smallest rectangle around a polygon.
 *
 * @param {Edges} edges
 * @returns {Box}
 */
export function boundingBox(edges) {
  const xs = edges.map((edge) => edge.endX);
  const ys = edges.map((edge) => edge.endY);
  return { left: Math.min(...xs), top: Math.min(...ys), right: Math.max(...xs), bottom: Math.max(...ys) };
}

/**
 * Tells whether a point is inside a polygon or on its boundary.
 *
 * A ray from the point to the right meets the boundary an odd number of times if the point is inside.
 *
 * @param {Edges} edges
 * @param {number} x
 * @param {number} y
 */
export function contains(edges, x, y) {
  let inside = false;
  for (const edge of edges) {
    const { startX: x1, startY: y1, endX: x2, endY: y2 } = edge;
    const turn = cross(edge, x, y);
    if (
      turn === 0 &&
      Math.min(x1, x2) <= x &&
      x <= Math.max(x1, x2) &&
      Math.min(y1, y2) <= y &&
      y <= Math.max(y1, y2)
    ) {
      return true;
    }
    if (y1 > y !== y2 > y && turn > 0 === y2 > y1) inside = !inside;
  }
  return inside;
}

/**
 * Returns the distance of a point from the nearest point of a polygon's boundary.
 *
 * @param {Edges} edges
 * @param {number} x
 * @param {number} y
 */
export function distanceToBoundary(edges, x, y) {
  let nearest = Infinity;
  for (const edge of edges) nearest = Math.min(nearest, distanceToSegment(edge, x, y));
  return nearest;
}

/**
 * Returns after which shares of a step it meets the boundary of a polygon, in ascending order.
 *
 * @param {Edges} edges
 * @param {Steps} steps
 * @param {number} at which step
 * @returns {number[]}
 */
export function sharesAtBoundary(edges, steps, at) {
  return edges
    .map((edge) => shareAtSegment(steps, at, edge))
    .filter((share) => share !== null)
    .sort((one, other) => one - other);
}

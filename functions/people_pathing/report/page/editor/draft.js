/**
 * What is edited: zones.json, which may be invalid until it is saved. Every function returns a new draft and
 * keeps the objects that did not change, so that only changed sections are counted again.
 *
 * @typedef {import("#page/counting/zones_file.js").CalibrationPoint} CalibrationPoint
 * @typedef {import("#page/counting/zones_file.js").Line} Line
 * @typedef {import("#page/counting/zones_file.js").Mask} Mask
 * @typedef {import("#page/counting/zones_file.js").Point} Point
 * @typedef {import("#page/counting/zones_file.js").Rules} Rules
 * @typedef {import("#page/counting/zones_file.js").Zone} Zone
 * @typedef {import("#page/counting/zones_file.js").ZonesFile} ZonesFile
 */

/**
 * @typedef {object} Draft
 * @property {string | null} timezone IANA name; null for UTC
 * @property {Rules} rules
 * @property {readonly Zone[]} zones
 * @property {readonly Line[]} lines
 * @property {readonly Mask[]} masks
 * @property {readonly CalibrationPoint[]} points of the calibration
 */

/**
 * @typedef {"zone" | "line" | "mask" | "point"} Kind
 * @typedef {Zone | Line | Mask | CalibrationPoint} Shape
 */

/**
 * Which shape of a draft. A point of the calibration is a shape with one vertex.
 *
 * @typedef {object} Place
 * @property {Kind} kind
 * @property {number} at place among the shapes of its kind
 */

/** The members of a draft that have the shapes of each kind. */
const LISTS = /** @type {const} */ ({ zone: "zones", line: "lines", mask: "masks", point: "points" });

/** @type {readonly Kind[]} */
export const KINDS = ["zone", "line", "mask", "point"];

/** The fewest vertices that a shape can have. */
export const MIN_VERTICES = { zone: 3, line: 2, mask: 3, point: 1 };

/** Vertices are rounded to a tenth of a pixel in a frame of 10,000 pixels. */
const STEPS = 1e5;

/**
 * Returns the draft of a file.
 *
 * @param {ZonesFile} zonesFile
 * @returns {Draft}
 */
export function draftOf({ timezone, rules, zones, lines, masks, calibration }) {
  return { timezone: timezone ?? null, rules, zones, lines, masks, points: calibration?.points ?? [] };
}

/**
 * Returns the places of all shapes.
 *
 * @param {Draft} draft
 * @returns {Place[]}
 */
export function placesIn(draft) {
  return KINDS.flatMap((kind) => draft[LISTS[kind]].map((_, at) => ({ kind, at })));
}

/**
 * Returns a shape, or undefined if there is none at a place.
 *
 * @param {Draft} draft
 * @param {Place} place
 * @returns {Shape | undefined}
 */
export function shapeAt(draft, { kind, at }) {
  return draft[LISTS[kind]][at];
}

/**
 * Returns the vertices of the shape at a place; none if there is no shape.
 *
 * @param {Draft} draft
 * @param {Place} place
 * @returns {readonly Point[]}
 */
export function verticesAt(draft, place) {
  const shape = shapeAt(draft, place);
  if (!shape) return [];
  if ("polygon" in shape) return shape.polygon;
  return "image" in shape ? [shape.image] : [shape.start, shape.end];
}

/**
 * Returns what a shape is called.
 *
 * @param {Draft} draft
 * @param {Place} place
 */
export function titleAt(draft, place) {
  const shape = shapeAt(draft, place);
  return shape && "name" in shape ? shape.name : `point ${place.at + 1}`;
}

/**
 * Adds a shape with a name that is not used yet.
 *
 * @param {Draft} draft
 * @param {Kind} kind
 * @param {readonly Point[]} vertices
 * @returns {{draft: Draft, place: Place}}
 */
export function withShape(draft, kind, vertices) {
  const shape = newShape(kind, unusedName(draft, kind), vertices);
  const list = [...draft[LISTS[kind]], shape];
  return { draft: { ...draft, [LISTS[kind]]: list }, place: { kind, at: list.length - 1 } };
}

/**
 * Changes the vertices of a shape. Those beyond the frame are moved to its edge.
 *
 * @param {Draft} draft
 * @param {Place} place
 * @param {readonly Point[]} vertices
 * @returns {Draft}
 */
function withVertices(draft, place, vertices) {
  const rounded = vertices.map(inFrame);
  const [start, end] = rounded;
  if (place.kind === "line") return withMembers(draft, place, { start, end });
  return withMembers(draft, place, place.kind === "point" ? { image: start } : { polygon: rounded });
}

/**
 * Moves one vertex.
 *
 * @param {Draft} draft
 * @param {Place} place
 * @param {number} vertex
 * @param {Point} point
 * @returns {Draft}
 */
export function withMovedVertex(draft, place, vertex, point) {
  return withVertices(draft, place, verticesAt(draft, place).with(vertex, point));
}

/**
 * Moves a shape, but not beyond the frame.
 *
 * @param {Draft} draft
 * @param {Place} place
 * @param {number} moveX
 * @param {number} moveY
 * @returns {Draft}
 */
export function withMovedShape(draft, place, moveX, moveY) {
  const vertices = verticesAt(draft, place);
  const x = limitedMove(
    vertices.map((vertex) => vertex[0]),
    moveX,
  );
  const y = limitedMove(
    vertices.map((vertex) => vertex[1]),
    moveY,
  );
  return withVertices(
    draft,
    place,
    vertices.map((vertex) => [vertex[0] + x, vertex[1] + y]),
  );
}

/**
 * Inserts a vertex into a polygon.
 *
 * @param {Draft} draft
 * @param {Place} place
 * @param {number} vertex its number afterwards
 * @param {Point} point
 * @returns {Draft}
 */
export function withInsertedVertex(draft, place, vertex, point) {
  return withVertices(draft, place, verticesAt(draft, place).toSpliced(vertex, 0, point));
}

/**
 * Deletes a vertex. Without enough vertices, the whole shape is deleted.
 *
 * @param {Draft} draft
 * @param {Place} place
 * @param {number} vertex
 * @returns {Draft}
 */
export function withoutVertex(draft, place, vertex) {
  const vertices = verticesAt(draft, place);
  if (vertices.length <= MIN_VERTICES[place.kind]) return withoutShape(draft, place);
  return withVertices(draft, place, vertices.toSpliced(vertex, 1));
}

/**
 * Deletes a shape.
 *
 * @param {Draft} draft
 * @param {Place} place
 * @returns {Draft}
 */
export function withoutShape(draft, { kind, at }) {
  const list = LISTS[kind];
  return { ...draft, [list]: draft[list].filter((_, other) => other !== at) };
}

/**
 * Changes members of a shape. A member that is undefined is removed.
 *
 * @param {Draft} draft
 * @param {Place} place
 * @param {Readonly<Record<string, unknown>>} members
 * @returns {Draft}
 */
export function withMembers(draft, { kind, at }, members) {
  const list = LISTS[kind];
  const shape = Object.fromEntries(
    Object.entries({ ...draft[list][at], ...members }).filter(([, value]) => value !== undefined),
  );
  return { ...draft, [list]: draft[list].map((other, place) => (place === at ? shape : other)) };
}

/**
 * Reverses which way through a line is `in`.
 *
 * @param {Draft} draft
 * @param {Place} place of a line
 * @returns {Draft}
 */
export function withReversedLine(draft, place) {
  return withVertices(draft, place, verticesAt(draft, place).toReversed());
}

/**
 * @param {Kind} kind
 * @param {string} name
 * @param {readonly Point[]} vertices
 * @returns {Shape}
 */
function newShape(kind, name, vertices) {
  const polygon = vertices.map(inFrame);
  if (kind === "zone") return { name, polygon, minimum_stay_ms: 0 };
  if (kind === "mask") return { name, polygon };
  if (kind === "line") return { name, start: polygon[0], end: polygon[1] };
  return { image: polygon[0], floor_m: [0, 0] };
}

/**
 * @param {Draft} draft
 * @param {Kind} kind
 */
function unusedName({ zones, lines, masks }, kind) {
  const used = new Set([...zones, ...lines, ...masks].map((shape) => shape.name));
  let number = 1;
  while (used.has(`${kind} ${number}`)) number++;
  return `${kind} ${number}`;
}

/**
 * @param {readonly number[]} ratios
 * @param {number} move
 */
function limitedMove(ratios, move) {
  return Math.min(Math.max(move, -Math.min(...ratios)), 1 - Math.max(...ratios));
}

/**
 * @param {Point} point
 * @returns {Point}
 */
function inFrame([x, y]) {
  const limited = (/** @type {number} */ ratio) =>
    Math.round(Math.min(Math.max(ratio, 0), 1) * STEPS) / STEPS;
  return [limited(x), limited(y)];
}

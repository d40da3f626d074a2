/**
 * What is wrong with a draft, and what of it can be counted.
 *
 * @typedef {import("#page/counting/zones_file.js").Calibration} Calibration
 * @typedef {import("#page/counting/zones_file.js").CalibrationPoint} CalibrationPoint
 * @typedef {import("#page/counting/zones_file.js").ZonesFile} ZonesFile
 * @typedef {import("#page/editor/draft.js").Draft} Draft
 * @typedef {import("#page/editor/draft.js").Place} Place
 */

import { calibrationProblem } from "#page/counting/floor/checks.js";
import { fitHomography } from "#page/counting/floor/homography.js";
import { remembered } from "#page/counting/remembered.js";
import { readZonesFile, ZonesFileError } from "#page/counting/zones_file.js";
import { placesIn, shapeAt } from "#page/editor/draft.js";

export const MIN_CALIBRATION_POINTS = 4;

/** @type {import("#page/counting/zones_file.js").Rules} */
const NO_RULES = { margin: 0, confirm_ms: 0, max_gap_ms: 0, minimum_seen_ms: 0 };

/**
 * Returns what is wrong with a shape, or null. The messages are those for a file.
 *
 * @param {Draft} draft
 * @param {Place} place of a zone, line or mask
 * @returns {string | null}
 */
export function shapeProblem(draft, place) {
  const shape = shapeAt(draft, place);
  if (!shape || !("name" in shape)) return null;
  const problem = remembered(problemOfShape, shape, place.kind);
  if (problem !== null) return problem;
  // Counts belong to names, so neither of two shapes with one name counts.
  const named = [...draft.zones, ...draft.lines, ...draft.masks].filter(({ name }) => name === shape.name);
  return named.length === 1
    ? null
    : `the name "${shape.name}" is used twice; zones, lines and masks need different names`;
}

/**
 * Returns why the points of the calibration do not determine the floor; null if they do, or if there are
 * none.
 *
 * @param {Draft} draft
 * @returns {string | null}
 */
export function pointsProblem({ points }) {
  return points.length === 0 ? null : remembered(problemOfPoints, points);
}

/**
 * Returns the calibration of valid points.
 *
 * @param {readonly CalibrationPoint[]} points
 * @returns {Calibration}
 */
export function calibrationOf(points) {
  return { points, homography: fitHomography(points) };
}

/**
 * Returns everything that is wrong, each with its shape. A draft can be saved if there is nothing.
 *
 * @param {Draft} draft
 * @returns {{place: Place, problem: string}[]}
 */
export function problemsOf(draft) {
  const found = placesIn(draft)
    .filter(({ kind }) => kind !== "point")
    .map((place) => ({ place, problem: shapeProblem(draft, place) }));
  found.push({ place: { kind: "point", at: 0 }, problem: pointsProblem(draft) });
  return found.flatMap(({ place, problem }) => (problem === null ? [] : [{ place, problem }]));
}

/**
 * Returns what can be counted: everything that is valid. Objects stay the same as long as they are in the
 * draft.
 *
 * @param {Draft} draft
 * @returns {ZonesFile}
 */
export function validPart(draft) {
  const { timezone, rules, points } = draft;
  const isValid = (/** @type {Place} */ place) => shapeProblem(draft, place) === null;
  return {
    version: 1,
    ...(timezone === null ? {} : { timezone }),
    rules,
    zones: draft.zones.filter((_, at) => isValid({ kind: "zone", at })),
    lines: draft.lines.filter((_, at) => isValid({ kind: "line", at })),
    masks: draft.masks.filter((_, at) => isValid({ kind: "mask", at })),
    ...(points.length > 0 && pointsProblem(draft) === null
      ? { calibration: remembered(calibrationOf, points) }
      : {}),
  };
}

/**
 * @param {import("#page/editor/draft.js").Shape} shape
 * @param {Place["kind"]} kind
 * @returns {string | null}
 */
function problemOfShape(shape, kind) {
  try {
    readZonesFile({ version: 1, rules: NO_RULES, [`${kind}s`]: [shape] });
    return null;
  } catch (error) {
    if (!(error instanceof ZonesFileError)) throw error;
    // The form and the list say which shape it is.
    return error.message.replace(/^(zone|line|mask) (\d+|".*?"): /, "");
  }
}

/**
 * @param {readonly CalibrationPoint[]} points
 * @returns {string | null}
 */
function problemOfPoints(points) {
  if (points.length < MIN_CALIBRATION_POINTS) {
    return `there are ${points.length} points; give at least ${MIN_CALIBRATION_POINTS}`;
  }
  return calibrationProblem(points);
}

/**
 * Reads and validates zones.json: what is counted, and how. The twin of zones_file/reading.py.
 *
 * @typedef {import("#page/counting/zones_file/sections.js").Calibration} Calibration
 * @typedef {import("#page/counting/zones_file/sections.js").CalibrationPoint} CalibrationPoint
 * @typedef {import("#page/counting/zones_file/sections.js").Line} Line
 * @typedef {import("#page/counting/zones_file/sections.js").Mask} Mask
 * @typedef {import("#page/counting/zones_file/sections.js").Matrix} Matrix
 * @typedef {import("#page/counting/zones_file/sections.js").Point} Point
 * @typedef {import("#page/counting/zones_file/sections.js").Rules} Rules
 * @typedef {import("#page/counting/zones_file/sections.js").Zone} Zone
 * @typedef {import("#page/counting/zones_file/sections.js").ZonesFile} ZonesFile
 */

import { calibrationProblem } from "#page/counting/floor/checks.js";
import { DegeneratePointsError, fitHomography, floorPosition } from "#page/counting/floor/homography.js";
import { distance } from "#page/counting/geometry.js";
import { parseJson } from "#page/counting/zones_file/json_text.js";
import { isNumber, isPair, Members, shown, ZonesFileError } from "#page/counting/zones_file/members.js";
import { polygonProblem } from "#page/counting/zones_file/polygon_checks.js";
import { isPrintable } from "#page/counting/zones_file/python_text.js";
import { timezoneProblem } from "#page/counting/zones_file/time_zones.js";

export { ZonesFileError };

const VERSION = 1;
const MIN_VERTICES = 3;
const MAX_VERTICES = 500;
const MAX_NAME_CHARACTERS = 100;
const MIN_CALIBRATION_POINTS = 4;
const HOMOGRAPHY_NUMBERS = 9;
/** A stored homography is the one that fits the stored points, up to rounding. */
const FIT_TOLERANCE_M = 1e-3;
const FILE_MEMBERS = ["version", "timezone", "rules", "zones", "lines", "masks", "calibration", "$schema"];

/** @type {Readonly<Rules>} */
const DEFAULT_RULES = { margin: 0.05, confirm_ms: 200, max_gap_ms: 3000, minimum_seen_ms: 0 };

/**
 * Reads the text of zones.json.
 *
 * @param {string} text
 * @returns {ZonesFile} with what the file leaves out
 * @throws {ZonesFileError} the text is not valid
 */
export function readZonesText(text) {
  return readZonesFile(parseJson(text));
}

/**
 * Checks the content of zones.json.
 *
 * @param {unknown} json the parsed content
 * @returns {ZonesFile} with what the file leaves out
 * @throws {ZonesFileError} the content is not valid
 */
export function readZonesFile(json) {
  const file = new Members(json, "", FILE_MEMBERS);
  const version = file.required("version");
  if (version !== VERSION) {
    throw file.error(`"version" is ${shown(version)}; this release reads version ${VERSION}`);
  }
  const calibration = file.has("calibration") ? readCalibration(file.required("calibration")) : null;
  const zones = file.items("zones").map((value, at) => readZone(value, at + 1));
  const lines = file.items("lines").map((value, at) => readLine(value, at + 1));
  const masks = file.items("masks").map((value, at) => readMask(value, at + 1));
  requireUnique([...zones, ...lines, ...masks].map((one) => one.name));
  const rules = file.has("rules") ? readRules(file.required("rules")) : { ...DEFAULT_RULES };
  const timezone = file.has("timezone") ? readTimezone(file.required("timezone")) : null;
  return {
    version: VERSION,
    ...(timezone === null ? {} : { timezone }),
    ...{ rules, zones, lines, masks },
    ...(calibration === null ? {} : { calibration }),
  };
}

/**
 * @param {unknown} value
 * @param {number} number
 * @returns {Zone}
 */
function readZone(value, number) {
  const members = new Members(value, `zone ${number}`, [
    "name",
    "polygon",
    "minimum_stay_ms",
    "staff_after_ms",
  ]);
  const name = readName(members);
  members.place = `zone "${name}"`;
  const polygon = readPolygon(members);
  const zone = { name, polygon, minimum_stay_ms: members.milliseconds("minimum_stay_ms", 0) };
  if (!members.has("staff_after_ms")) return zone;
  return { ...zone, staff_after_ms: members.milliseconds("staff_after_ms", 0) };
}

/**
 * @param {unknown} value
 * @param {number} number
 * @returns {Mask}
 */
function readMask(value, number) {
  const members = new Members(value, `mask ${number}`, ["name", "polygon"]);
  const name = readName(members);
  members.place = `mask "${name}"`;
  return { name, polygon: readPolygon(members) };
}

/**
 * @param {unknown} value
 * @param {number} number
 * @returns {Line}
 */
function readLine(value, number) {
  const members = new Members(value, `line ${number}`, ["name", "start", "end"]);
  const name = readName(members);
  members.place = `line "${name}"`;
  const start = readPoint(members, members.required("start"), "start");
  const end = readPoint(members, members.required("end"), "end");
  if (start[0] === end[0] && start[1] === end[1]) {
    throw members.error("start and end are the same point; a line needs two");
  }
  return { name, start, end };
}

/** @param {Members} members */
function readName(members) {
  const name = members.required("name");
  if (typeof name !== "string" || name.trim() === "" || !isPrintable(name)) {
    throw members.error(`"name" is ${shown(name)}; give a text that can be printed`);
  }
  const length = [...name].length;
  if (length > MAX_NAME_CHARACTERS) {
    throw members.error(`the name has ${length} characters; at most ${MAX_NAME_CHARACTERS} are possible`);
  }
  return name;
}

/** @param {Members} members */
function readPolygon(members) {
  const vertices = members.required("polygon");
  if (!Array.isArray(vertices) || vertices.length < MIN_VERTICES || vertices.length > MAX_VERTICES) {
    const count = Array.isArray(vertices) ? `${vertices.length} vertices` : "no list of vertices";
    throw members.error(`the polygon has ${count}; give ${MIN_VERTICES} to ${MAX_VERTICES}, each as [x, y]`);
  }
  const polygon = vertices.map((vertex, at) => readPoint(members, vertex, `vertex ${at + 1}`));
  const problem = polygonProblem(polygon);
  if (problem !== null) throw members.error(problem);
  return polygon;
}

/**
 * @param {Members} members
 * @param {unknown} value
 * @param {string} what
 * @returns {[number, number]}
 */
function readPoint(members, value, what) {
  if (!isPair(value)) throw members.error(`${what} is ${shown(value)}; give two numbers, [x, y]`);
  const [x, y] = value;
  if (!(0 <= x && x <= 1 && 0 <= y && y <= 1)) {
    const pixels = Math.max(x, y) > 2 ? "; divide pixels by the frame's width and height" : "";
    throw members.error(`${what} is ${shown(value)}; ratios of the frame are from 0 to 1${pixels}`);
  }
  return [x, y];
}

/** @param {readonly string[]} names */
function requireUnique(names) {
  const repeated = names.find((name, at) => names.indexOf(name) < at);
  if (repeated !== undefined) {
    throw new ZonesFileError(
      `the name "${repeated}" is used twice; zones, lines and masks need different names`,
    );
  }
}

/**
 * @param {unknown} value
 * @returns {Rules}
 */
function readRules(value) {
  const members = new Members(value, "rules", ["margin", "confirm_ms", "max_gap_ms", "minimum_seen_ms"]);
  return {
    margin: members.number("margin", DEFAULT_RULES.margin, 0, 1),
    confirm_ms: members.milliseconds("confirm_ms", DEFAULT_RULES.confirm_ms),
    max_gap_ms: members.milliseconds("max_gap_ms", DEFAULT_RULES.max_gap_ms),
    minimum_seen_ms: members.milliseconds("minimum_seen_ms", DEFAULT_RULES.minimum_seen_ms),
  };
}

/**
 * @param {unknown} name
 * @returns {string}
 */
function readTimezone(name) {
  const problem = timezoneProblem(name);
  if (problem !== null) throw new ZonesFileError(`"timezone" is ${shown(name)}, ${problem}`);
  return String(name);
}

/**
 * @param {unknown} value
 * @returns {Calibration}
 */
function readCalibration(value) {
  const members = new Members(value, "calibration", ["points", "homography"]);
  const entries = members.items("points");
  if (entries.length < MIN_CALIBRATION_POINTS) {
    throw members.error(`there are ${entries.length} points; give at least ${MIN_CALIBRATION_POINTS}`);
  }
  const points = entries.map((entry, at) => readCalibrationPoint(entry, at + 1));
  const problem = calibrationProblem(points);
  if (problem !== null) throw members.error(problem);
  const homography = members.required("homography");
  if (!Array.isArray(homography) || homography.length !== HOMOGRAPHY_NUMBERS || !homography.every(isNumber)) {
    throw members.error(`"homography" must be a list of ${HOMOGRAPHY_NUMBERS} numbers`);
  }
  if (deviationM(points, homography) > FIT_TOLERANCE_M) {
    throw members.error("the homography does not fit the points; run `people-pathing calibrate` again");
  }
  return { points, homography };
}

/**
 * @param {unknown} value
 * @param {number} number
 * @returns {CalibrationPoint}
 */
function readCalibrationPoint(value, number) {
  const members = new Members(value, `calibration point ${number}`, ["image", "floor_m"]);
  const floorM = members.required("floor_m");
  if (!isPair(floorM)) {
    throw members.error(`"floor_m" is ${shown(floorM)}; give two numbers in metres, [x, y]`);
  }
  return { image: readPoint(members, members.required("image"), '"image"'), floor_m: floorM };
}

/**
 * Returns the largest distance between the positions that the stored and the fitted matrix give.
 *
 * @param {readonly CalibrationPoint[]} points
 * @param {Matrix} stored
 */
function deviationM(points, stored) {
  const fitted = fitHomography(points);
  try {
    return Math.max(
      ...points.map(({ image }) => distance(floorPosition(stored, image), floorPosition(fitted, image))),
    );
  } catch (error) {
    if (error instanceof DegeneratePointsError) return Infinity;
    throw error;
  }
}

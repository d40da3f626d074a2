import { formatCount, formatDecimal, formatMoment } from "#page/display/format.js";

/** @typedef {Readonly<Record<string, unknown>>} Provenance */

/**
 * One line of what is known about how the results were made.
 *
 * @typedef {object} Fact
 * @property {string} name
 * @property {string} value
 * @property {string} [sha256] of a model's file, in full
 */

/** @type {Record<string, string>} */
const SOURCES = {
  stated: "as stated when the video was tracked",
  "object metadata": "from the metadata of the object in S3",
  name: "from the name of the file",
  container: "from the creation time in the file",
};

/**
 * Returns the facts about a report, the most important first.
 *
 * @param {import("#page/data/report_data.js").Report} report
 * @param {import("#page/counting/zones_file.js").ZonesFile} zonesFile
 * @returns {Fact[]}
 */
export function provenanceFacts(report, zonesFile) {
  const { provenance, video } = report;
  const timezone = zonesFile.timezone ?? "UTC";
  return [
    {
      name: "Video",
      value: `${video.name}, ${video.widthPx} × ${video.heightPx} pixels${frameRate(video.frameRate)}`,
    },
    { name: "Recorded at", value: recordedAt(report, timezone) },
    {
      name: "Time zone",
      value: zonesFile.timezone ? `${timezone}, from zones.json` : "UTC, because zones.json has none",
    },
    ...(provenance ? madeFacts(provenance) : []),
    { name: "Rules", value: rulesText(zonesFile.rules) },
  ];
}

/**
 * @param {Provenance} made
 * @returns {Fact[]}
 */
function madeFacts(made) {
  return [
    { name: "Tracked by", value: `people-pathing ${text(made.version)}` },
    { name: "Tracked at", value: momentOf(made.tracked_at) },
    model("Detector", made.detector, made.model_sha256),
    model("Re-identification", made.reidentifier, made.reidentification_model_sha256),
    model("Face detector", made.face_detector, made.face_model_sha256),
    { name: "Sampling", value: samplingText(made) },
    {
      name: "Input of the detector",
      value: `${text(made.input_width_px)} × ${text(made.input_height_px)} pixels`,
    },
    { name: "Masked areas", value: text(made.masked_areas) },
    { name: "Frames decoded", value: framesText(made) },
    { name: "Reviewed", value: reviewText(made.reviewed) },
    ...(made.erased ? [{ name: "Erased", value: erasedText(made.erased) }] : []),
  ];
}

/**
 * Returns the sentences about what makes the results worse than usual.
 *
 * @param {Provenance | null} made
 * @returns {string[]}
 */
export function provenanceWarnings(made) {
  if (!made) return ["The service that tracked this video does not report how it did so."];
  return Array.isArray(made.warnings) ? made.warnings.map(String) : [];
}

/**
 * @param {string} name
 * @param {unknown} value
 * @param {unknown} sha256
 * @returns {Fact}
 */
function model(name, value, sha256) {
  if (value === null) return { name, value: "none" };
  const isKnown = typeof sha256 === "string" && sha256 !== "unknown";
  return { name, value: text(value), ...(isKnown && { sha256 }) };
}

/**
 * @param {import("#page/data/report_data.js").Report} report
 * @param {string} timezone
 */
function recordedAt({ recordedAtMs, recordedAtSource }, timezone) {
  if (recordedAtMs === null) return "unknown; times count from the start of the video";
  const source = recordedAtSource === null ? "" : `, ${SOURCES[recordedAtSource] ?? recordedAtSource}`;
  return formatMoment(recordedAtMs, timezone) + source;
}

/** @param {number} perSecond */
function frameRate(perSecond) {
  return perSecond > 0 ? `, ${formatDecimal(perSecond, 1)} frames per second` : "";
}

/** @param {Provenance} made */
function samplingText({ sample_fps: sampled, search_fps: searched }) {
  if (typeof sampled !== "number" || typeof searched !== "number") return "unknown";
  const reported = `${formatDecimal(sampled, 1)} frames per second`;
  if (searched >= sampled) return reported;
  return `${reported}, people searched in ${formatDecimal(searched, 1)} of them; paths between are filled in`;
}

/** @param {Provenance} made */
function framesText({ frames_decoded: decoded, frames_expected: expected }) {
  if (typeof decoded !== "number" || typeof expected !== "number") return "unknown";
  return `${formatCount(decoded)} of ${formatCount(expected)} expected`;
}

/** @param {unknown} erased */
function erasedText(erased) {
  const { people, at } = /** @type {Record<string, unknown>} */ (erased);
  return `people who are not in these results any more: ${text(people)}; last on ${momentOf(at)}`;
}

/** @param {unknown} reviewed */
function reviewText(reviewed) {
  if (typeof reviewed !== "object" || reviewed === null) return "no; these are the tracks of the program";
  const { at, with: format } = /** @type {Record<string, unknown>} */ (reviewed);
  return `${momentOf(at)}, with a file in the format ${text(format)}`;
}

/** @param {import("#page/counting/zones_file.js").Rules} rules */
function rulesText({ margin, confirm_ms: confirm, max_gap_ms: gap, minimum_seen_ms: seen }) {
  const shortest = seen > 0 ? `, people seen for at least ${seen} ms` : "";
  const limits = `a side lasts ${confirm} ms, gaps up to ${gap} ms${shortest}`;
  return `margin ${margin} of the height of a person, ${limits}`;
}

/** @param {unknown} utc such as "2026-01-31T12:00:00Z" */
function momentOf(utc) {
  const epochMs = typeof utc === "string" ? Date.parse(utc) : NaN;
  return Number.isNaN(epochMs) ? text(utc) : formatMoment(epochMs, "UTC");
}

/** @param {unknown} value */
function text(value) {
  return value === undefined || value === null ? "unknown" : String(value);
}

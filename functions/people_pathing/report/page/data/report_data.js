/**
 * What Python embeds in the page, decoded.
 *
 * @typedef {object} Report
 * @property {Video} video
 * @property {number | null} recordedAtMs when the first frame was recorded, in milliseconds since the epoch
 * @property {string | null} recordedAtSource what says so, as in job.json
 * @property {Readonly<Record<string, unknown>> | null} provenance as in job.json
 * @property {import("#page/counting/zones_file.js").ZonesFile} zonesFile content of zones.json
 * @property {number} intervalMinutes length of the intervals of counts
 * @property {Observations} observations
 */

/**
 * @typedef {object} Video
 * @property {string} name
 * @property {string | null} source address of the video, relative to the page; null if it is not known
 * @property {string | null} annotatedSource address of the annotated video, if there is one
 * @property {number} widthPx
 * @property {number} heightPx
 * @property {number} durationMs
 * @property {number} frameRate frames per second; 0 if it is not known
 * @property {number} sampleFps sampled frames per second; 0 if it is not known
 * @property {number} startMs time of the first frame in the player's time. All other times count from this frame
 */

/**
 * All observations with a box, sorted by person and then by time. Boxes are ratios of the frame.
 * Those of the person at position `p` are at `starts[p]` up to but not including `starts[p + 1]`.
 *
 * @typedef {object} Observations
 * @property {Uint32Array} people indexes of the people, ascending
 * @property {Uint32Array} starts one element more than `people`
 * @property {Uint32Array} timesMs
 * @property {Float32Array | Float64Array} lefts
 * @property {Float32Array | Float64Array} tops
 * @property {Float32Array | Float64Array} widths
 * @property {Float32Array | Float64Array} heights
 */

/**
 * The embedded JSON. Columns are gzip files in Base64 with little-endian numbers.
 *
 * @typedef {object} EmbeddedReport
 * @property {1} version
 * @property {string} programVersion of people-pathing, which wrote the page
 * @property {Video} video
 * @property {number | null} recordedAtMs
 * @property {string | null} recordedAtSource
 * @property {Record<string, unknown> | null} provenance
 * @property {import("#page/counting/zones_file.js").ZonesFile} zonesFile
 * @property {number} intervalMinutes
 * @property {EmbeddedObservations} observations
 */

/**
 * @typedef {object} EmbeddedObservations
 * @property {[index: number, count: number][]} people how many observations each person has
 * @property {"float32" | "float64"} boxType float32 only if it holds every number exactly
 * @property {string} timesMs Uint32, each person's first time, then differences
 * @property {string} lefts
 * @property {string} tops
 * @property {string} widths
 * @property {string} heights
 */

/**
 * Decodes the embedded report.
 *
 * @param {EmbeddedReport} embedded
 * @returns {Promise<Report>}
 */
export async function decodeReport(embedded) {
  const { version: _, programVersion: __, observations, ...rest } = embedded;
  return { ...rest, observations: await decodeObservations(observations) };
}

/**
 * @param {EmbeddedObservations} embedded
 * @returns {Promise<Observations>}
 */
async function decodeObservations(embedded) {
  const people = Uint32Array.from(embedded.people, ([index]) => index);
  const starts = new Uint32Array(people.length + 1);
  embedded.people.forEach(([, count], at) => {
    starts[at + 1] = /** @type {number} */ (starts[at]) + count;
  });
  const Boxes = embedded.boxType === "float32" ? Float32Array : Float64Array;
  const [timesMs, lefts, tops, widths, heights] = await Promise.all([
    unpack(embedded.timesMs).then((bytes) => new Uint32Array(bytes)),
    ...[embedded.lefts, embedded.tops, embedded.widths, embedded.heights].map((column) =>
      unpack(column).then((bytes) => new Boxes(bytes)),
    ),
  ]);
  const times = /** @type {Uint32Array} */ (timesMs);
  for (let person = 0; person < people.length; person++) {
    const [start, end] = [/** @type {number} */ (starts[person]), /** @type {number} */ (starts[person + 1])];
    for (let at = start + 1; at < end; at++) times[at] = /** @type {number} */ (times[at]) + /** @type {number} */ (times[at - 1]);
  }
  return /** @type {Observations} */ ({ people, starts, timesMs: times, lefts, tops, widths, heights });
}

/**
 * @param {string} base64 of a gzip file
 * @returns {Promise<ArrayBuffer>}
 */
async function unpack(base64) {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}

/** Reports from lists of observations. */

/**
 * Returns the report of a video of the vectors.
 *
 * @param {{frame: {width_px: number, height_px: number}, duration_ms: number, recorded_at: string | null,
 *   observations: number[][]}} vector
 */
export function reportOf(vector) {
  const { frame, duration_ms: durationMs, recorded_at: recordedAt, observations } = vector;
  return {
    video: { widthPx: frame.width_px, heightPx: frame.height_px, durationMs },
    recordedAtMs: recordedAt === null ? null : Date.parse(recordedAt),
    observations: columns(observations),
  };
}

/**
 * @param {readonly (readonly number[])[]} rows person, time, left, top, width and height, by person and then
 *   by time
 */
function columns(rows) {
  const people = [...new Set(rows.map(([person]) => person))];
  const column = (/** @type {number} */ at) => rows.map((row) => row[at]);
  return {
    people: Uint32Array.from(people),
    starts: Uint32Array.from([
      ...people.map((person) => rows.findIndex((row) => row[0] === person)),
      rows.length,
    ]),
    timesMs: Uint32Array.from(column(1)),
    lefts: Float64Array.from(column(2)),
    tops: Float64Array.from(column(3)),
    widths: Float64Array.from(column(4)),
    heights: Float64Array.from(column(5)),
  };
}

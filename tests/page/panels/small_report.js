/** A report of three people whose numbers can be checked by hand. */

import { countVideo } from "../../../functions/people_pathing/report/page/counting/count_video.js";
import { readZonesFile } from "../../../functions/people_pathing/report/page/counting/zones_file.js";
import { tracksOf } from "../../../functions/people_pathing/report/page/data/tracks.js";

const STEP_MS = 100;

/**
 * Person 0 walks from x = 0.1 to x = 0.9, from 0 s to 8 s, so through the middle at 4 s.
 * Person 3 stands at x = 0.2 from 2 s to 6 s.
 * Person 5 walks from x = 0.9 to x = 0.3, from 4 s to 10 s; from there, nobody is seen for 5 s, and then the
 * person stands at x = 0.3 from 15 s to 16 s.
 */
const ROWS = [
  ...walk(0, 0, 8000, 0.1, 0.9),
  ...walk(3, 2000, 6000, 0.2, 0.2),
  ...walk(5, 4000, 10_000, 0.9, 0.3),
  ...walk(5, 15_000, 16_000, 0.3, 0.3),
];

/** The line is in the middle, from the bottom to the top, so walking to the right is `out`. */
export const ZONES = {
  version: 1,
  zones: [
    {
      name: "left",
      polygon: [
        [0, 0],
        [0.5, 0],
        [0.5, 1],
        [0, 1],
      ],
    },
    {
      name: "right",
      polygon: [
        [0.5, 0],
        [1, 0],
        [1, 1],
        [0.5, 1],
      ],
    },
  ],
  lines: [{ name: "middle", start: [0.5, 1], end: [0.5, 0] }],
};

export const DURATION_MS = 20_000;

/**
 * Returns the report, its counts, and the tracks of its people.
 *
 * @param {object} [changes]
 * @param {object} [changes.zones] members of zones.json that differ
 * @param {number | null} [changes.recordedAtMs]
 * @param {number[][]} [changes.rows] observations: person, time, left, top, width and height
 */
export function smallReport({ zones = {}, recordedAtMs = null, rows = ROWS } = {}) {
  const zonesFile = readZonesFile({ ...ZONES, ...zones });
  const report = {
    video: {
      name: "small.mp4",
      widthPx: 1000,
      heightPx: 1000,
      durationMs: DURATION_MS,
      frameRate: 20,
      sampleFps: 10,
    },
    recordedAtMs,
    recordedAtSource: recordedAtMs === null ? null : "name",
    provenance: null,
    intervalMinutes: 15,
    observations: columns(rows),
  };
  const counts = countVideo(report, zonesFile);
  return { report, zonesFile, counts, tracks: tracksOf(report, zonesFile) };
}

/**
 * Returns the observations of a person who walks straight at a constant speed.
 *
 * @param {number} person
 * @param {number} fromMs
 * @param {number} toMs
 * @param {number} fromX of the foot point
 * @param {number} toX
 */
export function walk(person, fromMs, toMs, fromX, toX) {
  return Array.from({ length: (toMs - fromMs) / STEP_MS + 1 }, (_, step) => {
    const share = toMs > fromMs ? (step * STEP_MS) / (toMs - fromMs) : 0;
    return [person, fromMs + step * STEP_MS, fromX + share * (toX - fromX) - 0.05, 0.2, 0.1, 0.4];
  });
}

/** @param {readonly number[][]} rows */
function columns(rows) {
  const people = [...new Set(rows.map(([person]) => person))];
  const starts = people.map((person) => rows.findIndex((row) => row[0] === person));
  const [lefts, tops, widths, heights] = [2, 3, 4, 5].map((at) => Float64Array.from(rows, (row) => row[at]));
  return {
    ...{ people: Uint32Array.from(people), starts: Uint32Array.from([...starts, rows.length]) },
    ...{ timesMs: Uint32Array.from(rows, (row) => row[1]), lefts, tops, widths, heights },
  };
}

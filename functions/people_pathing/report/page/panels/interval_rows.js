import { intervalSummaries } from "#page/counting/count_video.js";

const INTERVAL_MINUTES = [1, 15, 60];

/** More rows say less than a file: about a day in minutes. */
const MOST_ROWS = 1500;

/**
 * The table of counts per interval.
 *
 * @typedef {object} IntervalTable
 * @property {{section: string, figure: string}[]} columns
 * @property {{label: string, startMs: number, endMs: number, values: number[]}[]} rows
 */

/**
 * Returns the lengths of intervals, in minutes, that give a table of a useful length.
 *
 * @param {number} durationMs
 */
export function usefulMinutes(durationMs) {
  return INTERVAL_MINUTES.filter((minutes) => durationMs / (minutes * 60_000) <= MOST_ROWS);
}

/**
 * Counts per interval.
 *
 * @param {import("#page/counting/count_video.js").VideoCounts} counts
 * @param {import("#page/counting/zones_file.js").ZonesFile} zonesFile
 * @param {number} minutes length of the intervals
 * @returns {IntervalTable}
 */
export function intervalTable(counts, zonesFile, minutes) {
  const columns = [
    { section: "Picture", figure: "people" },
    { section: "Picture", figure: "most at once" },
    ...zonesFile.zones.map(({ name }) => ({ section: name, figure: "visits" })),
    ...zonesFile.lines.flatMap(({ name }) => ["in", "out"].map((figure) => ({ section: name, figure }))),
  ];
  const rows = intervalSummaries(counts, zonesFile, minutes).map(({ interval, picture, zones, lines }) => ({
    label: intervalLabel(interval.label),
    ...{ startMs: interval.startMs, endMs: interval.endMs },
    values: [
      ...[picture.people, picture.occupancy.maximum],
      ...zones.map(({ visits }) => visits),
      ...lines.flatMap(({ crossingsIn, crossingsOut }) => [crossingsIn, crossingsOut]),
    ],
  }));
  return { columns, rows };
}

/**
 * Returns the label of an interval for people: "2026-03-02 09:00" of "2026-03-02T09:00:00+01:00". Others stay
 * as they are.
 *
 * @param {string} label
 */
export function intervalLabel(label) {
  const parts = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d):\d\d/.exec(label);
  return parts ? `${parts[1]} ${parts[2]}` : label;
}

/**
 * The figures of every section, for the whole video and for each interval. The twin of summaries/summary.py.
 *
 * @typedef {import("#page/counting/events.js").Counted} Counted
 * @typedef {import("#page/counting/events.js").Crossing} Crossing
 * @typedef {import("#page/counting/events.js").Presence} Presence
 * @typedef {import("#page/counting/events.js").Visit} Visit
 * @typedef {import("#page/counting/summaries/figures.js").Occupancy} Occupancy
 * @typedef {import("#page/counting/summaries/intervals.js").Interval} Interval
 * @typedef {import("#page/counting/zones_file.js").ZonesFile} ZonesFile
 */

import { occupancy, percentile } from "#page/counting/summaries/figures.js";
import { bisectLeft, bisectRight } from "#page/data/bisect.js";

/**
 * The figures of one zone in one interval.
 *
 * @typedef {object} ZoneSummary
 * @property {string} name the zone's name
 * @property {number} people different people who were in the zone
 * @property {number} visits visits that began in the interval
 * @property {number} entered those of them that began at the boundary
 * @property {number} exited visits that ended in the interval, or at its end, at the boundary
 * @property {number | null} dwellMedianMs of the visits that began in the interval; null without any
 * @property {number | null} dwellP90Ms the same, 90th percentile
 * @property {Occupancy} occupancy people in the zone
 */

/**
 * The figures of one line in one interval.
 *
 * @typedef {object} LineSummary
 * @property {string} name the line's name
 * @property {number} people different people who crossed it
 * @property {number} crossingsIn crossings from its right side to its left side
 * @property {number} crossingsOut crossings from left to right
 */

/**
 * All figures of one interval.
 *
 * @typedef {object} Summary
 * @property {Interval} interval
 * @property {{people: number, occupancy: Occupancy}} picture the figures of the whole picture
 * @property {ZoneSummary[]} zones
 * @property {LineSummary[]} lines
 */

/**
 * Returns the figures of each interval.
 *
 * @param {Pick<Counted, "visits" | "crossings" | "presences">} counted
 * @param {ZonesFile} zonesFile the sections, in the order of the summaries
 * @param {readonly Interval[]} intervals in order, each starting where the one before ends
 * @returns {Summary[]}
 */
export function summarize(counted, zonesFile, intervals) {
  const starts = intervals.map((interval) => interval.startMs);
  const presences = byInterval(counted.presences, starts, (one) => [one.firstMs, one.lastMs]);
  const visits = byInterval(counted.visits, starts, (one) => [one.enter.atMs, one.exit.atMs]);
  const crossings = byInterval(counted.crossings, starts, (one) => [one.moment.atMs, one.moment.atMs]);
  return intervals.map((interval, at) => {
    const visitsByZone = grouped(visits[at], (one) => one.zone);
    const crossingsByLine = grouped(crossings[at], (one) => one.line);
    return {
      interval,
      picture: pictureSummary(presences[at], interval),
      zones: zonesFile.zones.map(({ name }) => zoneSummary(name, visitsByZone.get(name) ?? [], interval)),
      lines: zonesFile.lines.map(({ name }) => lineSummary(name, crossingsByLine.get(name) ?? [])),
    };
  });
}

/**
 * @param {readonly Presence[]} presences
 * @param {Interval} interval
 */
function pictureSummary(presences, { startMs, endMs }) {
  const stretches = presences.map((one) => /** @type {const} */ ([one.firstMs, one.lastMs]));
  return { people: peopleIn(presences), occupancy: occupancy(stretches, startMs, endMs) };
}

/**
 * @param {string} name
 * @param {readonly Visit[]} visits
 * @param {Interval} interval
 * @returns {ZoneSummary}
 */
function zoneSummary(name, visits, { startMs, endMs }) {
  const begun = visits.filter((visit) => visit.enter.atMs >= startMs);
  const dwellsMs = begun.map((visit) => visit.dwellMs);
  const stretches = visits.map((visit) => /** @type {const} */ ([visit.enter.atMs, visit.exit.atMs]));
  return {
    name,
    people: peopleIn(visits),
    visits: begun.length,
    entered: begun.filter((visit) => visit.enterCause === "crossed").length,
    exited: visits.filter((visit) => visit.exitCause === "crossed" && visit.exit.atMs <= endMs).length,
    dwellMedianMs: percentile(dwellsMs, 0.5),
    dwellP90Ms: percentile(dwellsMs, 0.9),
    occupancy: occupancy(stretches, startMs, endMs),
  };
}

/**
 * @param {string} name
 * @param {readonly Crossing[]} crossings
 * @returns {LineSummary}
 */
function lineSummary(name, crossings) {
  return {
    name,
    people: peopleIn(crossings),
    crossingsIn: crossings.filter((one) => one.direction === "in").length,
    crossingsOut: crossings.filter((one) => one.direction === "out").length,
  };
}

/** @param {readonly {person: number}[]} found */
function peopleIn(found) {
  return new Set(found.map((one) => one.person)).size;
}

/**
 * @template T
 * @param {readonly T[]} found
 * @param {(one: T) => string} nameOf
 */
function grouped(found, nameOf) {
  /** @type {Map<string, T[]>} */
  const groups = new Map();
  for (const one of found) {
    const name = nameOf(one);
    const group = groups.get(name);
    if (group) group.push(one);
    else groups.set(name, [one]);
  }
  return groups;
}

/**
 * Puts each element into all intervals that it overlaps with, or in which it begins.
 *
 * @template T
 * @param {readonly T[]} found
 * @param {readonly number[]} starts
 * @param {(one: T) => [startMs: number, endMs: number]} timesMs
 * @returns {T[][]}
 */
function byInterval(found, starts, timesMs) {
  /** @type {T[][]} */
  const chosen = starts.map(() => []);
  for (const one of found) {
    const [startMs, endMs] = timesMs(one);
    const first = bisectRight(starts, startMs) - 1;
    // The end does not belong to the time, unless the time has no length.
    const last = Math.max(first, bisectLeft(starts, endMs) - 1);
    for (let at = first; at <= last; at++) chosen[at].push(one);
  }
  return chosen;
}

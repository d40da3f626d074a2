/**
 * Counts one video: from the points of the paths to events, summaries and flows. The twin of video_counts.py.
 *
 * This folder repeats people_pathing/analysis in the browser, so that counts follow a zone while it is
 * dragged. Modules have the names of their twins in Python. Both give the same results; tests run the same
 * vectors and the same random videos through both.
 *
 * @typedef {import("#page/counting/counter.js").Seen} Seen
 * @typedef {import("#page/counting/events.js").Cause} Cause
 * @typedef {import("#page/counting/events.js").Counted} Counted
 * @typedef {import("#page/counting/events.js").Crossing} Crossing
 * @typedef {import("#page/counting/events.js").Direction} Direction
 * @typedef {import("#page/counting/events.js").Excluded} Excluded
 * @typedef {import("#page/counting/events.js").Moment} Moment
 * @typedef {import("#page/counting/events.js").PersonSeen} PersonSeen
 * @typedef {import("#page/counting/events.js").Presence} Presence
 * @typedef {import("#page/counting/events.js").Visit} Visit
 * @typedef {import("#page/counting/path_points.js").Steps} Steps
 * @typedef {import("#page/counting/summaries/flows.js").FlowEvent} FlowEvent
 * @typedef {import("#page/counting/summaries/intervals.js").Recording} Recording
 * @typedef {import("#page/counting/summaries/summary.js").Summary} Summary
 * @typedef {import("#page/counting/zones_file.js").ZonesFile} ZonesFile
 * @typedef {import("#page/data/report_data.js").Report} Report
 */

import { crossingsOfLine, includedOnly, peopleInVideo, visitsOfZone } from "#page/counting/counter.js";
import { walkedDistancesM } from "#page/counting/floor/walking.js";
import { footPoints, stepsBetween } from "#page/counting/path_points.js";
import { remembered } from "#page/counting/remembered.js";
import { flowEvents } from "#page/counting/summaries/flows.js";
import { intervals } from "#page/counting/summaries/intervals.js";
import { summarize } from "#page/counting/summaries/summary.js";

/**
 * One row of the table of events.
 *
 * @typedef {object} Event
 * @property {"enter" | "exit" | "cross"} type what happened
 * @property {string} section name of the zone or line
 * @property {number} person the person's index
 * @property {Moment} moment when and where
 * @property {Direction} direction of a crossing; `in` for enter and `out` for exit
 * @property {Cause} cause why a visit begins or ends; `crossed` for a line
 * @property {number | null} dwellMs how long the visit lasted; only for `exit`
 */

/**
 * All counts of one video.
 *
 * @typedef {object} VideoCounts
 * @property {Recording} recording when the video was recorded, and how long it is
 * @property {PersonSeen[]} people all who count
 * @property {Visit[]} visits of all zones, by person and then by time
 * @property {Crossing[]} crossings of all lines, by person and then by time
 * @property {Presence[]} presences in the picture
 * @property {Excluded} excluded how many people count nowhere
 * @property {Event[]} events all events in the order of time
 * @property {Summary} whole the figures of the whole video
 * @property {FlowEvent[]} flows every person in every flow
 */

/** @type {Record<Event["type"], number>} */
const TYPE_ORDER = { enter: 0, cross: 1, exit: 2 };

/**
 * Counts the people of one video.
 *
 * What was found for a zone, a line or the whole picture is remembered as long as the objects stay the same.
 * So a caller that changes one zone keeps the objects of all others, and `rules`.
 *
 * @param {Pick<Report, "video" | "recordedAtMs" | "observations">} report
 * @param {ZonesFile} zonesFile what is counted
 * @returns {VideoCounts}
 */
export function countVideo(report, zonesFile) {
  const { observations, recordedAtMs, video } = report;
  const aspectRatio = video.widthPx / video.heightPx;
  const { rules, calibration } = zonesFile;
  const points = remembered(footPoints, observations, aspectRatio);
  const steps = remembered(stepsBetween, observations, points, rules.max_gap_ms);
  const counted = includedOnly(
    calibration
      ? remembered(peopleWithDistances, calibration, steps, observations)
      : remembered(peopleInVideo, steps),
    zonesFile.zones.flatMap((zone) => remembered(visitsOfZone, zone, steps, rules, aspectRatio)),
    zonesFile.lines.flatMap((line) => remembered(crossingsOfLine, line, steps, rules, aspectRatio)),
    zonesFile,
  );
  // The last point belongs to the video, and the end of an interval does not belong to the interval.
  const durationMs = Math.max(video.durationMs, counted.lastMs + 1);
  const timezone = zonesFile.timezone ?? "UTC";
  const recording = remembered(recordingOf, observations, durationMs, recordedAtMs, timezone);
  const [whole] = summarize(counted, zonesFile, [{ startMs: 0, endMs: durationMs, label: "whole video" }]);
  const names = sectionNames(zonesFile);
  const { visits, crossings, presences, people, excluded } = counted;
  return {
    ...{ recording, people, visits, crossings, presences, excluded },
    events: findEvents(counted, names),
    whole,
    flows: flowEvents(counted, names),
  };
}

/**
 * Returns the figures of each interval.
 *
 * @param {VideoCounts} counts
 * @param {ZonesFile} zonesFile what was counted
 * @param {number} minutes length of the intervals, a divisor of an hour
 * @returns {Summary[]}
 */
export function intervalSummaries(counts, zonesFile, minutes) {
  return summarize(counts, zonesFile, remembered(intervals, counts.recording, minutes));
}

/**
 * Returns the names of all zones and then of all lines.
 *
 * @param {Readonly<Record<"zones" | "lines", readonly {name: string}[]>>} sections
 */
export function sectionNames({ zones, lines }) {
  return [...zones, ...lines].map((section) => section.name);
}

/**
 * Returns the events of all visits and crossings, in the order of time.
 *
 * @param {Pick<Counted, "visits" | "crossings">} counted
 * @param {readonly string[]} names of the sections, in the order in which simultaneous events are listed
 * @returns {Event[]}
 */
function findEvents({ visits, crossings }, names) {
  const order = new Map(names.map((name, at) => [name, at]));
  /** @type {Event[]} */
  const found = [];
  for (const visit of visits) {
    const { zone: section, person, enterCause, exitCause, dwellMs } = visit;
    found.push(
      {
        type: "enter",
        section,
        person,
        moment: visit.enter,
        direction: "in",
        cause: enterCause,
        dwellMs: null,
      },
      { type: "exit", section, person, moment: visit.exit, direction: "out", cause: exitCause, dwellMs },
    );
  }
  for (const { line: section, person, moment, direction } of crossings) {
    found.push({ type: "cross", section, person, moment, direction, cause: "crossed", dwellMs: null });
  }
  const place = (/** @type {Event} */ event) => order.get(event.section) ?? -1;
  return found.sort(
    (one, other) =>
      one.moment.atMs - other.moment.atMs ||
      one.person - other.person ||
      place(one) - place(other) ||
      TYPE_ORDER[one.type] - TYPE_ORDER[other.type],
  );
}

/**
 * @param {Report["observations"]} _ for which the result is remembered
 * @param {number} durationMs
 * @param {number | null} recordedAtMs
 * @param {string} timezone
 * @returns {Recording}
 */
function recordingOf(_, durationMs, recordedAtMs, timezone) {
  return { durationMs, recordedAtMs, timezone };
}

/**
 * @param {import("#page/counting/zones_file.js").Calibration} calibration
 * @param {Steps} steps
 * @param {Report["observations"]} observations
 * @returns {Seen[]}
 */
function peopleWithDistances(calibration, steps, observations) {
  const distancesM = walkedDistancesM(steps, observations, calibration.homography);
  const byPerson = new Map(Array.from(steps.people, (person, position) => [person, distancesM[position]]));
  return peopleInVideo(steps).map(({ person, presences }) => {
    return { person: { ...person, distanceM: byPerson.get(person.person) ?? null }, presences };
  });
}

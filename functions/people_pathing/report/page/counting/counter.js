/**
 * Counts the people of one video. The twin of counting/counter.py.
 *
 * Python takes one observation after the other through all sections. Here, each section takes all
 * observations, so that a change of one section needs no work for the others. The results are the same.
 *
 * @typedef {import("#page/counting/events.js").Counted} Counted
 * @typedef {import("#page/counting/events.js").Crossing} Crossing
 * @typedef {import("#page/counting/events.js").Moment} Moment
 * @typedef {import("#page/counting/events.js").PersonSeen} PersonSeen
 * @typedef {import("#page/counting/events.js").Presence} Presence
 * @typedef {import("#page/counting/events.js").Visit} Visit
 * @typedef {import("#page/counting/path_points.js").Steps} Steps
 * @typedef {import("#page/counting/zone_visits.js").Stay} Stay
 * @typedef {import("#page/counting/zones_file.js").Line} Line
 * @typedef {import("#page/counting/zones_file.js").Rules} Rules
 * @typedef {import("#page/counting/zones_file.js").Zone} Zone
 * @typedef {import("#page/counting/zones_file.js").ZonesFile} ZonesFile
 */

import { scaledEdges, scaledSegment } from "#page/counting/geometry.js";
import { LineCrossings } from "#page/counting/line_crossings.js";
import { roundedTo } from "#page/counting/rounding.js";
import { ZoneVisits } from "#page/counting/zone_visits.js";

/** Of ratios: exact to a tenth of a pixel in a frame of 10,000 pixels. */
const DECIMALS = 5;

/**
 * Someone in the video, whether the person counts or not.
 *
 * @typedef {object} Seen
 * @property {PersonSeen} person
 * @property {Presence[]} presences
 */

/**
 * Returns all visits of a zone that last long enough, by person and then by time.
 *
 * @param {Zone} zone
 * @param {Steps} steps
 * @param {Rules} rules
 * @param {number} aspectRatio width of the frame divided by its height
 * @returns {Visit[]}
 */
export function visitsOfZone(zone, steps, rules, aspectRatio) {
  const follower = new ZoneVisits(scaledEdges(zone.polygon, aspectRatio), rules, steps);
  /** @type {Visit[]} */
  const visits = [];
  /** @type {(person: number, stay: Stay | null) => void} */
  const keep = (person, stay) => {
    if (stay === null) return;
    const enter = moment(steps, stay.enter.at, stay.enter.share, aspectRatio);
    const exit = moment(steps, stay.exit.at, stay.exit.share, aspectRatio);
    const dwellMs = exit.atMs - enter.atMs;
    if (dwellMs < zone.minimum_stay_ms) return;
    const { enterCause, exitCause } = stay;
    visits.push({ zone: zone.name, person, enter, enterCause, exit, exitCause, dwellMs });
  };
  for (let position = 0; position < steps.people.length; position++) {
    const person = steps.people[position];
    const start = steps.starts[position];
    for (let at = start; at < steps.starts[position + 1]; at++) {
      if (steps.from[at] === at && at > start) keep(person, follower.interrupt());
      keep(person, follower.add(at));
    }
    keep(person, follower.interrupt());
  }
  return visits;
}

/**
 * Returns all crossings of a line, by person and then by time.
 *
 * @param {Line} line
 * @param {Steps} steps
 * @param {Rules} rules
 * @param {number} aspectRatio width of the frame divided by its height
 * @returns {Crossing[]}
 */
export function crossingsOfLine(line, steps, rules, aspectRatio) {
  const follower = new LineCrossings(scaledSegment(line.start, line.end, aspectRatio), rules, steps);
  /** @type {Crossing[]} */
  const crossings = [];
  for (let position = 0; position < steps.people.length; position++) {
    const person = steps.people[position];
    for (let at = steps.starts[position]; at < steps.starts[position + 1]; at++) {
      if (steps.from[at] === at) follower.interrupt();
      for (const passage of follower.add(at)) {
        const { direction, share } = passage;
        crossings.push({
          line: line.name,
          person,
          direction,
          moment: moment(steps, passage.at, share, aspectRatio),
        });
      }
    }
  }
  return crossings;
}

/**
 * Returns all people and the stretches of their paths.
 *
 * @param {Steps} steps
 * @returns {Seen[]}
 */
export function peopleInVideo(steps) {
  /** @type {Seen[]} */
  const seen = [];
  for (let position = 0; position < steps.people.length; position++) {
    const person = steps.people[position];
    const presences = presencesOf(steps, position);
    const first = presences.at(0);
    const last = presences.at(-1);
    if (!first || !last) continue;
    const seenMs = presences.reduce((total, one) => total + one.lastMs - one.firstMs, 0);
    const { firstMs } = first;
    seen.push({ person: { person, firstMs, lastMs: last.lastMs, seenMs, distanceM: null }, presences });
  }
  return seen;
}

/**
 * Leaves out those who count nowhere, and puts together what was found.
 *
 * @param {Seen[]} seen everyone in the video
 * @param {Visit[]} visits of everyone, in all zones
 * @param {Crossing[]} crossings of everyone, in all lines
 * @param {ZonesFile} zonesFile
 * @returns {Counted}
 */
export function includedOnly(seen, visits, crossings, zonesFile) {
  const staff = staffOf(visits, zonesFile.zones);
  const excluded = { staff: 0, seenTooShort: 0 };
  const included = seen.filter(({ person }) => {
    const isStaff = staff.has(person.person);
    const isSeenTooShort = !isStaff && person.seenMs < zonesFile.rules.minimum_seen_ms;
    if (isStaff) excluded.staff++;
    if (isSeenTooShort) excluded.seenTooShort++;
    return !isStaff && !isSeenTooShort;
  });
  const indexes = new Set(included.map(({ person }) => person.person));
  return {
    visits: visits
      .filter((visit) => indexes.has(visit.person))
      .sort((one, other) => one.person - other.person || one.enter.atMs - other.enter.atMs),
    crossings: crossings
      .filter((crossing) => indexes.has(crossing.person))
      .sort((one, other) => one.person - other.person || one.moment.atMs - other.moment.atMs),
    presences: included.flatMap(({ presences }) => presences),
    people: included.map(({ person }) => person),
    excluded,
    lastMs: seen.reduce((latest, { person }) => Math.max(latest, person.lastMs), -1),
  };
}

/**
 * Returns the indexes of all people whose visits of a staff zone last longer than its limit in total.
 *
 * @param {Visit[]} visits
 * @param {readonly Zone[]} zones
 */
function staffOf(visits, zones) {
  /** @type {Set<number>} */
  const staff = new Set();
  for (const { name, staff_after_ms: limitMs } of zones) {
    if (limitMs === undefined) continue;
    /** @type {Map<number, number>} */
    const totalsMs = new Map();
    for (const { zone, person, dwellMs } of visits) {
      if (zone === name) totalsMs.set(person, (totalsMs.get(person) ?? 0) + dwellMs);
    }
    for (const [person, totalMs] of totalsMs) if (totalMs > limitMs) staff.add(person);
  }
  return staff;
}

/**
 * @param {Steps} steps
 * @param {number} position of the person
 * @returns {Presence[]}
 */
function presencesOf(steps, position) {
  /** @type {Presence[]} */
  const presences = [];
  for (let at = steps.starts[position]; at < steps.starts[position + 1]; at++) {
    const timeMs = steps.timesMs[at];
    const last = presences.at(-1);
    if (last && steps.from[at] !== at) last.lastMs = timeMs;
    else presences.push({ person: steps.people[position], firstMs: timeMs, lastMs: timeMs });
  }
  return presences;
}

/**
 * @param {Steps} steps
 * @param {number} at
 * @param {number} share
 * @param {number} aspectRatio
 * @returns {Moment}
 */
function moment(steps, at, share, aspectRatio) {
  const [x, y] = steps.pointAt(at, share);
  const from = steps.from[at];
  return {
    atMs: steps.msAt(at, share),
    x: roundedTo(x / aspectRatio, DECIMALS),
    y: roundedTo(y, DECIMALS),
    moveX: roundedTo((steps.xs[at] - steps.xs[from]) / aspectRatio, DECIMALS),
    moveY: roundedTo(steps.ys[at] - steps.ys[from], DECIMALS),
  };
}

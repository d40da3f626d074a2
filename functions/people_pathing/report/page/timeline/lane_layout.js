const LANES_BEFORE = 4;

/**
 * What the lane of one person shows.
 *
 * @typedef {object} Lane
 * @property {import("#page/data/tracks.js").Track} track
 * @property {readonly import("#page/counting/count_video.js").Visit[]} visits
 * @property {readonly import("#page/counting/count_video.js").Crossing[]} crossings
 */

/**
 * Returns the lanes of the people that the filters let through, in the order in which they were first seen.
 *
 * @param {readonly import("#page/data/tracks.js").Track[]} tracks
 * @param {import("#page/counting/count_video.js").VideoCounts} counts
 * @param {ReadonlySet<number>} visiblePeople
 * @returns {Lane[]}
 */
export function layOutLanes(tracks, counts, visiblePeople) {
  const visits = byPerson(counts.visits);
  const crossings = byPerson(counts.crossings);
  return tracks
    .filter((track) => visiblePeople.has(track.person))
    .sort((one, other) => one.firstMs - other.firstMs || one.person - other.person)
    .map((track) => ({
      track,
      visits: visits.get(track.person) ?? [],
      crossings: crossings.get(track.person) ?? [],
    }));
}

/**
 * Returns the lane to scroll to, so that people who are there at a time are visible. It is a few lanes before
 * the first one that begins then or later.
 *
 * @param {readonly Lane[]} lanes
 * @param {number} atMs
 */
export function laneNear(lanes, atMs) {
  const later = lanes.findIndex(({ track }) => track.firstMs >= atMs);
  return Math.max(0, (later < 0 ? lanes.length : later) - LANES_BEFORE);
}

/**
 * Tells whether somebody in some of the lanes was seen between two times.
 *
 * @param {readonly Lane[]} lanes
 * @param {number} fromMs
 * @param {number} toMs
 */
export function isSomebodySeen(lanes, fromMs, toMs) {
  return lanes.some(({ track }) => track.firstMs <= toMs && track.lastMs >= fromMs);
}

/**
 * Returns the gaps between the stretches of a track.
 *
 * @param {import("#page/data/tracks.js").Track} track
 * @returns {{fromMs: number, toMs: number}[]}
 */
export function gapsOf({ stretches }) {
  return stretches.slice(1).map(({ firstMs }, at) => ({ fromMs: stretches[at].lastMs, toMs: firstMs }));
}

/**
 * Returns the part of a stretch of time that is in the window, as shares of the window's width; null if it is
 * not in the window.
 *
 * @param {import("#page/page_state.js").TimeWindow} window
 * @param {number} fromMs
 * @param {number} toMs
 * @returns {{left: number, width: number} | null}
 */
export function shareOfWindow(window, fromMs, toMs) {
  if (toMs < window.fromMs || fromMs > window.toMs) return null;
  const lengthMs = window.toMs - window.fromMs;
  const left = (Math.max(fromMs, window.fromMs) - window.fromMs) / lengthMs;
  return { left, width: (Math.min(toMs, window.toMs) - window.fromMs) / lengthMs - left };
}

/**
 * @template {{person: number}} Found
 * @param {readonly Found[]} found
 * @returns {Map<number, Found[]>}
 */
function byPerson(found) {
  /** @type {Map<number, Found[]>} */
  const people = new Map();
  for (const one of found) {
    const known = people.get(one.person);
    if (known) known.push(one);
    else people.set(one.person, [one]);
  }
  return people;
}

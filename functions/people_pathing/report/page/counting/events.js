/**
 * What counting finds: moments, visits, crossings and stretches of presence. The twin of counting/events.py.
 *
 * @typedef {"in" | "out"} Direction
 * @typedef {"crossed" | "appeared" | "vanished"} Cause
 */

/**
 * When and where something happened.
 *
 * @typedef {object} Moment
 * @property {number} atMs milliseconds from the start of the video
 * @property {number} x ratio of the frame's width
 * @property {number} y ratio of the frame's height
 * @property {number} moveX how far the foot point moved from one observation to the next, as a ratio of the
 *   frame's width; 0 at the first observation of a path
 * @property {number} moveY the same as a ratio of the frame's height
 */

/**
 * A person's stay in a zone.
 *
 * @typedef {object} Visit
 * @property {string} zone the zone's name
 * @property {number} person the person's index
 * @property {Moment} enter when and where it began
 * @property {Cause} enterCause `crossed` or `appeared`
 * @property {Moment} exit when and where it ended
 * @property {Cause} exitCause `crossed` or `vanished`
 * @property {number} dwellMs how long it lasted
 */

/**
 * A person's way through a line.
 *
 * @typedef {object} Crossing
 * @property {string} line the line's name
 * @property {number} person the person's index
 * @property {Direction} direction
 * @property {Moment} moment
 */

/**
 * A stretch of a person's path without long gaps.
 *
 * @typedef {object} Presence
 * @property {number} person the person's index
 * @property {number} firstMs the first observation
 * @property {number} lastMs the last observation
 */

/**
 * One person who counts.
 *
 * @typedef {object} PersonSeen
 * @property {number} person the person's index
 * @property {number} firstMs the first observation
 * @property {number} lastMs the last observation
 * @property {number} seenMs how long the person was seen, without long gaps
 * @property {number | null} distanceM how far the person walked, in metres; null without a calibration
 */

/**
 * How many people count nowhere.
 *
 * @typedef {object} Excluded
 * @property {number} staff they were in a staff zone for longer than its limit
 * @property {number} seenTooShort they were seen for less than the minimum
 */

/**
 * Everything that was found in one video, sorted by person and then by time.
 *
 * @typedef {object} Counted
 * @property {Visit[]} visits of all zones
 * @property {Crossing[]} crossings of all lines
 * @property {Presence[]} presences in the picture
 * @property {PersonSeen[]} people all who count
 * @property {Excluded} excluded how many do not
 * @property {number} lastMs time of the last observation; -1 if there is none
 */

export {};

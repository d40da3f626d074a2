/**
 * Cuts the time of a video into intervals that follow the local clock. The twin of summaries/intervals.py.
 */

const MINUTE_MS = 60_000;

/**
 * When a video was recorded.
 *
 * @typedef {object} Recording
 * @property {number} durationMs how long the video is
 * @property {number | null} recordedAtMs when it starts, in milliseconds since the epoch; null if that is not
 *   known
 * @property {string} timezone IANA name of the clock that intervals follow
 */

/**
 * A stretch of time with counts of its own.
 *
 * @typedef {object} Interval
 * @property {number} startMs milliseconds from the start of the video; the first interval starts with the
 *   video
 * @property {number} endMs where the next interval starts, or where the video ends
 * @property {string} label the full minute, quarter or hour of the local clock that contains the start, with
 *   the offset from UTC, such as "2026-03-02T09:00:00+01:00"; or h:mm:ss from the start of the video
 */

/**
 * Returns the intervals of a video, in order. A video without length has none.
 *
 * @param {Recording} recording
 * @param {number} minutes length of the intervals, a divisor of an hour
 * @returns {Interval[]}
 */
export function intervals(recording, minutes) {
  const { durationMs, recordedAtMs, timezone } = recording;
  const lengthMs = minutes * MINUTE_MS;
  return recordedAtMs === null
    ? relative(durationMs, lengthMs)
    : local(durationMs, recordedAtMs, timezone, lengthMs);
}

/**
 * @param {number} durationMs
 * @param {number} lengthMs
 * @returns {Interval[]}
 */
function relative(durationMs, lengthMs) {
  /** @type {Interval[]} */
  const found = [];
  for (let startMs = 0; startMs < durationMs; startMs += lengthMs) {
    const label = clockFace(Math.floor(startMs / 1000));
    found.push({ startMs, endMs: Math.min(startMs + lengthMs, durationMs), label });
  }
  return found;
}

/**
 * @param {number} durationMs
 * @param {number} recordedAtMs
 * @param {string} timezone
 * @param {number} lengthMs
 * @returns {Interval[]}
 */
function local(durationMs, recordedAtMs, timezone, lengthMs) {
  const offsetMs = offsetsOf(timezone);
  const videoEndMs = recordedAtMs + durationMs;
  /** @type {Interval[]} */
  const found = [];
  let startMs = recordedAtMs;
  while (startMs < videoEndMs) {
    const offset = offsetMs(startMs);
    // What the clock's face shows, as if it were in UTC: there, every day has 24 hours.
    const face = startMs + offset;
    const begin = Math.floor(face / lengthMs) * lengthMs;
    let endMs = startMs + begin + lengthMs - face;
    if (offsetMs(endMs - 1) !== offset) endMs = clockChangeMs(offsetMs, startMs, endMs);
    endMs = Math.min(endMs, videoEndMs);
    const label = new Date(begin).toISOString().slice(0, 19) + offsetText(offset);
    found.push({ startMs: startMs - recordedAtMs, endMs: endMs - recordedAtMs, label });
    startMs = endMs;
  }
  return found;
}

/**
 * Returns the first millisecond of the offset from UTC that is in force just before `afterMs`.
 *
 * @param {(epochMs: number) => number} offsetMs
 * @param {number} beforeMs
 * @param {number} afterMs
 */
function clockChangeMs(offsetMs, beforeMs, afterMs) {
  const offset = offsetMs(beforeMs);
  while (afterMs - beforeMs > 1) {
    const middleMs = Math.floor((beforeMs + afterMs) / 2);
    if (offsetMs(middleMs) === offset) beforeMs = middleMs;
    else afterMs = middleMs;
  }
  return afterMs;
}

/**
 * Returns a function from milliseconds since the epoch to the offset from UTC in milliseconds.
 *
 * @param {string} timezone IANA name
 * @returns {(epochMs: number) => number}
 */
function offsetsOf(timezone) {
  const format = new Intl.DateTimeFormat("en-US", { timeZone: timezone, timeZoneName: "longOffset" });
  return (epochMs) => {
    const name = format.formatToParts(epochMs).find((part) => part.type === "timeZoneName")?.value ?? "";
    // "GMT+05:45", or "GMT" for UTC.
    const [, sign, hours, minutes, seconds] = /^GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(name) ?? [];
    if (sign === undefined) return 0;
    const total = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds ?? 0);
    return (sign === "-" ? -total : total) * 1000;
  };
}

/**
 * Returns an offset as in ISO 8601, such as "+01:00".
 *
 * @param {number} offsetMs
 */
function offsetText(offsetMs) {
  const text = new Date(Math.abs(offsetMs)).toISOString();
  return (offsetMs < 0 ? "-" : "+") + text.slice(11, text.slice(17, 19) === "00" ? 16 : 19);
}

/**
 * Returns h:mm:ss.
 *
 * @param {number} seconds
 */
function clockFace(seconds) {
  const two = (/** @type {number} */ value) => String(value).padStart(2, "0");
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

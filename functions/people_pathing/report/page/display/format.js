/** Numbers and times as the page shows them. Units are always shown. */

const LOCALE = "en-GB";
const COUNT = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0 });
const SHARE = new Intl.NumberFormat(LOCALE, { style: "percent", maximumFractionDigits: 0 });

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/**
 * Returns a whole number, such as "1,200".
 *
 * @param {number} count
 */
export function formatCount(count) {
  return COUNT.format(count);
}

/**
 * Returns a number with its noun, such as "1 person" or "12 people".
 *
 * @param {number} count
 * @param {string} one
 * @param {string} many
 */
export function formatCountOf(count, one, many) {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/**
 * Returns a number with decimals.
 *
 * @param {number} value
 * @param {number} decimals
 */
export function formatDecimal(value, decimals) {
  const digits = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  return new Intl.NumberFormat(LOCALE, digits).format(value).replace("-", "−");
}

/**
 * Returns a share in percent, such as "64 %".
 *
 * @param {number} share from 0 to 1
 */
export function formatShare(share) {
  return SHARE.format(share).replace("%", "\u00a0%");
}

/**
 * Returns a length of time, such as "3.8 s", "2 min 05 s" or "1 h 02 min"; "–" if there is none.
 *
 * @param {number | null} durationMs
 */
export function formatDuration(durationMs) {
  if (durationMs === null) return "–";
  const tenths = Math.round(durationMs / 100);
  if (tenths < 600) return `${formatDecimal(tenths / 10, 1)}\u00a0s`;
  const seconds = Math.round(durationMs / SECOND_MS);
  if (seconds < 3600) return `${Math.floor(seconds / 60)}\u00a0min ${twoDigits(seconds % 60)}\u00a0s`;
  const minutes = Math.round(durationMs / MINUTE_MS);
  return `${formatCount(Math.floor(minutes / 60))}\u00a0h ${twoDigits(minutes % 60)}\u00a0min`;
}

/**
 * Returns a time of the video as m:ss or h:mm:ss, cut to full seconds.
 *
 * @param {number} atMs
 */
export function formatVideoTime(atMs) {
  const seconds = Math.floor(atMs / SECOND_MS);
  const minutes = Math.floor(seconds / 60);
  const start = minutes < 60 ? `${minutes}` : `${Math.floor(minutes / 60)}:${twoDigits(minutes % 60)}`;
  return `${start}:${twoDigits(seconds % 60)}`;
}

/**
 * Returns a time of the video as m:ss.s or h:mm:ss.s, cut to tenths of a second.
 *
 * @param {number} atMs
 */
export function formatVideoTenths(atMs) {
  return `${formatVideoTime(atMs)}.${Math.floor(atMs / 100) % 10}`;
}

/**
 * Reads a time of the video: seconds, m:ss or h:mm:ss, each with decimals or without.
 *
 * @param {string} text
 * @returns {number | null} milliseconds; null if the text is no time
 */
export function parseVideoTime(text) {
  const parts = /^(?:(?:(\d+):)?(\d+):)?(\d+(?:[.,]\d+)?)$/.exec(text.trim());
  if (!parts) return null;
  const [hours, minutes, seconds] = parts.slice(1).map((part) => Number((part ?? "0").replace(",", ".")));
  return Math.round(hours * HOUR_MS + minutes * MINUTE_MS + seconds * SECOND_MS);
}

/**
 * Returns a moment on the local clock, such as "09:42:10".
 *
 * @param {number} epochMs milliseconds since the epoch
 * @param {string} timeZone IANA name
 */
export function formatClock(epochMs, timeZone) {
  return formatter(timeZone, { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(epochMs);
}

/**
 * Returns a moment on the local clock in hours and minutes, such as "09:42".
 *
 * @param {number} epochMs milliseconds since the epoch
 * @param {string} timeZone IANA name
 */
export function formatClockMinutes(epochMs, timeZone) {
  return formatter(timeZone, { hour: "2-digit", minute: "2-digit" }).format(epochMs);
}

/**
 * Returns a moment with its date and time zone, such as "2 Mar 2026, 09:00:00 Europe/Berlin".
 *
 * @param {number} epochMs milliseconds since the epoch
 * @param {string} timeZone IANA name
 */
export function formatMoment(epochMs, timeZone) {
  const date = formatter(timeZone, { day: "numeric", month: "short", year: "numeric" }).format(epochMs);
  return `${date}, ${formatClock(epochMs, timeZone)} ${timeZone}`;
}

/**
 * Returns how far the local clock is ahead of UTC, in milliseconds.
 *
 * @param {number} epochMs milliseconds since the epoch
 * @param {string} timeZone IANA name
 */
export function clockOffsetMs(epochMs, timeZone) {
  /** @type {Record<string, number>} */
  const parts = {};
  const named = { year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric" };
  const format = formatter(
    timeZone,
    /** @type {Intl.DateTimeFormatOptions} */ ({ ...named, second: "numeric" }),
  );
  for (const { type, value } of format.formatToParts(epochMs)) parts[type] = Number(value);
  const face = Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute, parts.second);
  return face - Math.floor(epochMs / SECOND_MS) * SECOND_MS;
}

/** @type {Map<string, Intl.DateTimeFormat>} */
const formatters = new Map();

/**
 * @param {string} timeZone
 * @param {Intl.DateTimeFormatOptions} options
 */
function formatter(timeZone, options) {
  const key = JSON.stringify([timeZone, options]);
  const known = formatters.get(key);
  if (known) return known;
  const made = new Intl.DateTimeFormat(LOCALE, { ...options, timeZone, hourCycle: "h23" });
  formatters.set(key, made);
  return made;
}

/** @param {number} value */
function twoDigits(value) {
  return String(value).padStart(2, "0");
}

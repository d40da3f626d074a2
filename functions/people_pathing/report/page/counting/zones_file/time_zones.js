/** The time zones that the browser knows. */

import { closestMatch } from "#page/counting/zones_file/close_matches.js";

/**
 * Returns the names of time zones to choose from, UTC first.
 *
 * @returns {string[]}
 */
export function timezoneNames() {
  return ["UTC", ...Intl.supportedValuesOf("timeZone").filter((name) => name !== "UTC")];
}

/**
 * Returns why a value is not the name of a time zone, or null.
 *
 * @param {unknown} name
 * @returns {string | null}
 */
export function timezoneProblem(name) {
  if (typeof name === "string" && isTimezone(name)) return null;
  const close = closestMatch(typeof name === "string" ? name : "None", timezoneNames());
  const hint =
    close === null ? 'give an IANA name such as "Europe/Berlin" or "UTC"' : `did you mean "${close}"?`;
  return `which is not a known time zone; ${hint}`;
}

/**
 * Returns a valid zones.json without its time zone if only Python knows the zone, and the name of that zone.
 *
 * @param {import("#page/counting/zones_file.js").ZonesFile} zonesFile
 */
export function withKnownTimezone(zonesFile) {
  const { timezone = null, ...others } = zonesFile;
  if (timezone === null || isTimezone(timezone)) return { known: zonesFile, unknownTimezone: null };
  return { known: others, unknownTimezone: timezone };
}

/** @param {string} name */
function isTimezone(name) {
  // Browsers accept offsets, such as +01:00, and names in small letters as well. Python does not.
  if (!/^[A-Z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

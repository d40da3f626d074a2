/**
 * Reads the members of JSON objects, and names the place of what is wrong. The twin of zones_file/members.py.
 */

import { closestMatch } from "#page/counting/zones_file/close_matches.js";
import { pythonText } from "#page/counting/zones_file/python_text.js";

const LARGEST_MS = 7 * 24 * 3600 * 1000;

/** zones.json cannot be used. The message names the place, what is wrong and what would be right. */
export class ZonesFileError extends Error {
  name = "ZonesFileError";
}

/** The members of one JSON object. */
export class Members {
  /** @type {Map<string, unknown>} */
  #members;

  /**
   * @param {unknown} value what the file has in this place
   * @param {string} place in the words of a message, for example `zone "till"`; empty for the whole file
   * @param {readonly string[]} known the names of the members that the object can have
   * @throws {ZonesFileError} the value is no object, or it has other members
   */
  constructor(value, place, known) {
    this.place = place;
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw this.error(`must be an object with the members ${known.join(", ")}`);
    }
    this.#members = new Map(Object.entries(value));
    for (const name of this.#members.keys()) {
      if (!known.includes(name)) throw this.error(`there is no member "${name}"; ${suggestion(name, known)}`);
    }
  }

  /**
   * Returns an error about this object.
   *
   * @param {string} text
   */
  error(text) {
    return new ZonesFileError(this.place ? `${this.place}: ${text}` : text);
  }

  /**
   * Tells whether the member exists.
   *
   * @param {string} name
   */
  has(name) {
    return this.#members.has(name);
  }

  /**
   * Returns a member.
   *
   * @param {string} name
   * @throws {ZonesFileError} it is missing
   */
  required(name) {
    if (!this.#members.has(name)) throw this.error(`the member "${name}" is missing`);
    return this.#members.get(name);
  }

  /**
   * Returns a list; an empty one if the member is missing.
   *
   * @param {string} name
   * @returns {unknown[]}
   */
  items(name) {
    const value = this.has(name) ? this.#members.get(name) : [];
    if (!Array.isArray(value)) throw this.error(`"${name}" must be a list`);
    return value;
  }

  /**
   * Returns a whole number of milliseconds, at least 0.
   *
   * @param {string} name
   * @param {number} missing what is returned if the member is missing
   */
  milliseconds(name, missing) {
    const value = this.has(name) ? this.#members.get(name) : missing;
    if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value > LARGEST_MS) {
      throw this.error(
        `"${name}" is ${shown(value)}; give whole milliseconds from 0 to ${LARGEST_MS} (7 days)`,
      );
    }
    return value;
  }

  /**
   * Returns a number in a range.
   *
   * @param {string} name
   * @param {number} missing what is returned if the member is missing
   * @param {number} lowest
   * @param {number} highest
   */
  number(name, missing, lowest, highest) {
    const value = this.has(name) ? this.#members.get(name) : missing;
    if (!isNumber(value) || value < lowest || value > highest) {
      throw this.error(`"${name}" is ${shown(value)}; give a number from ${lowest} to ${highest}`);
    }
    return value;
  }
}

/**
 * Tells whether a JSON value is a finite number.
 *
 * @param {unknown} value
 * @returns {value is number}
 */
export function isNumber(value) {
  return Number.isFinite(value);
}

/**
 * Tells whether a JSON value is a list of two finite numbers.
 *
 * @param {unknown} value
 * @returns {value is [number, number]}
 */
export function isPair(value) {
  return Array.isArray(value) && value.length === 2 && value.every(isNumber);
}

/**
 * Returns what a mistyped name probably means, or what can be chosen.
 *
 * @param {string} name
 * @param {readonly string[]} known
 */
function suggestion(name, known) {
  const close = closestMatch(name.toLowerCase(), known);
  return close === null ? `choose from ${known.join(", ")}` : `did you mean "${close}"?`;
}

/**
 * Returns a JSON value for a message, shortened.
 *
 * @param {unknown} value
 */
export function shown(value) {
  const characters = [...pythonText(value)];
  return characters.length <= 60 ? characters.join("") : `${characters.slice(0, 57).join("")}...`;
}

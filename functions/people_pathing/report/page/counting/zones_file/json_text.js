/**
 * Parses the text of zones.json. It refuses what Python refuses, with the same messages.
 *
 * JSON.parse keeps the last of two members with the same name, and its messages depend on the browser.
 */

import { ZonesFileError } from "#page/counting/zones_file/members.js";

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WHITESPACE = /[ \t\n\r]*/y;
const PLAIN_CHARACTERS = /[^"\\\u0000-\u001f]*/y;
const FOUR_DIGITS = /[0-9a-fA-F]{4}/y;
/** @type {readonly (readonly [string, unknown])[]} */
const LITERALS = [
  ["null", null],
  ["true", true],
  ["false", false],
];
const CONSTANTS = ["NaN", "Infinity", "-Infinity"];
/** @type {Readonly<Record<string, string>>} */
const ESCAPES = { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

/**
 * Parses JSON.
 *
 * @param {string} text perhaps with a byte order mark
 * @returns {unknown}
 * @throws {ZonesFileError} the text is not JSON, or an object has two members with the same name
 */
export function parseJson(text) {
  try {
    return new Parser(text.replace(/^\ufeff/, "")).file();
  } catch (error) {
    // The parser calls itself for each level.
    if (error instanceof RangeError) throw new ZonesFileError("the JSON is nested too deeply");
    throw error;
  }
}

class Parser {
  #text;
  #at = 0;

  /** @param {string} text */
  constructor(text) {
    this.#text = text;
  }

  file() {
    this.#matched(WHITESPACE);
    const value = this.#value();
    this.#matched(WHITESPACE);
    if (this.#at < this.#text.length) throw this.#error("Extra data");
    return value;
  }

  /** @returns {unknown} */
  #value() {
    if (this.#skipped("{")) return this.#object();
    if (this.#skipped("[")) return this.#array();
    if (this.#skipped('"')) return this.#string();
    for (const [word, value] of LITERALS) if (this.#skipped(word)) return value;
    for (const word of CONSTANTS) {
      if (this.#skipped(word)) throw new ZonesFileError(`${word} is not a number of JSON`);
    }
    const number = this.#matched(NUMBER);
    if (number === "") throw this.#error("Expecting value");
    return Number(number);
  }

  #object() {
    /** @type {Map<string, unknown>} */
    const members = new Map();
    this.#matched(WHITESPACE);
    if (this.#skipped("}")) return {};
    do {
      this.#matched(WHITESPACE);
      if (!this.#skipped('"')) throw this.#error("Expecting property name enclosed in double quotes");
      const name = this.#string();
      this.#matched(WHITESPACE);
      if (!this.#skipped(":")) throw this.#error("Expecting ':' delimiter");
      this.#matched(WHITESPACE);
      const value = this.#value();
      if (members.has(name)) {
        throw new ZonesFileError(`the member "${name}" appears twice in one object; remove one`);
      }
      members.set(name, value);
      this.#matched(WHITESPACE);
    } while (this.#skipped(","));
    if (!this.#skipped("}")) throw this.#error("Expecting ',' delimiter");
    return Object.fromEntries(members);
  }

  #array() {
    /** @type {unknown[]} */
    const values = [];
    this.#matched(WHITESPACE);
    if (this.#skipped("]")) return values;
    do {
      this.#matched(WHITESPACE);
      values.push(this.#value());
      this.#matched(WHITESPACE);
    } while (this.#skipped(","));
    if (!this.#skipped("]")) throw this.#error("Expecting ',' delimiter");
    return values;
  }

  /** Parses a string after its opening quotation mark. */
  #string() {
    const start = this.#at - 1;
    let value = "";
    for (;;) {
      value += this.#matched(PLAIN_CHARACTERS);
      if (this.#at >= this.#text.length) throw this.#error("Unterminated string starting at", start);
      if (this.#skipped('"')) return value;
      if (!this.#skipped("\\")) throw this.#error("Invalid control character at");
      value += this.#escaped(start);
    }
  }

  /** @param {number} stringStart */
  #escaped(stringStart) {
    const letter = this.#text[this.#at];
    if (letter === undefined) throw this.#error("Unterminated string starting at", stringStart);
    if (letter !== "u") {
      const character = ESCAPES[letter];
      if (character === undefined) throw this.#error("Invalid \\escape", this.#at - 1);
      this.#at++;
      return character;
    }
    this.#at++;
    const digits = this.#matched(FOUR_DIGITS);
    if (digits === "") throw this.#error("Invalid \\uXXXX escape", this.#at - 1);
    return String.fromCharCode(parseInt(digits, 16));
  }

  /**
   * Skips a word if it comes next, and tells whether it did.
   *
   * @param {string} word
   */
  #skipped(word) {
    if (!this.#text.startsWith(word, this.#at)) return false;
    this.#at += word.length;
    return true;
  }

  /**
   * Skips what matches a pattern, and returns it; an empty text if nothing does.
   *
   * @param {RegExp} pattern sticky
   */
  #matched(pattern) {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? "";
    this.#at += found.length;
    return found;
  }

  /**
   * @param {string} problem
   * @param {number} at
   */
  #error(problem, at = this.#at) {
    const before = [...this.#text.slice(0, at)];
    const line = before.filter((character) => character === "\n").length + 1;
    const column = before.length - before.lastIndexOf("\n");
    return new ZonesFileError(`line ${line}, column ${column}: this is not JSON (${problem})`);
  }
}

/**
 * Returns a JSON value as Python writes it, so that messages are the same in both.
 *
 * Python writes 1.0 for a number that the file has as 1.0. JavaScript does not know the difference from 1.
 *
 * @param {unknown} value
 * @returns {string}
 */
export function pythonText(value) {
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "number") return pythonNumber(value);
  if (typeof value === "string") return pythonString(value);
  if (Array.isArray(value)) return `[${value.map(pythonText).join(", ")}]`;
  const members = Object.entries(value).map(
    ([name, member]) => `${pythonString(name)}: ${pythonText(member)}`,
  );
  return `{${members.join(", ")}}`;
}

/** @param {number} value */
function pythonNumber(value) {
  if (Number.isInteger(value)) return BigInt(value).toString();
  if (!Number.isFinite(value)) return value > 0 ? "inf" : value < 0 ? "-inf" : "nan";
  if (Math.abs(value) >= 1e-4) return String(value);
  // Python writes small numbers with an exponent of at least two digits.
  const [digits, exponent] = value.toExponential().split("e-");
  return `${digits}e-${exponent.padStart(2, "0")}`;
}

/** @param {string} text */
function pythonString(text) {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = Array.from(text, (character) => {
    if (character === "\\" || character === quote) return `\\${character}`;
    return isPrintable(character) ? character : pythonEscape(character);
  });
  return quote + escaped.join("") + quote;
}

/** @param {string} character */
function pythonEscape(character) {
  const short = { "\t": "\\t", "\n": "\\n", "\r": "\\r" }[character];
  if (short) return short;
  const code = character.codePointAt(0) ?? 0;
  const [letter, digits] = code <= 0xff ? ["x", 2] : code <= 0xffff ? ["u", 4] : ["U", 8];
  return `\\${letter}${code.toString(16).padStart(Number(digits), "0")}`;
}

/**
 * Tells whether all characters can be printed: not control characters, and no spaces other than the usual
 * one.
 *
 * @param {string} text
 */
export function isPrintable(text) {
  return /^(?: |[^\p{C}\p{Z}])*$/u.test(text);
}

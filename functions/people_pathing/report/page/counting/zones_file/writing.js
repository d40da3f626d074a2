/**
 * Writes zones.json. The twin of zones_file/writing.py.
 *
 * @typedef {import("#page/counting/zones_file/sections.js").ZonesFile} ZonesFile
 */

const MAX_COLUMNS = 90;

/**
 * Returns the text of zones.json.
 *
 * @param {ZonesFile} zonesFile
 */
export function zonesFileText(zonesFile) {
  const { version, timezone, rules, zones, lines, masks, calibration } = zonesFile;
  // Members that are undefined are left out.
  return `${layOut({ version, timezone, rules, zones, lines, masks, calibration }, 0)}\n`;
}

/**
 * Returns JSON with a short value in one line, and a longer one with a line for each member.
 *
 * @param {unknown} value
 * @param {number} depth
 * @returns {string}
 */
function layOut(value, depth) {
  const line = inOneLine(value);
  if (depth > 0 && [...line].length <= MAX_COLUMNS) return line;
  const inner = "  ".repeat(depth + 1);
  const end = "  ".repeat(depth);
  if (Array.isArray(value)) {
    return `[\n${value.map((one) => inner + layOut(one, depth + 1)).join(",\n")}\n${end}]`;
  }
  if (typeof value === "object" && value !== null) {
    const members = membersOf(value).map(
      ([name, one]) => `${inner}${JSON.stringify(name)}: ${layOut(one, depth + 1)}`,
    );
    return `{\n${members.join(",\n")}\n${end}}`;
  }
  return line;
}

/**
 * @param {unknown} value
 * @returns {string}
 */
function inOneLine(value) {
  if (Array.isArray(value)) return `[${value.map(inOneLine).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    return `{${membersOf(value)
      .map(([name, one]) => `${JSON.stringify(name)}: ${inOneLine(one)}`)
      .join(", ")}}`;
  }
  return JSON.stringify(value);
}

/** @param {object} value */
function membersOf(value) {
  return Object.entries(value).filter(([, member]) => member !== undefined);
}

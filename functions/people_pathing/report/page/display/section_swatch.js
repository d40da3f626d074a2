import { element } from "#page/display/elements.js";

/** So many patterns of zones are drawn on the picture, too. */
const PATTERNS = 6;

/**
 * Makes the small sign of a zone or line. Zones differ by their patterns, as on the picture.
 *
 * @param {"zone" | "line"} type
 * @param {number} at place among the zones, or among the lines
 */
export function sectionSwatch(type, at) {
  const className = type === "line" ? "line-swatch" : zonePattern(at);
  return element("span", { class: `section-swatch ${className}`, "aria-hidden": "true" });
}

/**
 * Returns the class with the pattern of a zone.
 *
 * @param {number} at place among the zones
 */
export function zonePattern(at) {
  return `zone-pattern-${at % PATTERNS}`;
}

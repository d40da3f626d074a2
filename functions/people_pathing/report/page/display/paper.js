/** What long lists show on paper: a browser needs minutes to print tens of thousands of rows. */

import { element, setText } from "#page/display/elements.js";
import { formatCount } from "#page/display/format.js";

const MAX_PRINTED_ROWS = 500;

/**
 * Returns how many rows of a list are printed.
 *
 * @param {number} count of all rows
 */
export function printedRows(count) {
  return Math.min(count, MAX_PRINTED_ROWS);
}

/** Makes the note that only paper shows. It is empty until rows are left out. */
export function paperNote() {
  return element("p", { class: "paper-note small" });
}

/**
 * Says on paper how many rows are left out.
 *
 * @param {HTMLElement} note
 * @param {number} count of all rows
 * @param {string} what the rows are, such as "people"
 */
export function showLeftOut(note, count, what) {
  const text = `Only the first ${formatCount(MAX_PRINTED_ROWS)} of ${formatCount(count)} ${what} are printed.`;
  setText(note, count > MAX_PRINTED_ROWS ? text : "");
}

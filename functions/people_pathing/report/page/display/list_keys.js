/**
 * Returns the row to which a key leads in a list.
 *
 * @param {string} key as in KeyboardEvent
 * @param {number} at the chosen row; -1 if none is
 * @param {number} count of all rows
 * @param {number} pageSize rows that are visible at once
 * @returns {number | null} null if the key leads nowhere
 */
export function rowAfterKey(key, at, count, pageSize) {
  /** @type {Record<string, number>} */
  const rows = {
    ArrowUp: at - 1,
    ArrowDown: at + 1,
    PageUp: at - pageSize,
    PageDown: at + pageSize,
    Home: 0,
    End: count - 1,
  };
  return count > 0 && Object.hasOwn(rows, key) ? Math.min(count - 1, Math.max(0, rows[key])) : null;
}

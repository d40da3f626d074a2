/** Which rows of a long list are drawn. All rows have the same height. */

/** So many rows above and below the visible ones are drawn, so that scrolling shows no empty space. */
const ROWS_BEYOND = 6;

/**
 * Returns the rows to draw.
 *
 * @param {number} scrollTopPx
 * @param {number} viewportPx height of what is visible
 * @param {number} rowPx height of a row
 * @param {number} count of all rows
 * @returns {{first: number, end: number}} from `first` up to but not including `end`
 */
export function rowsToDraw(scrollTopPx, viewportPx, rowPx, count) {
  const first = Math.max(0, Math.min(count, Math.floor(scrollTopPx / rowPx)) - ROWS_BEYOND);
  const end = Math.min(count, Math.ceil((scrollTopPx + viewportPx) / rowPx) + ROWS_BEYOND);
  return { first, end: Math.max(first, end) };
}

/**
 * Returns how far to scroll so that a row is visible. The same value if it is already.
 *
 * @param {number} at number of the row
 * @param {number} scrollTopPx
 * @param {number} viewportPx
 * @param {number} rowPx
 */
export function scrollToRow(at, scrollTopPx, viewportPx, rowPx) {
  const top = at * rowPx;
  if (top < scrollTopPx) return top;
  const bottom = top + rowPx;
  return bottom > scrollTopPx + viewportPx ? Math.max(0, bottom - viewportPx) : scrollTopPx;
}

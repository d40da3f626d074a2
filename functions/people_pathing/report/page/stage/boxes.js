/**
 * A box in ratios of the frame.
 *
 * @typedef {object} Box
 * @property {number} left
 * @property {number} top
 * @property {number} width
 * @property {number} height
 */

/**
 * Returns where a person is at a time, on the straight way between two observations.
 *
 * @param {import("#page/data/report_data.js").Observations} observations
 * @param {import("#page/stage/person_time_index.js").FoundPerson} foundPerson
 * @param {number} timeMs
 * @returns {Box}
 */
export function boxAt({ timesMs, lefts, tops, widths, heights }, { at, last }, timeMs) {
  const next = Math.min(at + 1, last);
  const stepMs = timesMs[next] - timesMs[at];
  const share = stepMs > 0 ? Math.min(Math.max((timeMs - timesMs[at]) / stepMs, 0), 1) : 0;
  /** @param {Float32Array | Float64Array} column */
  const between = (column) => column[at] + share * (column[next] - column[at]);
  return { left: between(lefts), top: between(tops), width: between(widths), height: between(heights) };
}

/**
 * Returns the person whose box is at a point. Of several, the smallest box counts, which is hardest to hit.
 *
 * @param {import("#page/stage/person_time_index.js").PersonTimeIndex} index
 * @param {import("#page/page_state.js").PageState} state
 * @param {{x: number, y: number}} point in ratios of the frame
 * @returns {number | null} index of the person
 */
export function personAt(index, { timeMs, visiblePeople }, { x, y }) {
  let smallest = Infinity;
  let found = null;
  for (const foundPerson of index.at(timeMs)) {
    if (!foundPerson.isPresent || !visiblePeople.has(foundPerson.person)) continue;
    const { left, top, width, height } = boxAt(index.observations, foundPerson, timeMs);
    const isInside = x >= left && x <= left + width && y >= top && y <= top + height;
    if (!isInside || width * height >= smallest) continue;
    smallest = width * height;
    found = foundPerson.person;
  }
  return found;
}

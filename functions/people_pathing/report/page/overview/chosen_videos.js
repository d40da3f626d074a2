import { STATE_NAMES } from "#page/overview/video_entry.js";

/** @typedef {import("#page/overview/video_entry.js").VideoEntry} VideoEntry */

/** How states are sorted: what needs attention comes first. */
const STATE_ORDER = ["FAILED", "WAITING", "IN_PROGRESS", "SUCCEEDED"];

/**
 * Returns the videos that the filters let through, in the chosen order. Unknown values come last.
 *
 * @param {Readonly<import("#page/overview/overview_state.js").OverviewState>} state
 * @returns {VideoEntry[]}
 */
export function chosenVideos({ entries, text, state, order }) {
  const isChosen = (/** @type {VideoEntry} */ entry) => state === null || entry.state === state;
  const chosen = entries.filter((entry) => isChosen(entry) && contains(entry, text));
  const sign = order.isDescending ? -1 : 1;
  // Equal videos stay in the order of all entries.
  return chosen.sort((one, other) => {
    const [a, b] = [sortValue(one, order.column), sortValue(other, order.column)];
    if (a === null || b === null) return Number(a === null) - Number(b === null);
    return sign * (typeof a === "string" ? compareNames(a, String(b)) : a - Number(b));
  });
}

/**
 * Whether each word of a text is in the name, the version, the state or the reason of a video.
 *
 * @param {VideoEntry} entry
 * @param {string} text
 */
export function contains({ name, version, state, reason }, text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const searched = [name, version ?? "", STATE_NAMES[state], reason ?? ""].join("\n").toLowerCase();
  return words.every((word) => searched.includes(word));
}

/**
 * Returns how many videos are in each state.
 *
 * @param {readonly VideoEntry[]} entries
 */
export function countByState(entries) {
  const counts = { WAITING: 0, IN_PROGRESS: 0, SUCCEEDED: 0, FAILED: 0 };
  for (const { state } of entries) counts[state] += 1;
  return counts;
}

/**
 * @param {VideoEntry} entry
 * @param {import("#page/overview/overview_state.js").SortColumn} column
 * @returns {string | number | null}
 */
function sortValue(entry, column) {
  return column === "state" ? STATE_ORDER.indexOf(entry.state) : entry[column];
}

// "camera 2" comes before "camera 10".
const { compare: compareNames } = new Intl.Collator("en", { numeric: true });

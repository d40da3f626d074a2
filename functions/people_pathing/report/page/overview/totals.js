import { element } from "#page/display/elements.js";
import { formatCount, formatDuration } from "#page/display/format.js";

/**
 * Shows the figures of all videos together.
 *
 * @param {HTMLElement} place
 * @param {import("#page/overview/overview_state.js").OverviewStore} store
 */
export function mountTotals(place, store) {
  store.follow(["entries"], ({ entries }) => {
    place.replaceChildren(
      element("dl", { class: "totals" }, ...totals(entries).map(([name, value]) => figure(name, value))),
    );
  });
}

/**
 * Returns the names and values of the figures.
 *
 * @param {readonly import("#page/overview/video_entry.js").VideoEntry[]} entries
 * @returns {[string, string][]}
 */
export function totals(entries) {
  const sum = (/** @type {"durationMs" | "people"} */ name) =>
    entries.reduce((total, entry) => total + (entry[name] ?? 0), 0);
  return [
    ["Videos", formatCount(entries.length)],
    ["Length", formatDuration(sum("durationMs"))],
    ["People", formatCount(sum("people"))],
    ["Failed", formatCount(entries.filter(({ state }) => state === "FAILED").length)],
  ];
}

/**
 * @param {string} name
 * @param {string} value
 */
function figure(name, value) {
  return element("div", {}, element("dt", {}, name), element("dd", {}, value));
}

import { element, setText } from "#page/display/elements.js";
import { formatCount, formatCountOf, formatDuration } from "#page/display/format.js";
import { sectionSwatch } from "#page/display/section_swatch.js";
import { sectionMoments } from "#page/panels/section_moments.js";

/**
 * One entry of the list.
 *
 * @typedef {object} Entry
 * @property {string} name
 * @property {HTMLButtonElement} button
 * @property {(atMs: number) => void} showAt
 */

/**
 * Lists zones and lines with their counts. A click shows only the people who were there.
 *
 * @param {HTMLElement} place
 * @param {import("#page/data/report_data.js").Report} _report
 * @param {import("#page/store.js").Store<import("#page/page_state.js").PageState>} store
 */
export function mountSections(place, _report, store) {
  const list = element("ul", { class: "section-list" });
  const hint = element("p", { class: "screen-hint quiet small" });
  place.replaceChildren(element("h2", {}, "Zones and lines"), list, hint);
  /** @type {Entry[]} */
  let entries = [];
  const choose = (/** @type {string} */ name) => {
    const { filters } = store.state;
    store.set({ filters: { ...filters, section: filters.section === name ? null : name } });
  };
  const showChosen = (/** @type {string | null} */ section) => {
    for (const { name, button } of entries) button.setAttribute("aria-pressed", String(name === section));
  };

  store.follow(["counts"], ({ counts, timeMs, filters }) => {
    entries = [
      ...counts.whole.zones.map((zone, at) => zoneEntry(counts, zone, at)),
      ...counts.whole.lines.map((line, at) => lineEntry(counts, line, at)),
    ];
    for (const { name, button, showAt } of entries) {
      button.addEventListener("click", () => choose(name));
      showAt(timeMs);
    }
    list.replaceChildren(...entries.map(({ button }) => element("li", {}, button)));
    list.hidden = entries.length === 0;
    setText(hint, entries.length > 0 ? "Choose one to show only the people who were there." : NO_SECTIONS);
    showChosen(filters.section);
  });
  store.follow(["timeMs"], ({ timeMs }) => {
    for (const { showAt } of entries) showAt(timeMs);
  });
  store.follow(["filters"], ({ filters }) => showChosen(filters.section));
}

const NO_SECTIONS = "There are none yet. Draw a zone or a line on the picture, and its counts appear here.";

/**
 * @param {import("#page/counting/count_video.js").VideoCounts} counts
 * @param {import("#page/counting/count_video.js").Summary["zones"][number]} zone
 * @param {number} at
 * @returns {Entry}
 */
function zoneEntry(counts, zone, at) {
  const { insideAt } = sectionMoments(counts, zone.name);
  const stays =
    zone.dwellMedianMs === null
      ? ""
      : `\nStay: median ${formatDuration(zone.dwellMedianMs)}, 90 % up to ${formatDuration(zone.dwellP90Ms)}`;
  const visits = formatCountOf(zone.visits, "visit", "visits");
  const total = `${visits} by ${formatCountOf(zone.people, "person", "people")}${stays}`;
  return makeEntry(
    zone.name,
    sectionSwatch("zone", at),
    total,
    (atMs) => `${formatCount(insideAt(atMs))} inside`,
  );
}

/**
 * @param {import("#page/counting/count_video.js").VideoCounts} counts
 * @param {import("#page/counting/count_video.js").Summary["lines"][number]} line
 * @param {number} at
 * @returns {Entry}
 */
function lineEntry(counts, line, at) {
  const { crossedUntil } = sectionMoments(counts, line.name);
  const people = formatCountOf(line.people, "person", "people");
  const [totalIn, totalOut] = [formatCount(line.crossingsIn), formatCount(line.crossingsOut)];
  const total = `${totalIn} in, ${totalOut} out in total, by ${people}`;
  return makeEntry(line.name, sectionSwatch("line", at), total, (atMs) => {
    const { crossedIn, crossedOut } = crossedUntil(atMs);
    return `${formatCount(crossedIn)} in, ${formatCount(crossedOut)} out so far`;
  });
}

/**
 * @param {string} name
 * @param {HTMLElement} swatch
 * @param {string} total what is shown for the whole video
 * @param {(atMs: number) => string} textAt what is shown for a time
 * @returns {Entry}
 */
function makeEntry(name, swatch, total, textAt) {
  const now = element("span", { class: "section-now" });
  const button = element(
    "button",
    { type: "button", class: "section-entry", "aria-pressed": "false" },
    swatch,
    element("span", { class: "section-name" }, name),
    now,
    element("span", { class: "section-total quiet small" }, total),
  );
  return { name, button, showAt: (atMs) => setText(now, textAt(atMs)) };
}

import { button, element } from "#page/display/elements.js";
import { formatCount } from "#page/display/format.js";
import { paperNote, printedRows, showLeftOut } from "#page/display/paper.js";
import { chosenVideos } from "#page/overview/chosen_videos.js";
import { videoRow } from "#page/overview/video_table/video_row.js";

/** @typedef {import("#page/overview/overview_state.js").SortColumn} SortColumn */
/** @typedef {import("#page/overview/video_entry.js").VideoEntry} VideoEntry */

/** How many rows are added at once. Nobody reads thousands, and the browser need not lay them out. */
const ROWS_AT_ONCE = 200;

/** @type {readonly {column: SortColumn | null, heading: string, name: string}[]} */
const COLUMNS = [
  { column: "name", heading: "Video", name: "video" },
  { column: "state", heading: "State", name: "state" },
  { column: "atMs", heading: "Time", name: "time" },
  { column: "durationMs", heading: "Length", name: "length" },
  { column: "people", heading: "People", name: "people" },
  { column: "mostAtOnce", heading: "Most at once", name: "most" },
  { column: null, heading: "People over time", name: "chart" },
];
/** A press on these headings sorts the largest value first. */
const DESCENDING_FIRST = new Set(["atMs", "durationMs", "people", "mostAtOnce"]);

/**
 * Shows the table of videos.
 *
 * @param {HTMLElement} place
 * @param {import("#page/overview/overview_state.js").OverviewStore} store
 * @param {boolean} isLive whether videos may be added
 */
export function mountVideos(place, store, isLive) {
  const headings = COLUMNS.map(({ column, heading, name }) => {
    const label = column ? button(heading, () => sortBy(column, store), { class: "sort-button" }) : heading;
    return element("th", { scope: "col", class: `${name}-cell` }, label);
  });
  const body = element("tbody");
  const table = element("table", { class: "video-table" });
  table.append(element("thead", {}, element("tr", {}, ...headings)), body);
  const more = button("", () => addRows());
  const empty = element("p", { class: "quiet" });
  const note = paperNote();
  place.replaceChildren(table, more, note, empty);

  /** @type {VideoEntry[]} */
  let chosen = [];
  /** Rows stay in the document while their video does not change: a link keeps its focus. */
  const rows = new RowCache();
  const showRows = (/** @type {number} */ count) => {
    const shown = chosen.slice(0, count).map((entry) => rows.of(entry));
    if (shown.length !== body.rows.length || shown.some((row, at) => row !== body.rows[at])) {
      replaceRows(body, shown);
    }
    more.hidden = chosen.length <= count;
    more.textContent = `Show more: ${formatCount(Math.max(0, chosen.length - count))} are left`;
  };
  const addRows = () => showRows(body.rows.length + ROWS_AT_ONCE);
  new IntersectionObserver(([{ isIntersecting }]) => {
    if (isIntersecting && !more.hidden) addRows();
  }).observe(more);
  addEventListener("beforeprint", () => {
    showRows(printedRows(chosen.length));
    showLeftOut(note, chosen.length, "videos");
  });

  store.follow(["text", "state", "order"], (state) => {
    chosen = chosenVideos(state);
    showRows(ROWS_AT_ONCE);
    markOrder(headings, state.order);
  });
  store.follow(["entries"], (state) => {
    chosen = chosenVideos(state);
    rows.keepOnly(state.entries);
    showRows(Math.max(ROWS_AT_ONCE, body.rows.length));
  });
  store.follow(["entries", "text", "state"], ({ entries }) => {
    table.hidden = chosen.length === 0;
    empty.hidden = chosen.length > 0;
    const none = isLive ? "There are no videos yet. Drop some here." : "There are no videos.";
    empty.textContent = entries.length === 0 ? none : "No video fits. Change the text or the state.";
  });
}

/** The rows of videos, made when they are needed and again when their video has changed. */
class RowCache {
  constructor() {
    /** @type {Map<string, {text: string, row: HTMLTableRowElement}>} */
    this.rows = new Map();
  }

  /** @param {VideoEntry} entry */
  of(entry) {
    const text = JSON.stringify(entry);
    const known = this.rows.get(entry.id);
    if (known?.text === text) return known.row;
    const row = videoRow(entry);
    this.rows.set(entry.id, { text, row });
    return row;
  }

  /** @param {readonly VideoEntry[]} entries */
  keepOnly(entries) {
    const ids = new Set(entries.map(({ id }) => id));
    for (const id of this.rows.keys()) if (!ids.has(id)) this.rows.delete(id);
  }
}

/**
 * Puts rows into a table. Rows that are in their place already are not touched.
 *
 * @param {HTMLTableSectionElement} body
 * @param {readonly HTMLTableRowElement[]} rows
 */
function replaceRows(body, rows) {
  const kept = new Set(rows);
  for (const row of [...body.rows]) if (!kept.has(row)) row.remove();
  rows.forEach((row, at) => {
    if (body.rows[at] !== row) body.insertBefore(row, body.rows[at] ?? null);
  });
}

/**
 * @param {SortColumn} column
 * @param {import("#page/overview/overview_state.js").OverviewStore} store
 */
function sortBy(column, store) {
  const { order } = store.state;
  const isDescending = order.column === column ? !order.isDescending : DESCENDING_FIRST.has(column);
  store.set({ order: { column, isDescending } });
}

/**
 * @param {readonly HTMLTableCellElement[]} headings
 * @param {import("#page/overview/overview_state.js").OverviewState["order"]} order
 */
function markOrder(headings, order) {
  COLUMNS.forEach(({ column }, at) => {
    if (column === order.column) {
      headings[at].setAttribute("aria-sort", order.isDescending ? "descending" : "ascending");
    } else headings[at].removeAttribute("aria-sort");
  });
}

import { tracksOf } from "#page/data/tracks.js";
import { download } from "#page/display/download.js";
import { button, element, setText } from "#page/display/elements.js";
import { formatCountOf } from "#page/display/format.js";
import { rowAfterKey } from "#page/display/list_keys.js";
import { peopleCsv, peopleRows, sortedRows } from "#page/panels/people_list/rows.js";
import { PeopleTable } from "#page/panels/people_list/table.js";

/**
 * Shows the table of people.
 *
 * @param {HTMLElement} place
 * @param {import("#page/data/report_data.js").Report} report
 * @param {import("#page/store.js").Store<import("#page/page_state.js").PageState>} store
 */
export function mountPeople(place, report, store) {
  /** @type {import("#page/panels/people_list/rows.js").SortOrder} */
  let order = { column: "firstMs", isDescending: false };
  /** @type {import("#page/panels/people_list/rows.js").PersonRow[]} */
  let rows = [];
  const shown = element("span", { class: "quiet" });
  const emptyText = element("p", { class: "quiet" }, "There is nobody to show.");
  const copied = element("span", { class: "quiet small", role: "status" });
  const show = () => {
    const { counts } = store.state;
    table.setRows(sortedRows(rows, order), order, counts.recording, emptyColumns(rows, counts.whole));
    table.element.hidden = rows.length === 0;
    emptyText.hidden = rows.length > 0;
    setText(shown, formatCountOf(rows.length, "person", "people"));
  };
  const table = new PeopleTable((column) => {
    order = { column, isDescending: column === order.column && !order.isDescending };
    show();
  });
  const csv = () => peopleCsv(sortedRows(rows, order));
  place.replaceChildren(
    element(
      "div",
      { class: "part-head" },
      element("h2", {}, "People"),
      shown,
      copied,
      element(
        "div",
        { class: "part-actions" },
        button("Copy as CSV", () => void copyText(csv(), copied)),
        button("Download CSV", () => download(`${report.video.name}.people.csv`, csv(), "text/csv")),
      ),
    ),
    emptyText,
    table.element,
    table.note,
  );

  store.follow(["counts", "visiblePeople"], ({ counts, zonesFile, visiblePeople }) => {
    rows = peopleRows(tracksOf(report, zonesFile), counts, visiblePeople);
    show();
  });
  store.follow(["selectedPerson"], ({ selectedPerson }) => {
    if (selectedPerson !== null) table.reveal(selectedPerson);
  });
  store.follow(["selectedPerson", "hoveredPerson"], (state) =>
    table.mark(state.selectedPerson, state.hoveredPerson),
  );
  followTable(table, store);
}

/**
 * Returns the columns that would say nothing: distances without a calibration, and zones and lines if there
 * are none.
 *
 * @param {readonly import("#page/panels/people_list/rows.js").PersonRow[]} rows
 * @param {import("#page/counting/count_video.js").Summary} whole
 * @returns {Set<import("#page/panels/people_list/rows.js").SortColumn>}
 */
function emptyColumns(rows, { zones, lines }) {
  /** @type {Set<import("#page/panels/people_list/rows.js").SortColumn>} */
  const columns = new Set();
  if (rows.every(({ distanceM }) => distanceM === null)) columns.add("distanceM");
  if (zones.length === 0) columns.add("visits");
  if (lines.length === 0) columns.add("crossings");
  return columns;
}

/**
 * @param {PeopleTable} table
 * @param {import("#page/store.js").Store<import("#page/page_state.js").PageState>} store
 */
function followTable(table, store) {
  const goTo = (/** @type {number | null} */ person) => {
    const row = table.rows[table.placeOf(person)];
    if (row) store.set({ selectedPerson: row.person, timeMs: row.firstMs });
  };
  table.body.addEventListener("click", (event) => goTo(table.personAt(event.target)));
  table.body.addEventListener("pointerover", (event) => {
    const hoveredPerson = table.personAt(event.target);
    if (hoveredPerson !== store.state.hoveredPerson) store.set({ hoveredPerson });
  });
  table.body.addEventListener("pointerleave", () => store.set({ hoveredPerson: null }));
  table.element.addEventListener("keydown", (event) => {
    if (event.target !== table.element) return;
    const at = table.placeOf(store.state.selectedPerson);
    const row = rowAfterKey(event.key, at, table.rows.length, table.pageSize);
    if (row !== null) store.set({ selectedPerson: table.rows[row].person });
    else if (event.key === "Enter" && at >= 0) goTo(store.state.selectedPerson);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
}

/**
 * @param {string} text
 * @param {HTMLElement} status says whether it worked
 */
async function copyText(text, status) {
  try {
    await navigator.clipboard.writeText(text);
    setText(status, "Copied.");
  } catch {
    setText(status, "The browser does not allow copying here. Download the file instead.");
  }
}

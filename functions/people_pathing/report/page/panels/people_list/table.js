import { element, personSwatch } from "#page/display/elements.js";
import { formatClock, formatDecimal, formatDuration, formatVideoTenths } from "#page/display/format.js";
import { paperNote, printedRows, showLeftOut } from "#page/display/paper.js";
import { rowsToDraw, scrollToRow } from "#page/display/virtual_rows.js";

/** Height of a row. panels.css has the same number. */
const ROW_PX = 32;

/** @typedef {import("#page/panels/people_list/rows.js").SortColumn} SortColumn */

/**
 * @typedef {object} Column
 * @property {SortColumn} column
 * @property {string} heading
 * @property {boolean} isNumber
 */

/** @type {readonly Column[]} */
const COLUMNS = [
  { column: "person", heading: "Person", isNumber: false },
  { column: "firstMs", heading: "First seen", isNumber: true },
  { column: "lastMs", heading: "Last seen", isNumber: true },
  { column: "seenMs", heading: "Seen for", isNumber: true },
  { column: "distanceM", heading: "Walked", isNumber: true },
  { column: "visits", heading: "Zones visited", isNumber: false },
  { column: "crossings", heading: "Lines crossed", isNumber: false },
];

/** A long table of people. Only the rows that are visible are in the document. */
export class PeopleTable {
  /**
   * @param {(column: SortColumn) => void} sort is called when a heading is pressed
   */
  constructor(sort) {
    this.headings = COLUMNS.map(({ column, heading, isNumber }) => {
      const press = element("button", { type: "button", class: "sort-button" }, heading);
      press.addEventListener("click", () => sort(column));
      return element("th", { scope: "col", ...(isNumber && { class: "number" }) }, press);
    });
    this.body = element("tbody");
    this.table = element("table", { class: "people-table" });
    this.table.append(
      element("thead", {}, element("tr", { "aria-rowindex": "1" }, ...this.headings)),
      this.body,
    );
    this.element = element("div", { class: "people-scroll", tabindex: "0", role: "region" }, this.table);
    this.element.setAttribute("aria-label", "Table of people; the arrow keys choose a person");
    /** @type {readonly import("#page/panels/people_list/rows.js").PersonRow[]} */
    this.rows = [];
    /** @type {import("#page/counting/count_video.js").Recording | null} */
    this.recording = null;
    /** @type {ReadonlySet<SortColumn>} */
    this.hidden = new Set();
    /** @type {{selected: number | null, hovered: number | null}} */
    this.marked = { selected: null, hovered: null };
    this.drawn = { first: 0, end: -1 };
    this.element.addEventListener("scroll", () => this.draw());
    new ResizeObserver(() => this.draw()).observe(this.element);
    /** On paper nothing scrolls, so all rows seem to be visible. */
    this.isPrinting = false;
    /** Belongs below the table. */
    this.note = paperNote();
    addEventListener("beforeprint", () => this.drawForPaper());
    addEventListener("afterprint", () => {
      this.isPrinting = false;
      this.draw();
    });
  }

  /**
   * Shows other rows.
   *
   * @param {readonly import("#page/panels/people_list/rows.js").PersonRow[]} rows sorted
   * @param {import("#page/panels/people_list/rows.js").SortOrder} order how they are sorted
   * @param {import("#page/counting/count_video.js").Recording} recording
   * @param {ReadonlySet<SortColumn>} hidden columns that say nothing
   */
  setRows(rows, order, recording, hidden) {
    this.rows = rows;
    this.recording = recording;
    this.hidden = hidden;
    showLeftOut(this.note, rows.length, "people");
    this.table.setAttribute("aria-rowcount", String(rows.length + 1));
    COLUMNS.forEach(({ column }, at) => {
      const heading = this.headings[at];
      heading.hidden = hidden.has(column);
      if (column === order.column)
        heading.setAttribute("aria-sort", order.isDescending ? "descending" : "ascending");
      else heading.removeAttribute("aria-sort");
    });
    this.drawn = { first: 0, end: -1 };
    this.draw();
  }

  /**
   * Marks the person that all parts of the page mark.
   *
   * @param {number | null} selected
   * @param {number | null} hovered
   */
  mark(selected, hovered) {
    this.marked = { selected, hovered };
    for (const row of this.body.rows) this.markRow(row);
  }

  /**
   * Scrolls the table so far that a person's row is visible.
   *
   * @param {number} person
   */
  reveal(person) {
    const at = this.placeOf(person);
    if (at < 0) return;
    const { scrollTop } = this.element;
    const wanted = scrollToRow(at, scrollTop, this.visiblePx, ROW_PX);
    if (wanted !== scrollTop) this.element.scrollTop = wanted;
    this.draw();
  }

  /**
   * Returns the place of a person's row; -1 if there is none.
   *
   * @param {number | null} person
   */
  placeOf(person) {
    return this.rows.findIndex((row) => row.person === person);
  }

  /**
   * Returns the person of the row that contains a node; null if there is none.
   *
   * @param {EventTarget | null} target
   */
  personAt(target) {
    const row = target instanceof Element ? target.closest("tr[data-person]") : null;
    return row instanceof HTMLElement ? Number(row.dataset.person) : null;
  }

  /** Height of the visible rows, in pixels. */
  get visiblePx() {
    return Math.max(ROW_PX, this.element.clientHeight - ROW_PX);
  }

  /** How many rows are visible at once. */
  get pageSize() {
    return Math.max(1, Math.floor(this.visiblePx / ROW_PX) - 1);
  }

  draw() {
    if (this.isPrinting) return this.drawForPaper();
    const range = rowsToDraw(this.element.scrollTop, this.visiblePx, ROW_PX, this.rows.length);
    if (range.first !== this.drawn.first || range.end !== this.drawn.end) this.drawRows(range);
  }

  /** Draws as many rows as are printed, without space for the others. */
  drawForPaper() {
    this.isPrinting = true;
    const end = printedRows(this.rows.length);
    this.drawn = { first: 0, end };
    this.body.replaceChildren(...this.makeRows(0, end));
  }

  /** @param {{first: number, end: number}} range */
  drawRows({ first, end }) {
    this.drawn = { first, end };
    this.body.replaceChildren(spacer(first), ...this.makeRows(first, end), spacer(this.rows.length - end));
  }

  /**
   * @param {number} first
   * @param {number} end
   */
  makeRows(first, end) {
    return this.rows.slice(first, end).map((row, offset) => this.makeRow(row, first + offset));
  }

  /**
   * @param {import("#page/panels/people_list/rows.js").PersonRow} row
   * @param {number} at place among all rows
   */
  makeRow(row, at) {
    const { recording } = this;
    if (!recording) throw new Error("rows are drawn only after setRows");
    const made = element("tr", { "data-person": String(row.person), "aria-rowindex": String(at + 2) });
    const name = element("button", { type: "button", class: "person-button", tabindex: "-1" });
    name.append(personSwatch(row.person), String(row.person));
    name.setAttribute("aria-label", `Person ${row.person}: select and go to the first time`);
    const person = element("th", { scope: "row" }, name);
    if (!row.isCounted) name.append(element("span", { class: "quiet small" }, "does not count"));
    /** @type {Record<SortColumn, HTMLElement>} */
    const cells = {
      person,
      firstMs: timeCell(row.firstMs, recording),
      lastMs: timeCell(row.lastMs, recording),
      seenMs: numberCell(formatDuration(row.seenMs)),
      distanceM: numberCell(row.distanceM === null ? "–" : `${formatDecimal(row.distanceM, 1)}\u00a0m`),
      visits: textCell(row.zones || "–"),
      crossings: textCell(row.lines || "–"),
    };
    const shown = COLUMNS.filter(({ column }) => !this.hidden.has(column));
    made.append(...shown.map(({ column }) => cells[column]));
    this.markRow(made);
    return made;
  }

  /** @param {HTMLTableRowElement} row */
  markRow(row) {
    const { person } = row.dataset;
    if (person === undefined) return;
    const isSelected = Number(person) === this.marked.selected;
    if (isSelected) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
    row.classList.toggle("is-hovered", Number(person) === this.marked.hovered);
  }
}

/** @param {string} text */
function numberCell(text) {
  return element("td", { class: "number" }, text);
}

/**
 * Makes a cell with a time of the video, and the time of day if it is known.
 *
 * @param {number} atMs
 * @param {import("#page/counting/count_video.js").Recording} recording
 */
function timeCell(atMs, { recordedAtMs, timezone }) {
  const cell = numberCell(formatVideoTenths(atMs));
  if (recordedAtMs === null) return cell;
  const clock = element(
    "span",
    { class: "clock-time quiet" },
    ` ${formatClock(recordedAtMs + atMs, timezone)}`,
  );
  cell.append(clock);
  return cell;
}

/** @param {string} text */
function textCell(text) {
  return element("td", { class: "text-cell", title: text }, text);
}

/**
 * Makes the row that takes the place of rows that are not drawn.
 *
 * @param {number} rows how many
 */
function spacer(rows) {
  const made = element("tr", { class: "spacer-row", "aria-hidden": "true" });
  made.style.height = `${Math.max(0, rows) * ROW_PX}px`;
  made.hidden = rows <= 0;
  return made;
}

import { element } from "#page/display/elements.js";
import { paperNote, printedRows, showLeftOut } from "#page/display/paper.js";
import { rowsToDraw, scrollToRow } from "#page/display/virtual_rows.js";
import { isSomebodySeen, laneNear } from "#page/timeline/lane_layout.js";
import { laneId, laneRow } from "#page/timeline/lane_row.js";

/** Height of a lane. timeline.css has the same number. */
const ROW_PX = 24;

/** A long list of lanes. Only the rows that are visible are in the document. */
export class LaneList {
  /** @param {HTMLElement} plane is drawn over the lanes */
  constructor(plane) {
    this.content = element("div", { class: "lanes-content", role: "presentation" });
    this.rowPlace = element("div", { role: "presentation" });
    this.content.append(this.rowPlace, plane);
    this.element = element("div", { class: "lanes-scroll", role: "listbox", tabindex: "0" }, this.content);
    this.element.setAttribute("aria-label", "People in the order in which they were first seen");
    /** @type {readonly import("#page/timeline/lane_layout.js").Lane[]} */
    this.lanes = [];
    /** @type {Map<number, HTMLElement>} rows in the document, by person */
    this.rows = new Map();
    /** @type {import("#page/timeline/lane_row.js").LaneScene | null} */
    this.scene = null;
    /** @type {{selected: number | null, hovered: number | null}} */
    this.marked = { selected: null, hovered: null };
    this.element.addEventListener("scroll", () => this.draw());
    new ResizeObserver(() => this.draw()).observe(this.element);
    /** On paper nothing scrolls, so all lanes seem to be visible. */
    this.isPrinting = false;
    /** Belongs below the lanes. */
    this.note = paperNote();
    addEventListener("beforeprint", () => this.drawForPaper());
    addEventListener("afterprint", () => {
      this.isPrinting = false;
      this.setHeight(this.lanes.length);
      this.draw();
    });
  }

  /**
   * Shows other lanes, or another time.
   *
   * @param {readonly import("#page/timeline/lane_layout.js").Lane[]} lanes
   * @param {import("#page/timeline/lane_row.js").LaneScene} scene
   */
  show(lanes, scene) {
    this.lanes = lanes;
    this.scene = scene;
    this.setHeight(lanes.length);
    showLeftOut(this.note, lanes.length, "people");
    this.rows.clear();
    this.rowPlace.replaceChildren();
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
    for (const [person, row] of this.rows) this.markRow(person, row);
    const isDrawn = selected !== null && this.rows.has(selected);
    if (isDrawn) this.element.setAttribute("aria-activedescendant", laneId(selected));
    else this.element.removeAttribute("aria-activedescendant");
  }

  /**
   * Scrolls so far that the lane of a person is visible.
   *
   * @param {number} person
   */
  reveal(person) {
    const at = this.placeOf(person);
    if (at < 0) return;
    const { scrollTop, clientHeight } = this.element;
    const wanted = scrollToRow(at, scrollTop, clientHeight, ROW_PX);
    if (wanted !== scrollTop) this.element.scrollTop = wanted;
    this.draw();
  }

  /**
   * Scrolls to people who were seen between two times, if none of them is visible.
   *
   * @param {number} fromMs
   * @param {number} toMs
   */
  revealTime(fromMs, toMs) {
    if (isSomebodySeen(this.visibleLanes, fromMs, toMs)) return;
    this.element.scrollTop = laneNear(this.lanes, fromMs) * ROW_PX;
    this.draw();
  }

  /** The lanes that are visible, without those of which only a part is. */
  get visibleLanes() {
    const { scrollTop, clientHeight } = this.element;
    return this.lanes.slice(Math.ceil(scrollTop / ROW_PX), Math.floor((scrollTop + clientHeight) / ROW_PX));
  }

  /**
   * Returns the place of a person's lane; -1 if there is none.
   *
   * @param {number | null} person
   */
  placeOf(person) {
    return this.lanes.findIndex(({ track }) => track.person === person);
  }

  /**
   * Returns the lane under a pointer; null if there is none.
   *
   * @param {MouseEvent} event
   */
  laneAt(event) {
    const { top } = this.content.getBoundingClientRect();
    return this.lanes[Math.floor((event.clientY - top) / ROW_PX)] ?? null;
  }

  /** How many lanes are visible at once. */
  get pageSize() {
    return Math.max(1, Math.floor(this.element.clientHeight / ROW_PX) - 1);
  }

  draw() {
    if (this.isPrinting) return this.drawForPaper();
    const { scrollTop, clientHeight } = this.element;
    this.drawRows(rowsToDraw(scrollTop, clientHeight, ROW_PX, this.lanes.length));
  }

  /** Draws as many lanes as are printed. */
  drawForPaper() {
    this.isPrinting = true;
    const end = printedRows(this.lanes.length);
    this.setHeight(end);
    this.drawRows({ first: 0, end });
  }

  /** @param {number} count of lanes */
  setHeight(count) {
    this.content.style.height = `${count * ROW_PX}px`;
  }

  /** @param {{first: number, end: number}} range */
  drawRows({ first, end }) {
    if (!this.scene) return;
    const wanted = this.lanes.slice(first, end);
    const people = new Set(wanted.map(({ track }) => track.person));
    for (const [person, row] of this.rows) {
      if (people.has(person)) continue;
      row.remove();
      this.rows.delete(person);
    }
    wanted.forEach((lane, offset) => {
      if (this.rows.has(lane.track.person)) return;
      this.addRow(lane, first + offset);
    });
    this.mark(this.marked.selected, this.marked.hovered);
  }

  /**
   * @param {import("#page/timeline/lane_layout.js").Lane} lane
   * @param {number} at place among all lanes
   */
  addRow(lane, at) {
    if (!this.scene) return;
    const row = laneRow(lane, this.scene);
    row.style.top = `${at * ROW_PX}px`;
    row.setAttribute("aria-posinset", String(at + 1));
    row.setAttribute("aria-setsize", String(this.lanes.length));
    this.rows.set(lane.track.person, row);
    this.rowPlace.append(row);
  }

  /**
   * @param {number} person
   * @param {HTMLElement} row
   */
  markRow(person, row) {
    row.setAttribute("aria-selected", String(person === this.marked.selected));
    row.classList.toggle("is-hovered", person === this.marked.hovered);
  }
}

/**
 * The editor's own state. Other parts of the page see its result: `zonesFile` and `counts` of the page's
 * state.
 *
 * @typedef {import("#page/counting/zones_file.js").Point} Point
 * @typedef {import("#page/data/report_data.js").Report} Report
 * @typedef {import("#page/editor/draft.js").Draft} Draft
 * @typedef {import("#page/editor/draft.js").Kind} Kind
 * @typedef {import("#page/editor/draft.js").Place} Place
 * @typedef {import("#page/editor/history.js").History} History
 * @typedef {import("#page/page_state.js").PageState} PageState
 */

import { countVideo } from "#page/counting/count_video.js";
import { draftOf, MIN_VERTICES, shapeAt, withShape } from "#page/editor/draft.js";
import { validPart } from "#page/editor/draft_checks.js";
import { newHistory, redone, undone, withChange } from "#page/editor/history.js";
import { Paced } from "#page/editor/paced.js";
import { Store } from "#page/store.js";

/**
 * What a pointer or key on the picture does: `edit` moves what is there, the others draw. `calibrate` adds
 * points of the calibration. It is null while the video is watched.
 *
 * @typedef {"edit" | "zone" | "line" | "mask" | "calibrate" | null} Tool
 */

/**
 * @typedef {object} EditorState
 * @property {History} history
 * @property {Draft} saved the draft as it was saved or loaded last
 * @property {Place | null} selected
 * @property {Drawing | null} drawing what is being drawn; null if nothing is
 * @property {string} message the result of the last action; empty if there is none
 */

/**
 * A shape that is being drawn.
 *
 * @typedef {object} Drawing
 * @property {readonly Point[]} vertices
 * @property {Point | null} cursor where the next vertex would be
 */

/** @type {Readonly<Record<string, Kind>>} */
const KIND_OF_TOOL = { zone: "zone", line: "line", mask: "mask", calibrate: "point" };
/** @type {Drawing} */
const NOTHING_DRAWN = { vertices: [], cursor: null };

/** The editor's state and what can be done with it. */
export class Editor {
  #report;
  /** Counts again, and shows it in all parts of the page. */
  #counting = new Paced(() => {
    const zonesFile = validPart(this.draft);
    this.page.set({ zonesFile, counts: countVideo(this.#report, zonesFile) });
  });

  /**
   * @param {Report} report
   * @param {Store<PageState>} page
   */
  constructor(report, page) {
    const draft = draftOf(page.state.zonesFile);
    this.#report = report;
    this.page = page;
    /** @type {EditorState} */
    const initial = { history: newHistory(draft), saved: draft, selected: null, drawing: null, message: "" };
    this.store = new Store(initial);
  }

  /** @returns {Draft} */
  get draft() {
    return this.store.state.history.present;
  }

  /** @returns {Tool} */
  get tool() {
    return /** @type {Tool} */ (this.page.state.tool);
  }

  /**
   * Changes the draft.
   *
   * @param {Draft} draft
   * @param {unknown} [gesture] the same for all changes that are undone together
   */
  change(draft, gesture) {
    this.#show(withChange(this.store.state.history, draft, gesture));
  }

  /**
   * Changes the draft while a pointer is dragged. The rest of the page follows as fast as it can.
   *
   * @param {Draft} draft
   * @param {unknown} gesture the same for the whole drag
   */
  drag(draft, gesture) {
    this.store.set({ history: withChange(this.store.state.history, draft, gesture), message: "" });
    this.#counting.soon();
  }

  /** Ends a drag. */
  endDrag() {
    this.#counting.finish();
  }

  undo() {
    this.#show(undone(this.store.state.history));
  }

  redo() {
    this.#show(redone(this.store.state.history));
  }

  /**
   * Replaces everything by a file that was loaded. This can be undone.
   *
   * @param {Draft} draft
   */
  load(draft) {
    this.#show(withChange(this.store.state.history, draft));
    this.store.set({ saved: draft, selected: null });
  }

  /** @param {Draft} draft that was written into a file */
  markSaved(draft) {
    this.store.set({ saved: draft });
  }

  /** Whether there is something that no file has. */
  get isUnsaved() {
    return this.store.state.saved !== this.draft;
  }

  /**
   * Chooses what a pointer does. What was being drawn is forgotten.
   *
   * @param {Tool} tool
   */
  use(tool) {
    const isDrawing = tool !== null && tool in KIND_OF_TOOL;
    this.store.set({ drawing: isDrawing ? NOTHING_DRAWN : null, message: "" });
    if (isDrawing || tool === null) this.select(null);
    const { layers } = this.page.state;
    // What is edited must be visible.
    this.page.set({ tool, ...(tool === null || layers.zones ? {} : { layers: { ...layers, zones: true } }) });
  }

  /**
   * Selects a shape.
   *
   * @param {Place | null} place
   */
  select(place) {
    const { selected } = this.store.state;
    if (place?.kind !== selected?.kind || place?.at !== selected?.at) this.store.set({ selected: place });
  }

  /** @param {Point} cursor where the next vertex would be */
  pointAt(cursor) {
    const { drawing } = this.store.state;
    if (drawing) this.store.set({ drawing: { ...drawing, cursor } });
  }

  /**
   * Adds a vertex to what is being drawn. A line ends with the second one, and a point of the calibration
   * with the first.
   *
   * @param {Point} point
   */
  addVertex(point) {
    const { drawing } = this.store.state;
    if (!drawing || !this.tool) return;
    const vertices = [...drawing.vertices, point];
    this.store.set({ drawing: { vertices, cursor: point } });
    const kind = KIND_OF_TOOL[this.tool];
    const hasFixedLength = kind === "line" || kind === "point";
    if (hasFixedLength && vertices.length === MIN_VERTICES[kind]) this.finishShape();
  }

  /** Removes the last vertex of what is being drawn. */
  removeVertex() {
    const { drawing } = this.store.state;
    if (drawing) this.store.set({ drawing: { ...drawing, vertices: drawing.vertices.slice(0, -1) } });
  }

  /** Ends what is being drawn, if it has enough vertices. */
  finishShape() {
    const { drawing } = this.store.state;
    const kind = KIND_OF_TOOL[String(this.tool)];
    if (!drawing || drawing.vertices.length < MIN_VERTICES[kind]) return;
    const { draft, place } = withShape(this.draft, kind, drawing.vertices);
    // Points of a calibration are set one after the other.
    if (kind === "point") this.store.set({ drawing: NOTHING_DRAWN });
    else this.use("edit");
    this.change(draft);
    this.select(place);
  }

  /** Forgets what is being drawn; without a drawing, forgets the selection; without one, ends editing. */
  cancel() {
    const { drawing, selected } = this.store.state;
    if (drawing && drawing.vertices.length > 0) this.store.set({ drawing: NOTHING_DRAWN });
    else if (drawing) this.use("edit");
    else if (selected) this.select(null);
    else this.use(null);
  }

  /** @param {History} history */
  #show(history) {
    this.store.set({ history, message: "" });
    const { selected } = this.store.state;
    if (selected && !shapeAt(history.present, selected)) this.select(null);
    this.#counting.now();
  }
}

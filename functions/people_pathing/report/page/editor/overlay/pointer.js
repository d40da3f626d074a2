/**
 * What a pointer does on the picture.
 *
 * @typedef {import("#page/counting/zones_file.js").Point} Point
 * @typedef {import("#page/editor/draft.js").Draft} Draft
 * @typedef {import("#page/editor/draft.js").Place} Place
 * @typedef {import("#page/editor/editor_state.js").Editor} Editor
 */

import { shapeAt, withInsertedVertex } from "#page/editor/draft.js";
import { gripOf, isEditable, movedGrip, withoutGrip } from "#page/editor/overlay/grip.js";

const LONG_PRESS_MS = 600;
/** A finger that moves less does not drag. */
const STILL_PX = 6;
/** A click that is so close to the first corner closes the polygon. */
const CLOSING_PX = 12;

/**
 * A pointer that is down on something.
 *
 * @typedef {object} Drag
 * @property {number} pointer its id
 * @property {Point} start where it was put down, as ratios of the frame
 * @property {Draft} draft before
 * @property {Place} place of the shape
 * @property {number | null} vertex which of its vertices is moved; null for the whole shape
 * @property {boolean} hasMoved
 * @property {number} longPress the timer; 0 if there is none
 * @property {Point | null} next where the pointer is, if that is not shown yet
 */

/**
 * @param {SVGSVGElement} svg
 * @param {Editor} editor
 */
export function connectPointer(svg, editor) {
  /** @type {Drag | null} */
  let drag = null;
  // The browser reports a click after a drag, too.
  let isClickOfDrag = false;

  /** @param {PointerEvent | MouseEvent} event */
  const pointOf = (event) => {
    const { left, top, width, height } = svg.getBoundingClientRect();
    return /** @type {Point} */ ([(event.clientX - left) / width, (event.clientY - top) / height]);
  };

  /** Moves at most once for each frame of the screen. */
  const moveNow = () => {
    if (!drag?.next) return;
    const [startX, startY] = drag.start;
    const [x, y] = drag.next;
    editor.drag(movedGrip(drag.draft, drag, x - startX, y - startY), drag);
    drag.next = null;
  };

  const end = () => {
    moveNow();
    editor.endDrag();
    clearTimeout(drag?.longPress);
    svg.classList.remove("is-dragging");
    drag = null;
  };

  svg.addEventListener("pointerdown", (event) => {
    isClickOfDrag = false;
    const grip = gripOf(event.target);
    if (event.button !== 0 || !isEditable(editor, grip)) return;
    if (!grip) return editor.select(null);
    const started = startOf(editor, grip, event.pointerId, pointOf(event));
    drag = started;
    isClickOfDrag = true;
    editor.select(grip.place);
    // On an edge there is no corner to delete. The one that a drag inserts is not in the draft yet.
    if (event.pointerType !== "mouse" && grip.edge === null)
      drag.longPress = setTimeout(() => deletePressed(editor, started, end), LONG_PRESS_MS);
    svg.setPointerCapture(event.pointerId);
  });

  svg.addEventListener("pointermove", (event) => {
    const point = pointOf(event);
    if (editor.store.state.drawing && event.pointerType === "mouse") editor.pointAt(point);
    if (drag?.pointer !== event.pointerId) return;
    drag.hasMoved ||= distancePx(svg, point, drag.start) > STILL_PX;
    if (!drag.hasMoved) return;
    clearTimeout(drag.longPress);
    svg.classList.add("is-dragging");
    if (!drag.next) requestAnimationFrame(moveNow);
    drag.next = point;
  });

  svg.addEventListener("pointerup", end);
  svg.addEventListener("pointercancel", end);
  // A long press must not open a menu.
  svg.addEventListener("contextmenu", (event) => event.preventDefault());

  svg.addEventListener("click", (event) => {
    const { drawing } = editor.store.state;
    if (!drawing || isClickOfDrag) return;
    const point = pointOf(event);
    const first = drawing.vertices.at(0);
    const isClosing = drawing.vertices.length > 2 && first && distancePx(svg, point, first) < CLOSING_PX;
    // The second click of a double click.
    if (event.detail > 1 || isClosing) editor.finishShape();
    else editor.addVertex(point);
  });
}

/**
 * Returns what begins when a pointer is put down on a grip.
 *
 * @param {Editor} editor
 * @param {import("#page/editor/overlay/grip.js").Grip} grip
 * @param {number} pointer its id
 * @param {Point} start
 * @returns {Drag}
 */
function startOf(editor, { place, vertex, edge }, pointer, start) {
  const drag = { pointer, start, place, hasMoved: false, longPress: 0, next: null };
  if (edge === null) return { ...drag, draft: editor.draft, vertex };
  const draft = withInsertedVertex(editor.draft, place, edge + 1, start);
  return { ...drag, draft, vertex: edge + 1 };
}

/**
 * Deletes what a finger has pressed for long.
 *
 * @param {Editor} editor
 * @param {Drag} drag
 * @param {() => void} end
 */
function deletePressed(editor, drag, end) {
  if (drag.hasMoved || !shapeAt(editor.draft, drag.place)) return;
  end();
  editor.change(withoutGrip(editor.draft, drag));
}

/**
 * @param {SVGSVGElement} svg
 * @param {Point} one in ratios of the frame
 * @param {Point} other
 */
function distancePx(svg, one, other) {
  return Math.hypot((one[0] - other[0]) * svg.clientWidth, (one[1] - other[1]) * svg.clientHeight);
}

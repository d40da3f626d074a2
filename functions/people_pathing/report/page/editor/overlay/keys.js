/**
 * What keys do on the picture. Everything that a pointer can do can be done by keys.
 *
 * @typedef {import("#page/counting/zones_file.js").Point} Point
 * @typedef {import("#page/editor/editor_state.js").Editor} Editor
 * @typedef {import("#page/editor/overlay/grip.js").Grip} Grip
 */

import { shapeAt, verticesAt, withInsertedVertex } from "#page/editor/draft.js";
import { gripOf, isEditable, movedGrip, withoutGrip } from "#page/editor/overlay/grip.js";

/** How far an arrow key moves, in pixels of the video; ten times as far with Shift. */
const STEP_PX = 1;
const LARGE_STEP_PX = 10;
/** @type {Readonly<Record<string, Point>>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
/** @type {Point} */
const MIDDLE = [0.5, 0.5];

/**
 * @param {SVGSVGElement} svg
 * @param {Editor} editor
 * @param {import("#page/data/report_data.js").Video} video
 */
export function connectKeys(svg, editor, video) {
  svg.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const size = event.shiftKey ? LARGE_STEP_PX : STEP_PX;
    const arrow = ARROWS[event.key];
    /** @type {Point | null} */
    const move = arrow ? [(arrow[0] * size) / video.widthPx, (arrow[1] * size) / video.heightPx] : null;
    const grip = gripOf(event.target);
    const isHandled = isEditable(editor, grip)
      ? editByKey(svg, editor, event.key, move, grip)
      : drawByKey(editor, event.key, move);
    // The page would play the video, or jump in it.
    if (isHandled) event.preventDefault();
  });
  // A shape whose handles are shown is the one that has the focus.
  svg.addEventListener("focusin", (event) => {
    const grip = gripOf(event.target);
    if (grip && isEditable(editor, grip)) editor.select(grip.place);
  });
}

/**
 * @param {Editor} editor
 * @param {string} key
 * @param {Point | null} move
 */
function drawByKey(editor, key, move) {
  const { drawing } = editor.store.state;
  const cursor = drawing?.cursor ?? MIDDLE;
  if (move) editor.pointAt([limited(cursor[0] + move[0]), limited(cursor[1] + move[1])]);
  else if (key === " ") editor.addVertex(cursor);
  else if (key === "Enter") editor.finishShape();
  else if (key === "Backspace" || key === "Delete") editor.removeVertex();
  else if (key === "Escape") editor.cancel();
  else return false;
  return true;
}

/**
 * @param {SVGSVGElement} svg
 * @param {Editor} editor
 * @param {string} key
 * @param {Point | null} move
 * @param {Grip | null} grip what has the focus
 */
function editByKey(svg, editor, key, move, grip) {
  if (key === "Escape") {
    editor.cancel();
    return true;
  }
  if (!grip || !shapeAt(editor.draft, grip.place)) return false;
  const { place, vertex } = grip;
  if (move) {
    // One undo for moves with the same key that follow each other.
    editor.change(movedGrip(editor.draft, grip, ...move), `${place.kind} ${place.at} ${vertex}`);
  } else if (key === "Delete" || key === "Backspace") {
    editor.change(withoutGrip(editor.draft, grip));
    focusVertex(svg, Math.max((vertex ?? 0) - 1, 0));
  } else if (key === "Insert" || key === "+") {
    if (vertex === null || place.kind === "line" || place.kind === "point") return false;
    const vertices = verticesAt(editor.draft, place);
    const [x1, y1] = vertices[vertex];
    const [x2, y2] = vertices[(vertex + 1) % vertices.length];
    editor.change(withInsertedVertex(editor.draft, place, vertex + 1, [(x1 + x2) / 2, (y1 + y2) / 2]));
    focusVertex(svg, vertex + 1);
  } else if (key === "Enter" || key === " ") {
    focusVertex(svg, 0);
  } else {
    return false;
  }
  return true;
}

/**
 * Focuses a vertex of the selected shape; the picture if there is none.
 *
 * @param {SVGSVGElement} svg
 * @param {number} vertex
 */
function focusVertex(svg, vertex) {
  const found = svg.querySelector(`.grip[data-vertex="${vertex}"]`);
  const target = found instanceof SVGElement ? found : svg;
  target.focus();
}

/** @param {number} ratio */
function limited(ratio) {
  return Math.min(Math.max(ratio, 0), 1);
}

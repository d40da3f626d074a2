import {
  verticesAt,
  withMovedShape,
  withMovedVertex,
  withoutShape,
  withoutVertex,
} from "#page/editor/draft.js";

/** @typedef {import("#page/editor/draft.js").Draft} Draft */

/**
 * What an element of the overlay stands for.
 *
 * @typedef {object} Grip
 * @property {import("#page/editor/draft.js").Place} place of the shape
 * @property {number | null} vertex which of its vertices; null for the whole shape
 * @property {number | null} edge which of its edges gets another vertex; null if it is not about an edge
 */

/**
 * Returns what the target of an event stands for; null if it is the picture itself.
 *
 * @param {EventTarget | null} target
 * @returns {Grip | null}
 */
export function gripOf(target) {
  if (!(target instanceof SVGElement) || target.dataset["kind"] === undefined) return null;
  const { kind, at, vertex, edge } = target.dataset;
  return {
    place: { kind: /** @type {import("#page/editor/draft.js").Kind} */ (kind), at: Number(at) },
    vertex: vertex === undefined ? null : Number(vertex),
    edge: edge === undefined ? null : Number(edge),
  };
}

/**
 * Tells whether something can be moved now. While a shape is drawn, nothing can; but a point of the
 * calibration can be moved while others are added.
 *
 * @param {import("#page/editor/editor_state.js").Editor} editor
 * @param {Grip | null} grip
 */
export function isEditable(editor, grip) {
  return editor.store.state.drawing === null || grip?.place.kind === "point";
}

/**
 * Returns the draft with a vertex, or a whole shape, at another place.
 *
 * @param {Draft} draft
 * @param {Pick<Grip, "place" | "vertex">} grip
 * @param {number} moveX
 * @param {number} moveY
 */
export function movedGrip(draft, { place, vertex }, moveX, moveY) {
  if (vertex === null) return withMovedShape(draft, place, moveX, moveY);
  const [x, y] = verticesAt(draft, place)[vertex];
  return withMovedVertex(draft, place, vertex, [x + moveX, y + moveY]);
}

/**
 * Returns the draft without a vertex, or without a whole shape.
 *
 * @param {Draft} draft
 * @param {Pick<Grip, "place" | "vertex">} grip
 */
export function withoutGrip(draft, { place, vertex }) {
  return vertex === null ? withoutShape(draft, place) : withoutVertex(draft, place, vertex);
}

/**
 * What can be changed of the selected zone, line or mask.
 *
 * @typedef {import("#page/editor/draft.js").Place} Place
 * @typedef {import("#page/editor/editor_state.js").Editor} Editor
 */

import { button, element, setText } from "#page/display/elements.js";
import {
  MIN_VERTICES,
  shapeAt,
  titleAt,
  verticesAt,
  withInsertedVertex,
  withMembers,
  withMovedVertex,
  withoutShape,
  withoutVertex,
  withReversedLine,
} from "#page/editor/draft.js";
import { shapeProblem } from "#page/editor/draft_checks.js";
import { numberField, percentOf, textField } from "#page/editor/forms/fields.js";
import { replaceKeepingFocus } from "#page/editor/forms/kept_focus.js";

const SECOND_MS = 1000;
const MAX_S = String(7 * 24 * 3600);

/** @param {Editor} editor */
export function makeSectionForm(editor) {
  const place = element("div", { class: "editor-form" });
  let shown = "";
  let show = () => {};
  editor.store.follow(["history", "selected"], ({ selected }) => {
    const isShape = selected !== null && selected.kind !== "point";
    place.hidden = !isShape;
    const key = isShape ? `${selected.kind} ${selected.at} ${verticesAt(editor.draft, selected).length}` : "";
    if (key !== shown) {
      shown = key;
      const form = isShape ? formOf(editor, selected) : { elements: [], show() {} };
      const wereCornersOpen = place.querySelector("details")?.open ?? false;
      const corners = form.elements.find((one) => one instanceof HTMLDetailsElement);
      if (corners instanceof HTMLDetailsElement) corners.open = wereCornersOpen;
      replaceKeepingFocus(place, form.elements);
      show = form.show;
    }
    show();
  });
  return place;
}

/**
 * @param {Editor} editor
 * @param {Place} place
 */
function formOf(editor, place) {
  const problem = element("p", { class: "problem small", role: "alert" });
  const fields = [nameField(editor, place), ...(place.kind === "zone" ? zoneFields(editor, place) : [])];
  const corners = cornerFields(editor, place);
  const actions = [
    ...(place.kind === "line"
      ? [button("Reverse direction", () => editor.change(withReversedLine(editor.draft, place)))]
      : []),
    button("Delete", () => editor.change(withoutShape(editor.draft, place))),
  ];
  const hint =
    place.kind === "mask"
      ? [
          element(
            "p",
            { class: "quiet small" },
            "Masks do not change these counts. Track the video again with the saved file.",
          ),
        ]
      : [];
  return {
    elements: [
      element("div", { class: "fields" }, ...fields.map((field) => field.element), ...actions),
      problem,
      ...hint,
      element(
        "details",
        {},
        element("summary", {}, place.kind === "line" ? "Ends" : "Corners"),
        corners.element,
      ),
    ],
    show() {
      if (!shapeAt(editor.draft, place)) return;
      const found = shapeProblem(editor.draft, place);
      setText(problem, found === null ? "" : `This ${place.kind} does not count: ${found}.`);
      problem.hidden = found === null;
      for (const field of fields) field.show();
      corners.show();
    },
  };
}

/**
 * @param {Editor} editor
 * @param {Place} place
 */
function nameField(editor, place) {
  const field = textField("Name", { maxlength: "100" }, (name) => {
    editor.change(withMembers(editor.draft, place, { name }), `name ${place.kind} ${place.at}`);
  });
  return { element: field.element, show: () => field.show(titleAt(editor.draft, place)) };
}

/**
 * @param {Editor} editor
 * @param {Place} place of a zone
 */
function zoneFields(editor, place) {
  const limits = { min: "0", max: MAX_S, inputmode: "decimal" };
  /**
   * @param {string} label
   * @param {"minimum_stay_ms" | "staff_after_ms"} member
   * @param {number | undefined} empty what an empty field means
   * @param {Readonly<Record<string, string>>} attributes
   */
  const secondsField = (label, member, empty, attributes) => {
    const change = (/** @type {number | null} */ seconds) => {
      const value = seconds === null ? empty : Math.round(seconds * SECOND_MS);
      editor.change(withMembers(editor.draft, place, { [member]: value }), `${member} ${place.at}`);
    };
    const field = numberField(label, { ...limits, ...attributes }, change, "s");
    const show = () => {
      const value = editor.draft.zones[place.at]?.[member];
      field.show(value === undefined ? null : value / SECOND_MS);
    };
    return { element: field.element, show };
  };
  return [
    secondsField("Shortest visit", "minimum_stay_ms", 0, { title: "Shorter visits do not count" }),
    secondsField("Staff after", "staff_after_ms", undefined, {
      placeholder: "never",
      title:
        "People whose visits last longer in total count nowhere. Leave it empty if this is no staff zone.",
    }),
  ];
}

/**
 * Makes the list of the vertices with number fields.
 *
 * @param {Editor} editor
 * @param {Place} place
 */
function cornerFields(editor, place) {
  const vertices = verticesAt(editor.draft, place);
  const isPolygon = place.kind !== "line";
  const rows = vertices.map((_, at) => {
    const title = isPolygon ? `Corner ${at + 1}` : ["Start", "End"][at];
    const fields = [0, 1].map((axis) => {
      const label = axis === 0 ? "from the left" : "from the top";
      const attributes = { min: "0", max: "100", "aria-label": `${title}, ${label}, in percent` };
      const change = (/** @type {number | null} */ percent) => {
        const [x, y] = verticesAt(editor.draft, place)[at];
        const ratio = (percent ?? 0) / 100;
        editor.change(
          withMovedVertex(editor.draft, place, at, axis === 0 ? [ratio, y] : [x, ratio]),
          `corner ${place.kind} ${place.at} ${at} ${axis}`,
        );
      };
      return numberField(label, attributes, change, "%");
    });
    const element_ = element(
      "li",
      {},
      element("span", {}, title),
      ...fields.map((field) => field.element),
      ...(isPolygon ? cornerButtons(editor, place, at) : []),
    );
    return { element: element_, fields };
  });
  const list = element("ol", { class: "editor-corners" }, ...rows.map((row) => row.element));
  const show = () => {
    verticesAt(editor.draft, place).forEach((vertex, at) => {
      rows[at]?.fields.forEach((field, axis) => field.show(percentOf(vertex[axis])));
    });
  };
  return { element: list, show };
}

/**
 * @param {Editor} editor
 * @param {Place} place of a polygon
 * @param {number} at which vertex
 */
function cornerButtons(editor, place, at) {
  const insert = () => {
    const vertices = verticesAt(editor.draft, place);
    const next = vertices[(at + 1) % vertices.length];
    const middle = /** @type {const} */ ([(vertices[at][0] + next[0]) / 2, (vertices[at][1] + next[1]) / 2]);
    editor.change(withInsertedVertex(editor.draft, place, at + 1, middle));
  };
  const remove = button("Remove", () => editor.change(withoutVertex(editor.draft, place, at)), {
    "aria-label": `Remove corner ${at + 1}`,
  });
  remove.disabled = verticesAt(editor.draft, place).length <= MIN_VERTICES[place.kind];
  return [button("Add after", insert, { "aria-label": `Add a corner after corner ${at + 1}` }), remove];
}

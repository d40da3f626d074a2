/**
 * The points of the calibration with their positions on the floor, and how well they fit.
 *
 * @typedef {import("#page/editor/editor_state.js").Editor} Editor
 * @typedef {import("#page/editor/draft.js").Draft} Draft
 */

import { reprojectionErrorsM } from "#page/counting/floor/homography.js";
import { remembered } from "#page/counting/remembered.js";
import { button, element, setText } from "#page/display/elements.js";
import { withMembers, withMovedVertex, withoutShape } from "#page/editor/draft.js";
import { calibrationOf, pointsProblem } from "#page/editor/draft_checks.js";
import { numberField, percentOf } from "#page/editor/forms/fields.js";
import { replaceKeepingFocus } from "#page/editor/forms/kept_focus.js";

/** @param {Editor} editor */
export function makeCalibrationForm(editor) {
  const rows = element("ol", { class: "editor-corners" });
  const problem = element("p", { class: "problem small", role: "alert" });
  const fit = element("p", { class: "small", role: "status" });
  const form = element("div", { class: "editor-form calibration" }, rows, problem, fit);
  /** @type {ReturnType<typeof makeRow>[]} */
  let made = [];
  editor.store.follow(["history"], () => {
    const { points } = editor.draft;
    if (made.length !== points.length) {
      made = points.map((_, at) => makeRow(editor, at));
      replaceKeepingFocus(
        rows,
        made.map((row) => row.element),
      );
    }
    for (const row of made) row.show();
    const found = pointsProblem(editor.draft);
    problem.hidden = found === null;
    setText(problem, found === null ? "" : `This calibration does not count: ${found}.`);
    setText(fit, fitText(editor.draft));
  });
  editor.page.follow(["tool"], ({ tool }) => Object.assign(form, { hidden: tool !== "calibrate" }));
  return form;
}

/** @param {Draft} draft */
function fitText(draft) {
  if (draft.points.length === 0) return "There are no points yet.";
  if (pointsProblem(draft) !== null) return "";
  const { points, homography } = remembered(calibrationOf, draft.points);
  const errorsM = reprojectionErrorsM(points, homography);
  const mean = errorsM.reduce((total, error) => total + error, 0) / errorsM.length;
  const figures = `mean ${mean.toFixed(3)} m, largest ${Math.max(...errorsM).toFixed(3)} m`;
  return points.length === 4
    ? "Four points always fit. A fifth one shows how exact they are."
    : `Difference between the points and the fitted floor: ${figures}.`;
}

/**
 * @param {Editor} editor
 * @param {number} at which point
 */
function makeRow(editor, at) {
  const place = /** @type {const} */ ({ kind: "point", at });
  const picture = [0, 1].map((axis) => {
    const label = axis === 0 ? "from the left" : "from the top";
    const attributes = { min: "0", max: "100", "aria-label": `Point ${at + 1}, ${label}, in percent` };
    const change = (/** @type {number | null} */ percent) => {
      const [x, y] = editor.draft.points[at].image;
      const ratio = (percent ?? 0) / 100;
      const moved = withMovedVertex(editor.draft, place, 0, axis === 0 ? [ratio, y] : [x, ratio]);
      editor.change(moved, `point ${at} ${axis}`);
    };
    return numberField(label, attributes, change, "%");
  });
  const floor = [0, 1].map((axis) => {
    const label = axis === 0 ? "x on the floor" : "y on the floor";
    const attributes = {
      "aria-label": `Point ${at + 1}, ${label}, in metres`,
      inputmode: "decimal",
    };
    const change = (/** @type {number | null} */ metres) => {
      const [x, y] = editor.draft.points[at].floor_m;
      const floor_m = axis === 0 ? [metres ?? 0, y] : [x, metres ?? 0];
      editor.change(withMembers(editor.draft, place, { floor_m }), `floor ${at} ${axis}`);
    };
    return numberField(label, attributes, change, "m");
  });
  const remove = button("Remove", () => editor.change(withoutShape(editor.draft, place)), {
    "aria-label": `Remove point ${at + 1}`,
  });
  const fields = [...picture, ...floor].map((field) => field.element);
  return {
    element: element("li", {}, element("span", {}, `Point ${at + 1}`), ...fields, remove),
    show() {
      const point = editor.draft.points[at];
      picture.forEach((field, axis) => field.show(percentOf(point.image[axis])));
      floor.forEach((field, axis) => field.show(point.floor_m[axis]));
    },
  };
}

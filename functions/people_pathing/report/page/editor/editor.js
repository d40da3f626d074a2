/**
 * The editor of zones, lines, masks and the calibration. It works on the picture, and its tools are below it.
 *
 * @typedef {import("#page/data/report_data.js").Report} Report
 * @typedef {import("#page/page_state.js").PageState} PageState
 */

import { element } from "#page/display/elements.js";
import { makeCalibrationForm } from "#page/editor/forms/calibration_form.js";
import { Editor } from "#page/editor/editor_state.js";
import { makeFilePanel, makeFileTools } from "#page/editor/file_tools.js";
import { mountOverlay } from "#page/editor/overlay/overlay.js";
import { makeRulesForm } from "#page/editor/forms/rules_form.js";
import { makeSectionForm } from "#page/editor/forms/section_form.js";
import { makeShapeList } from "#page/editor/shape_list.js";
import { makeHint, makeTools } from "#page/editor/toolbar.js";

/**
 * Makes the editor. The stage must be there already.
 *
 * @param {HTMLElement} place for the tools
 * @param {Report} report
 * @param {import("#page/store.js").Store<PageState>} store
 */
export function mountEditor(place, report, store) {
  const picture = document.getElementById("picture");
  if (!picture) throw new Error("the editor needs the picture of the stage");
  const editor = new Editor(report, store);
  mountOverlay(picture, editor, report.video);
  const details = element(
    "div",
    { class: "editor-details" },
    makeHint(editor),
    makeShapeList(editor),
    makeSectionForm(editor),
    makeCalibrationForm(editor),
    makeRulesForm(editor),
    makeFilePanel(),
  );
  store.follow(["tool"], ({ tool }) => Object.assign(details, { hidden: tool === null }));
  const tools = element("div", { class: "editor-tools" }, ...makeTools(editor), ...makeFileTools(editor));
  place.replaceChildren(tools, details);
  // Tests find the editor here.
  Object.assign(globalThis, { reportEditor: editor });
}

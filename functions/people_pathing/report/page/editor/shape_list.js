/**
 * All shapes by name, to choose one without the picture.
 *
 * @typedef {import("#page/editor/editor_state.js").Editor} Editor
 */

import { button, element } from "#page/display/elements.js";
import { placesIn, titleAt } from "#page/editor/draft.js";
import { shapeProblem } from "#page/editor/draft_checks.js";

/** @param {Editor} editor */
export function makeShapeList(editor) {
  const list = element("ul", { class: "editor-shapes", "aria-label": "Shapes" });
  const show = () => {
    const { draft } = editor;
    const { selected } = editor.store.state;
    const focusedAt = [...list.querySelectorAll("button")].findIndex((one) => one === document.activeElement);
    const places = placesIn(draft).filter(({ kind }) => kind !== "point");
    const buttons = places.map((place) => {
      const problem = shapeProblem(draft, place);
      const isChosen = selected?.kind === place.kind && selected.at === place.at;
      const choose = () => {
        if (editor.store.state.drawing) editor.use("edit");
        editor.select(place);
      };
      return button(titleAt(draft, place), choose, {
        class: `${place.kind}${problem === null ? "" : " invalid"}`,
        "aria-pressed": String(isChosen),
        title: problem ?? place.kind,
      });
    });
    list.replaceChildren(...buttons.map((one) => element("li", {}, one)));
    list.hidden = buttons.length === 0;
    buttons[focusedAt]?.focus();
  };
  editor.store.follow(["history", "selected"], show);
  return list;
}

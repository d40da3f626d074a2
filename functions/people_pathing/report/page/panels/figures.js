import { button, element } from "#page/display/elements.js";
import { keyFigures } from "#page/panels/key_figures.js";

/**
 * Shows the most important numbers, each with what it means. On a phone, a button shows what they mean, because
 * the video would otherwise begin below the first screen.
 *
 * @param {HTMLElement} place
 * @param {import("#page/data/report_data.js").Report} _report
 * @param {import("#page/store.js").Store<import("#page/page_state.js").PageState>} store
 */
export function mountFigures(place, _report, store) {
  const list = element("dl", { class: "key-figures" });
  const explain = button("What these numbers mean", toggle, {
    "class": "text-button explain-figures",
    "aria-expanded": "false",
  });
  function toggle() {
    const isExplained = list.classList.toggle("is-explained");
    explain.setAttribute("aria-expanded", String(isExplained));
  }
  store.follow(["counts"], ({ counts }) => {
    list.replaceChildren(...keyFigures(counts).map((figure) => figureElement(figure, store)));
  });
  place.replaceChildren(list, explain);
}

/**
 * @param {import("#page/panels/key_figures.js").KeyFigure} figure
 * @param {import("#page/store.js").Store<import("#page/page_state.js").PageState>} store
 */
function figureElement({ label, value, meaning, seekMs }, store) {
  const explained = element("dd", { class: "figure-meaning quiet small" }, meaning);
  if (seekMs !== undefined) {
    explained.append(
      " ",
      button("Go there", () => store.set({ timeMs: seekMs }), { class: "text-button" }),
    );
  }
  return element(
    "div",
    { class: "key-figure" },
    element("dt", {}, label),
    element("dd", { class: "figure-value" }, value),
    explained,
  );
}

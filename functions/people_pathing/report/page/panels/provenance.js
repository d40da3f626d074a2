import { element } from "#page/display/elements.js";
import { provenanceFacts, provenanceWarnings } from "#page/panels/provenance_facts.js";

const SHORT_SHA_CHARACTERS = 12;

const LIMITS = [
  "A person is counted where the foot point is: the middle of the lower edge of the box. " +
    "If something hides the feet, the point is too high in the picture.",
  "A number belongs to one person in this video only. Nobody is recognised in another video, " +
    "and someone who leaves and comes back can get a new number.",
  "People are cut at the borders of the picture: the time seen is the time in the picture.",
  "Between sampled frames, a path is a straight line.",
  "How well people are found depends on the camera and the scene. " +
    "Count some intervals by hand and compare: people-pathing check-count.",
];

/**
 * Shows how the results were made, warnings, and what the numbers do not mean.
 *
 * @param {HTMLElement} place
 * @param {import("#page/data/report_data.js").Report} report
 * @param {import("#page/store.js").Store<import("#page/page_state.js").PageState>} store
 */
export function mountProvenance(place, report, store) {
  const facts = element("dl", { class: "facts" });
  const warnings = provenanceWarnings(report.provenance);
  place.replaceChildren(
    element("h2", {}, "How these numbers were made"),
    ...(warnings.length > 0 ? [list("warnings problem", warnings)] : []),
    element(
      "div",
      { class: "provenance-columns" },
      facts,
      element(
        "div",
        {},
        element("h3", {}, "What the numbers do not say"),
        list("limits", LIMITS),
        element(
          "p",
          { class: "quiet small" },
          "docs/counting.md defines each number, and docs/results.md each file.",
        ),
      ),
    ),
  );
  store.follow(["zonesFile"], ({ zonesFile }) => {
    facts.replaceChildren(...provenanceFacts(report, zonesFile).map(factElement));
  });
  // Nobody can open them on paper.
  addEventListener("beforeprint", () => {
    for (const details of facts.querySelectorAll("details")) details.open = true;
  });
}

/** @param {import("#page/panels/provenance_facts.js").Fact} fact */
function factElement({ name, value, sha256 }) {
  const shown = element("dd", {}, value);
  if (sha256) shown.append(shaElement(sha256));
  return element("div", {}, element("dt", { class: "quiet" }, name), shown);
}

/** @param {string} sha256 */
function shaElement(sha256) {
  const short = element("summary", {}, `SHA-256 ${sha256.slice(0, SHORT_SHA_CHARACTERS)}…`);
  return element("details", { class: "small" }, short, element("code", {}, sha256));
}

/**
 * @param {string} className
 * @param {readonly string[]} sentences
 */
function list(className, sentences) {
  return element("ul", { class: className }, ...sentences.map((sentence) => element("li", {}, sentence)));
}

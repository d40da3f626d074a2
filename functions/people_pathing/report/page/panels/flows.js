import { element } from "#page/display/elements.js";
import { formatCount, formatShare } from "#page/display/format.js";
import { flowMatrix } from "#page/panels/flow_matrix.js";

/**
 * Shows how many people went from where to where.
 *
 * @param {HTMLElement} place
 * @param {import("#page/data/report_data.js").Report} _report
 * @param {import("#page/store.js").Store<import("#page/page_state.js").PageState>} store
 */
export function mountFlows(place, _report, store) {
  store.follow(["counts"], ({ counts }) => {
    const matrix = flowMatrix(counts);
    place.hidden = counts.whole.zones.length + counts.whole.lines.length === 0;
    place.replaceChildren(
      element("h2", {}, "From where to where"),
      matrix.origins.length === 0
        ? element("p", { class: "quiet" }, "Nobody was at one zone or line and later at another.")
        : flowTable(matrix),
      ...(matrix.origins.length === 0
        ? []
        : [element("p", { id: "flows-meaning", class: "quiet small" }, MEANING)]),
    );
  });
}

const MEANING =
  "People who were at the section of the row and later at that of the column. " +
  "Shares are of all people at the section of the row. One person can be in several cells.";

/** @param {import("#page/panels/flow_matrix.js").FlowMatrix} matrix */
function flowTable({ origins, destinations, cells }) {
  const head = element(
    "tr",
    {},
    element("th", { scope: "col" }, "From \\ to"),
    ...destinations.map((name) => element("th", { scope: "col" }, name)),
  );
  const rows = origins.map((name, at) =>
    element("tr", {}, element("th", { scope: "row" }, name), ...cells[at].map(flowCell)),
  );
  const table = element(
    "table",
    { class: "flow-table", "aria-describedby": "flows-meaning" },
    element("thead", {}, head),
    element("tbody", {}, ...rows),
  );
  return element("div", { class: "wide-table", tabindex: "0", role: "region", "aria-label": "Flows" }, table);
}

/** @param {import("#page/panels/flow_matrix.js").FlowCell} cell */
function flowCell({ people, share }) {
  if (people === 0) return element("td", { class: "quiet" }, "0");
  const cell = element("td", { class: "flow-cell" }, formatCount(people), " ");
  cell.append(element("span", { class: "quiet small" }, formatShare(share)));
  cell.style.setProperty("--share", String(share));
  return cell;
}

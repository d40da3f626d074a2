import { button, element } from "#page/display/elements.js";
import { formatCount } from "#page/display/format.js";
import { intervalTable, usefulMinutes } from "#page/panels/interval_rows.js";
import { windowBetween } from "#page/timeline/time_window.js";

/**
 * Shows the counts of each interval as numbers with bars.
 *
 * @param {HTMLElement} place
 * @param {import("#page/data/report_data.js").Report} report
 * @param {import("#page/store.js").Store<import("#page/page_state.js").PageState>} store
 */
export function mountIntervals(place, report, store) {
  const useful = usefulMinutes(report.video.durationMs);
  let minutes = useful.includes(report.intervalMinutes) ? report.intervalMinutes : useful[0];
  const tablePlace = element("div", { class: "interval-scroll", tabindex: "0", role: "region" });
  tablePlace.setAttribute("aria-label", "Counts per interval");
  const choices = useful.map((choice) =>
    button(`${choice} min`, () => {
      minutes = choice;
      show();
    }),
  );
  const actions = element(
    "div",
    { class: "part-actions", role: "group", "aria-label": "Length of an interval" },
    ...choices,
  );
  const goTo = (/** @type {number} */ startMs, /** @type {number} */ endMs) =>
    store.set({ timeMs: startMs, timeWindow: windowBetween(startMs, endMs, report.video.durationMs) });
  const show = () => {
    choices.forEach((choice, at) => choice.setAttribute("aria-pressed", String(useful[at] === minutes)));
    tablePlace.replaceChildren(
      makeTable(intervalTable(store.state.counts, store.state.zonesFile, minutes), goTo),
    );
  };
  place.replaceChildren(
    element("div", { class: "part-head" }, element("h2", {}, "Counts per interval"), actions),
    tablePlace,
  );
  store.follow(["counts"], show);
}

/**
 * @param {import("#page/panels/interval_rows.js").IntervalTable} table
 * @param {(startMs: number, endMs: number) => void} goTo
 */
function makeTable({ columns, rows }, goTo) {
  const most = columns.map((_, at) => rows.reduce((largest, { values }) => Math.max(largest, values[at]), 1));
  const head = element(
    "tr",
    {},
    element("th", { scope: "col" }, "Interval"),
    ...columns.map(({ section, figure }) =>
      element(
        "th",
        { scope: "col", class: "number" },
        element("span", { class: "interval-section" }, section),
        figure,
      ),
    ),
  );
  const body = rows.map(({ label, startMs, endMs, values }) => {
    const go = button(label, () => goTo(startMs, endMs), { class: "text-button", title: "Show this time" });
    const cells = values.map((value, at) => barCell(value, value / most[at]));
    return element("tr", {}, element("th", { scope: "row" }, go), ...cells);
  });
  return element(
    "table",
    { class: "interval-table" },
    element("thead", {}, head),
    element("tbody", {}, ...body),
  );
}

/**
 * @param {number} value
 * @param {number} share of the largest value of the column
 */
function barCell(value, share) {
  const cell = element("td", { class: "number bar-cell" }, formatCount(value));
  cell.style.setProperty("--share", String(share));
  return cell;
}

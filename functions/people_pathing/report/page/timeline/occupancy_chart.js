import { element, setText, svgElement } from "#page/display/elements.js";
import { formatCount, formatCountOf } from "#page/display/format.js";
import { sectionSwatch } from "#page/display/section_swatch.js";
import { columnPeaks, firstPeak, occupancySteps, presentAt } from "#page/data/occupancy_steps.js";

/** Of the picture, in its own units. The browser stretches it. */
const COLUMNS = 1000;
const HEIGHT = 100;

/**
 * One row of the chart: the whole picture or a zone.
 *
 * @typedef {object} OccupancyRow
 * @property {string} name
 * @property {HTMLElement} element
 * @property {(window: import("#page/page_state.js").TimeWindow) => void} draw
 * @property {(atMs: number) => void} readAt shows how many people are present at a time
 * @property {(atMs: number) => number} presentAt
 */

/**
 * Makes the rows of the chart: the whole picture, and then each zone.
 *
 * @param {import("#page/counting/count_video.js").VideoCounts} counts
 * @returns {OccupancyRow[]}
 */
export function occupancyRows(counts) {
  const presences = counts.presences.map(({ firstMs, lastMs }) => ({ fromMs: firstMs, toMs: lastMs }));
  return [
    makeRow("Whole picture", null, occupancySteps(presences)),
    ...counts.whole.zones.map(({ name }, at) => {
      const visits = counts.visits.filter(({ zone }) => zone === name);
      const stays = visits.map(({ enter, exit }) => ({ fromMs: enter.atMs, toMs: exit.atMs }));
      return makeRow(name, sectionSwatch("zone", at), occupancySteps(stays));
    }),
  ];
}

/**
 * @param {string} name
 * @param {HTMLElement | null} swatch
 * @param {import("#page/data/occupancy_steps.js").OccupancySteps} steps
 * @returns {OccupancyRow}
 */
function makeRow(name, swatch, steps) {
  const most = firstPeak(steps)?.present ?? 0;
  const area = svgElement("path", { class: "occupancy-area" });
  const line = svgElement("path", { class: "occupancy-line" });
  const viewBox = `0 0 ${COLUMNS} ${HEIGHT}`;
  const chart = svgElement(
    "svg",
    { viewBox, preserveAspectRatio: "none", "aria-hidden": "true" },
    area,
    line,
  );
  const value = element("output", { class: "occupancy-value", "aria-live": "off" });
  const title = element("div", { class: "occupancy-name" }, ...(swatch ? [swatch] : []), name, value);
  const scale = element("div", { class: "occupancy-scale", "aria-hidden": "true" }, formatCount(most));
  return {
    name,
    element: element("div", { class: "occupancy-row" }, title, scale, chart),
    draw(window) {
      const outline = outlineOf(columnPeaks(steps, window, COLUMNS), Math.max(1, most));
      line.setAttribute("d", outline);
      area.setAttribute("d", `${outline}V${HEIGHT}H0Z`);
    },
    readAt: (atMs) => setText(value, formatCountOf(presentAt(steps, atMs), "person", "people")),
    presentAt: (atMs) => presentAt(steps, atMs),
  };
}

/**
 * Returns the path of a step chart.
 *
 * @param {readonly number[]} peaks of each column
 * @param {number} most the value at the top
 */
function outlineOf(peaks, most) {
  let path = `M0 ${heightOf(peaks[0], most)}`;
  peaks.forEach((peak, column) => {
    if (column > 0 && peak !== peaks[column - 1]) path += `H${column}V${heightOf(peak, most)}`;
  });
  return `${path}H${COLUMNS}`;
}

/**
 * @param {number} present
 * @param {number} most
 */
function heightOf(present, most) {
  return Math.round(HEIGHT * (1 - present / most) * 100) / 100;
}

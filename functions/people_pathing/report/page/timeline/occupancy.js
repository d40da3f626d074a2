import { element, setText } from "#page/display/elements.js";
import { momentText } from "#page/display/moments.js";
import { occupancyRows } from "#page/timeline/occupancy_chart.js";
import { timeAxis, timeCursor } from "#page/timeline/time_axis.js";
import { followPointer } from "#page/timeline/time_pointer.js";
import { zoomButtons } from "#page/timeline/zoom_buttons.js";

/** So many presses of an arrow key go through the window. */
const KEY_STEPS = 100;

/**
 * Shows how many people are present over time, in the whole picture and in each zone.
 *
 * @param {HTMLElement} place
 * @param {import("#page/data/report_data.js").Report} report
 * @param {import("#page/store.js").Store<import("#page/page_state.js").PageState>} store
 */
export function mountOccupancy(place, report, store) {
  const rowPlace = element("div", { class: "occupancy-rows" });
  const shownTime = element("span", { class: "quiet" });
  const hoverLine = element("div", { class: "time-cursor hover-cursor", "aria-hidden": "true", hidden: "" });
  const plane = element("div", { class: "time-plane" }, hoverLine, timeCursor(store));
  const chart = element(
    "div",
    {
      class: "occupancy-chart",
      role: "slider",
      tabindex: "0",
      "aria-label": "Time of the video, over the number of people",
      "aria-valuemin": "0",
      "aria-valuemax": String(report.video.durationMs),
    },
    rowPlace,
    plane,
  );
  place.replaceChildren(
    element(
      "div",
      { class: "part-head" },
      element("h2", {}, "People present over time"),
      shownTime,
      zoomButtons(report, store),
    ),
    element("div", { class: "timeline-frame" }, chart, timeAxis(store)),
    element(
      "p",
      { class: "quiet small" },
      "Each row has a scale of its own; the number at the left is its largest value. ",
      element("span", { class: "screen-hint" }, "Click to go to a time, drag to zoom in."),
    ),
  );

  /** @type {ReturnType<typeof occupancyRows>} */
  let rows = [];
  /** @type {number | null} */
  let hoveredMs = null;
  const read = () => {
    const atMs = hoveredMs ?? store.state.timeMs;
    for (const row of rows) row.readAt(atMs);
    setText(shownTime, `at ${momentText(atMs, store.state.counts.recording)}`);
  };
  store.follow(["counts"], ({ counts }) => {
    rows = occupancyRows(counts);
    rowPlace.replaceChildren(...rows.map((row) => row.element));
  });
  store.follow(["counts", "timeWindow"], ({ timeWindow }) => {
    for (const row of rows) row.draw(timeWindow);
  });
  store.follow(["counts", "timeMs"], ({ timeMs, counts }) => {
    read();
    chart.setAttribute("aria-valuenow", String(timeMs));
    const present = rows.map((row) => `${row.name}: ${row.presentAt(timeMs)}`).join(", ");
    chart.setAttribute("aria-valuetext", `${momentText(timeMs, counts.recording)}; people in ${present}`);
  });
  followPointer(chart, plane, report, store, {
    move(atMs, event) {
      hoveredMs = atMs;
      const { left } = plane.getBoundingClientRect();
      hoverLine.hidden = event.clientX < left;
      hoverLine.style.transform = `translateX(${event.clientX - left}px)`;
      read();
    },
    leave() {
      hoveredMs = null;
      hoverLine.hidden = true;
      read();
    },
    click: (atMs) => store.set({ timeMs: atMs }),
  });
  chart.addEventListener("keydown", (event) => {
    const atMs = timeAfterKey(event.key, store.state, report.video.durationMs);
    if (atMs === null) return;
    event.preventDefault();
    event.stopPropagation();
    store.set({ timeMs: atMs });
  });
}

/**
 * Returns the time to which a key leads; null if it is another key.
 *
 * @param {string} key
 * @param {Readonly<import("#page/page_state.js").PageState>} state
 * @param {number} durationMs
 */
function timeAfterKey(key, { timeMs, timeWindow }, durationMs) {
  const stepMs = Math.max(1, Math.round((timeWindow.toMs - timeWindow.fromMs) / KEY_STEPS));
  /** @type {Record<string, number>} */
  const times = {
    ArrowLeft: timeMs - stepMs,
    ArrowDown: timeMs - stepMs,
    ArrowRight: timeMs + stepMs,
    ArrowUp: timeMs + stepMs,
    PageDown: timeMs - 10 * stepMs,
    PageUp: timeMs + 10 * stepMs,
    Home: timeWindow.fromMs,
    End: timeWindow.toMs,
  };
  return key in times ? Math.min(durationMs, Math.max(0, times[key])) : null;
}

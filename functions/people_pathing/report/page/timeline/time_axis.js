import { element } from "#page/display/elements.js";
import { timeTicks } from "#page/timeline/time_ticks.js";
import { placeInWindow } from "#page/timeline/time_window.js";

/** Room for a label and the space before the next one. */
const TICK_PX = 88;
/** Room for a label. A mark whose label would be cut off has none. */
const LABEL_PX = 56;

/**
 * Makes a time axis that follows the window of time.
 *
 * @param {import("#page/store.js").Store<import("#page/page_state.js").PageState>} store
 */
export function timeAxis(store) {
  const axis = element("div", { class: "time-axis", "aria-hidden": "true" });
  const draw = () => {
    const { timeWindow, counts } = store.state;
    const mostTicks = Math.floor(axis.clientWidth / TICK_PX);
    const ticks = timeTicks(timeWindow, mostTicks, counts.recording);
    const last = 1 - LABEL_PX / Math.max(1, axis.clientWidth);
    axis.replaceChildren(
      ...ticks.map(({ atMs, label }) => {
        const place = placeInWindow(timeWindow, atMs);
        const tick = element("span", { class: "time-tick" }, place <= last ? label : "");
        tick.style.left = `${100 * place}%`;
        return tick;
      }),
    );
  };
  store.follow(["timeWindow", "counts"], draw);
  new ResizeObserver(draw).observe(axis);
  return axis;
}

/**
 * Makes a line at the time that the video shows. Moving it does not draw the chart again.
 *
 * @param {import("#page/store.js").Store<import("#page/page_state.js").PageState>} store
 */
export function timeCursor(store) {
  const cursor = element("div", { class: "time-cursor", "aria-hidden": "true" });
  store.follow(["timeMs", "timeWindow"], ({ timeMs, timeWindow }) => {
    const place = placeInWindow(timeWindow, timeMs);
    cursor.hidden = place < 0 || place > 1;
    cursor.style.transform = `translateX(${100 * place}%)`;
  });
  return cursor;
}

import { button, element } from "#page/display/elements.js";
import {
  movedWindow,
  placeInWindow,
  SHORTEST_WINDOW_MS,
  wholeWindow,
  windowWith,
  zoomedWindow,
} from "#page/timeline/time_window.js";

/**
 * Makes the buttons that zoom into the time and move along it. During playback, the window follows the video.
 *
 * @param {import("#page/data/report_data.js").Report} report
 * @param {import("#page/store.js").Store<import("#page/page_state.js").PageState>} store
 */
export function zoomButtons(report, store) {
  const { durationMs } = report.video;
  const zoom = (/** @type {number} */ factor) => () => {
    const { timeWindow } = store.state;
    store.set({ timeWindow: zoomedWindow(timeWindow, factor, keptTime(store.state), durationMs) });
  };
  const move = (/** @type {number} */ share) => () =>
    store.set({ timeWindow: movedWindow(store.state.timeWindow, share, durationMs) });
  const buttons = {
    earlier: button("←", move(-0.5), { "aria-label": "Earlier", title: "Earlier" }),
    later: button("→", move(0.5), { "aria-label": "Later", title: "Later" }),
    closer: button("+", zoom(0.5), { "aria-label": "Zoom in", title: "Zoom in" }),
    wider: button("−", zoom(2), { "aria-label": "Zoom out", title: "Zoom out" }),
    whole: button("Whole video", () => store.set({ timeWindow: wholeWindow(durationMs) })),
  };
  store.follow(["timeWindow"], ({ timeWindow: { fromMs, toMs } }) => {
    const isWhole = fromMs <= 0 && toMs >= durationMs;
    buttons.earlier.disabled = fromMs <= 0;
    buttons.later.disabled = toMs >= durationMs;
    buttons.closer.disabled = toMs - fromMs <= SHORTEST_WINDOW_MS;
    buttons.wider.disabled = isWhole;
    buttons.whole.disabled = isWhole;
  });
  store.follow(["timeMs"], ({ timeMs, isPlaying, timeWindow }) => {
    if (isPlaying) store.set({ timeWindow: windowWith(timeWindow, timeMs, durationMs) });
  });
  return element(
    "div",
    { class: "zoom-buttons", role: "group", "aria-label": "Zoom" },
    ...Object.values(buttons),
  );
}

/**
 * Returns the time that stays where it is: that of the video, or the middle of the window.
 *
 * @param {Readonly<import("#page/page_state.js").PageState>} state
 */
function keptTime({ timeMs, timeWindow }) {
  const place = placeInWindow(timeWindow, timeMs);
  return place >= 0 && place <= 1 ? timeMs : (timeWindow.fromMs + timeWindow.toMs) / 2;
}

import { element } from "#page/display/elements.js";
import { movedWindow, timeInWindow, windowBetween, zoomedWindow } from "#page/timeline/time_window.js";

/** A pointer that moves less far than this clicks. */
const DRAG_PX = 6;

/**
 * What the pointer does on a chart whose horizontal axis is time.
 *
 * @typedef {object} PointerActions
 * @property {(atMs: number, event: PointerEvent) => void} move the pointer is over this time
 * @property {() => void} leave
 * @property {(atMs: number, event: PointerEvent) => void} click
 */

/**
 * Makes a chart follow the pointer. Dragging and the wheel change the window of time.
 *
 * @param {HTMLElement} surface receives the events
 * @param {HTMLElement} plane covers the window of time from its left to its right edge
 * @param {import("#page/data/report_data.js").Report} report
 * @param {import("#page/store.js").Store<import("#page/page_state.js").PageState>} store
 * @param {PointerActions} actions
 */
export function followPointer(surface, plane, report, store, actions) {
  const marked = element("div", { class: "marked-time", hidden: "" });
  plane.append(marked);
  /** @type {number | null} */
  let startPx = null;
  let isDragged = false;

  /** @param {MouseEvent} event */
  const placeOf = (event) => {
    const { left, width } = plane.getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - left) / Math.max(1, width)));
  };
  /** @param {MouseEvent} event */
  const timeOf = (event) => timeInWindow(store.state.timeWindow, placeOf(event));
  const { durationMs } = report.video;
  let startPlace = 0;

  const endDrag = () => {
    startPx = null;
    marked.hidden = true;
  };
  surface.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !isOverContent(surface, event)) return;
    startPx = event.clientX;
    startPlace = placeOf(event);
    isDragged = false;
  });
  surface.addEventListener("pointermove", (event) => {
    actions.move(timeOf(event), event);
    // The button may have been released outside the chart.
    if (event.buttons === 0) endDrag();
    if (startPx === null) return;
    if (!isDragged && Math.abs(event.clientX - startPx) > DRAG_PX) {
      isDragged = true;
      surface.setPointerCapture(event.pointerId);
    }
    if (isDragged) showMarked(marked, startPlace, placeOf(event));
  });
  surface.addEventListener("pointerup", (event) => {
    if (startPx === null) return;
    if (isDragged) {
      const { timeWindow } = store.state;
      const from = timeInWindow(timeWindow, startPlace);
      store.set({ timeWindow: windowBetween(from, timeOf(event), durationMs) });
    } else {
      actions.click(timeOf(event), event);
    }
    endDrag();
  });
  surface.addEventListener("pointercancel", endDrag);
  surface.addEventListener("pointerleave", actions.leave);
  surface.addEventListener(
    "wheel",
    (event) => {
      const timeWindow = wheeled(store.state.timeWindow, event, timeOf(event), durationMs);
      if (!timeWindow) return;
      event.preventDefault();
      store.set({ timeWindow });
    },
    { passive: false },
  );
}

/**
 * Returns the window after a turn of the wheel: zoomed with Ctrl, moved sideways; null if the page scrolls.
 *
 * @param {import("#page/page_state.js").TimeWindow} window
 * @param {WheelEvent} event
 * @param {number} atMs
 * @param {number} durationMs
 */
function wheeled(window, event, atMs, durationMs) {
  if (event.ctrlKey) return zoomedWindow(window, Math.exp(event.deltaY / 200), atMs, durationMs);
  const sideways = event.shiftKey ? event.deltaX || event.deltaY : event.deltaX;
  if (sideways === 0 || Math.abs(event.deltaY) > Math.abs(sideways)) return null;
  return movedWindow(window, sideways / 1000, durationMs);
}

/**
 * @param {HTMLElement} marked
 * @param {number} one place from 0 to 1
 * @param {number} other place from 0 to 1
 */
function showMarked(marked, one, other) {
  marked.hidden = false;
  marked.style.left = `${100 * Math.min(one, other)}%`;
  marked.style.width = `${100 * Math.abs(other - one)}%`;
}

/**
 * Tells whether an event is not on the scroll bar.
 *
 * @param {HTMLElement} surface
 * @param {MouseEvent} event
 */
function isOverContent(surface, event) {
  return event.clientX < surface.getBoundingClientRect().left + surface.clientLeft + surface.clientWidth;
}

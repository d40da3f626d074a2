/**
 * Zooming and panning: which part of the video the charts show.
 *
 * @typedef {import("#page/page_state.js").TimeWindow} TimeWindow
 */

export const SHORTEST_WINDOW_MS = 1000;

/**
 * Returns the window that shows the whole video.
 *
 * @param {number} durationMs length of the video
 * @returns {TimeWindow}
 */
export function wholeWindow(durationMs) {
  return { fromMs: 0, toMs: Math.max(durationMs, 1) };
}

/**
 * Returns where a time is in the window: 0 at its start, 1 at its end.
 *
 * @param {TimeWindow} window
 * @param {number} atMs
 */
export function placeInWindow(window, atMs) {
  return (atMs - window.fromMs) / (window.toMs - window.fromMs);
}

/**
 * Returns the time at a place of the window, in whole milliseconds.
 *
 * @param {TimeWindow} window
 * @param {number} place from 0 to 1
 */
export function timeInWindow(window, place) {
  return Math.round(window.fromMs + place * (window.toMs - window.fromMs));
}

/**
 * Returns a window between two times in any order, within the video and not too short.
 *
 * @param {number} oneMs
 * @param {number} otherMs
 * @param {number} durationMs length of the video
 * @returns {TimeWindow}
 */
export function windowBetween(oneMs, otherMs, durationMs) {
  const wholeMs = wholeWindow(durationMs).toMs;
  const lengthMs = Math.min(wholeMs, Math.max(SHORTEST_WINDOW_MS, Math.abs(otherMs - oneMs)));
  const middleMs = (oneMs + otherMs) / 2;
  const fromMs = Math.round(Math.min(Math.max(0, middleMs - lengthMs / 2), wholeMs - lengthMs));
  return { fromMs, toMs: Math.round(fromMs + lengthMs) };
}

/**
 * Returns a longer or shorter window. A time keeps its place in it, if the video is long enough.
 *
 * @param {TimeWindow} window
 * @param {number} factor 0.5 for a window of half the length
 * @param {number} keptMs
 * @param {number} durationMs length of the video
 */
export function zoomedWindow(window, factor, keptMs, durationMs) {
  const shortest = Math.min(SHORTEST_WINDOW_MS, Math.max(durationMs, 1));
  const lengthMs = Math.max(shortest, (window.toMs - window.fromMs) * factor);
  const fromMs = keptMs - placeInWindow(window, keptMs) * lengthMs;
  return windowBetween(fromMs, fromMs + lengthMs, durationMs);
}

/**
 * Returns the window moved by a share of its length.
 *
 * @param {TimeWindow} window
 * @param {number} share -1 for the time just before
 * @param {number} durationMs length of the video
 */
export function movedWindow(window, share, durationMs) {
  const byMs = (window.toMs - window.fromMs) * share;
  return windowBetween(window.fromMs + byMs, window.toMs + byMs, durationMs);
}

/**
 * Returns the window that shows a time during playback: the same one, or one that begins shortly before it.
 *
 * @param {TimeWindow} window
 * @param {number} atMs
 * @param {number} durationMs length of the video
 */
export function windowWith(window, atMs, durationMs) {
  const place = placeInWindow(window, atMs);
  return place >= 0 && place <= 1 ? window : movedWindow(window, place - 0.05, durationMs);
}

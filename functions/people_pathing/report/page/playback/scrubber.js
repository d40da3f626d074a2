import { element } from "#page/display/elements.js";
import { formatCountOf, formatVideoTenths } from "#page/display/format.js";

/** @typedef {import("#page/store.js").Store<import("#page/page_state.js").PageState>} PageStore */

const BIN_PX = 2;
const MAX_HEIGHT_SHARE = 0.8;
/** The column of a single person is not as high as the whole scrubber. */
const LEAST_FULL = 3;

/**
 * Makes the slider for the time, with the number of people at each time behind it.
 *
 * @param {PageStore} store
 * @param {number} durationMs
 */
export function makeScrubber(store, durationMs) {
  const canvas = element("canvas", { "aria-hidden": "true" });
  const slider = element("input", { type: "range", min: "0", max: String(durationMs), step: "any" });
  slider.setAttribute("aria-label", "Time in the video");
  slider.addEventListener("input", () => store.set({ timeMs: Number(slider.value) }));
  const scrubber = element("div", { class: "scrubber" }, canvas, slider);
  const draw = () =>
    drawOccupancy(canvas, scrubber, occupancyBins(store.state, durationMs, binCount(scrubber)));
  store.follow(["counts", "visiblePeople"], draw);
  store.follow(["timeMs"], ({ timeMs }) => {
    slider.value = String(timeMs);
    slider.setAttribute("aria-valuetext", `${formatVideoTenths(timeMs)} of ${formatVideoTenths(durationMs)}`);
  });
  new ResizeObserver(draw).observe(scrubber);
  // The colours follow the theme.
  document.addEventListener("themechange", draw);
  return scrubber;
}

/**
 * Returns how many people are in the picture in each part of the video: the most at once.
 *
 * @param {Pick<import("#page/page_state.js").PageState, "counts" | "visiblePeople">} state
 * @param {number} durationMs
 * @param {number} bins number of parts
 * @returns {Uint16Array}
 */
export function occupancyBins({ counts, visiblePeople }, durationMs, bins) {
  const changes = counts.presences
    .filter((presence) => visiblePeople.has(presence.person))
    .flatMap(({ firstMs, lastMs }) => [
      { atMs: firstMs, change: 1 },
      { atMs: lastMs, change: -1 },
    ])
    .sort((a, b) => a.atMs - b.atMs || b.change - a.change);
  const most = new Uint16Array(bins);
  let present = 0;
  let filled = 0;
  for (const { atMs, change } of changes) {
    const bin = Math.min(Math.floor((atMs / durationMs) * bins), bins - 1);
    while (filled < bin) most[++filled] = present;
    present += change;
    most[bin] = Math.max(most[bin], present);
  }
  return most;
}

/** @param {HTMLElement} scrubber */
function binCount(scrubber) {
  return Math.max(1, Math.floor(scrubber.clientWidth / BIN_PX));
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {HTMLElement} scrubber
 * @param {Uint16Array} bins
 */
function drawOccupancy(canvas, scrubber, bins) {
  const ratio = window.devicePixelRatio || 1;
  const [width, height] = [scrubber.clientWidth, scrubber.clientHeight];
  Object.assign(canvas, { width: Math.round(width * ratio), height: Math.round(height * ratio) });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.scale(ratio, ratio);
  const most = bins.reduce((found, people) => Math.max(found, people), 0);
  canvas.title = `At most ${formatCountOf(most, "person", "people")} at once`;
  context.fillStyle = getComputedStyle(canvas).color;
  context.globalAlpha = 0.4;
  bins.forEach((people, bin) => {
    const columnHeight = (height * MAX_HEIGHT_SHARE * people) / Math.max(most, LEAST_FULL);
    context.fillRect(bin * BIN_PX, height - columnHeight, BIN_PX, columnHeight);
  });
  context.globalAlpha = 1;
  context.fillRect(0, height - 1, width, 1);
}

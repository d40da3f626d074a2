import { element, personColour, personSwatch } from "#page/display/elements.js";
import { formatDuration } from "#page/display/format.js";
import { momentText } from "#page/display/moments.js";
import { zonePattern } from "#page/display/section_swatch.js";
import { gapsOf, shareOfWindow } from "#page/timeline/lane_layout.js";

/** Marks that are closer together are drawn as one. */
const CLOSEST_PX = 10;

/**
 * What all rows need.
 *
 * @typedef {object} LaneScene
 * @property {import("#page/page_state.js").TimeWindow} window the time that is shown
 * @property {import("#page/counting/count_video.js").Recording} recording
 * @property {readonly string[]} zones names in the order of their patterns
 * @property {number} widthPx of the window on the screen
 */

/**
 * Makes the row of a person.
 *
 * @param {import("#page/timeline/lane_layout.js").Lane} lane
 * @param {LaneScene} scene
 */
export function laneRow(lane, scene) {
  const { recording } = scene;
  const { person, firstMs, lastMs, seenMs } = lane.track;
  const track = element("div", { class: "lane-track", "aria-hidden": "true" }, ...bars(lane, scene));
  track.append(...marks(lane, scene));
  track.style.color = personColour(person);
  const label = element(
    "span",
    { class: "lane-label", "aria-hidden": "true" },
    personSwatch(person),
    String(person),
  );
  const description =
    `Person ${person}, from ${momentText(firstMs, recording)} to ${momentText(lastMs, recording)}, ` +
    `seen for ${formatDuration(seenMs)}, ${lane.visits.length} visits, ${lane.crossings.length} crossings`;
  return element(
    "div",
    { class: "lane", role: "option", id: laneId(person), "aria-label": description },
    label,
    track,
  );
}

/**
 * Returns the id of a person's row.
 *
 * @param {number} person index
 */
export function laneId(person) {
  return `lane-${person}`;
}

/**
 * Returns the stretches of the path, the gaps between them, and the visits.
 *
 * @param {import("#page/timeline/lane_layout.js").Lane} lane
 * @param {LaneScene} scene
 */
function bars({ track, visits }, { window, zones }) {
  return [
    ...gapsOf(track).map(({ fromMs, toMs }) => bar("lane-gap", window, fromMs, toMs, "not seen")),
    ...track.stretches.map(({ firstMs, lastMs }) => bar("lane-stretch", window, firstMs, lastMs, "")),
    ...visits.map(({ zone, enter, exit, dwellMs }) =>
      bar(
        visitClass(zones.indexOf(zone)),
        window,
        enter.atMs,
        exit.atMs,
        `in ${zone} for ${formatDuration(dwellMs)}`,
      ),
    ),
  ].filter((made) => made !== null);
}

/** @param {number} at place of the zone among all zones */
function visitClass(at) {
  return `lane-visit ${zonePattern(at)}`;
}

/**
 * @param {string} className
 * @param {import("#page/page_state.js").TimeWindow} window
 * @param {number} fromMs
 * @param {number} toMs
 * @param {string} title
 */
function bar(className, window, fromMs, toMs, title) {
  const share = shareOfWindow(window, fromMs, toMs);
  if (!share) return null;
  const made = element("span", { class: className, ...(title && { title }) });
  made.style.left = `${100 * share.left}%`;
  made.style.width = `${100 * share.width}%`;
  return made;
}

/**
 * Returns the crossings of lines as arrows: up for in, down for out.
 *
 * @param {import("#page/timeline/lane_layout.js").Lane} lane
 * @param {LaneScene} scene
 */
function marks({ crossings }, { window, widthPx }) {
  const closest = CLOSEST_PX / Math.max(1, widthPx);
  let last = -1;
  const made = [];
  for (const { line, direction, moment } of crossings) {
    const share = shareOfWindow(window, moment.atMs, moment.atMs);
    if (!share || share.left - last < closest) continue;
    last = share.left;
    const mark = element("span", {
      class: `lane-mark lane-mark-${direction}`,
      title: `crosses ${line}: ${direction}`,
    });
    mark.style.left = `${100 * share.left}%`;
    made.push(mark);
  }
  return made;
}

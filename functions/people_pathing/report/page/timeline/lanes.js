import { tracksOf } from "#page/data/tracks.js";
import { button, element, setText } from "#page/display/elements.js";
import { formatCount } from "#page/display/format.js";
import { rowAfterKey } from "#page/display/list_keys.js";
import { layOutLanes } from "#page/timeline/lane_layout.js";
import { LaneList } from "#page/timeline/lane_list.js";
import { timeAxis, timeCursor } from "#page/timeline/time_axis.js";
import { followPointer } from "#page/timeline/time_pointer.js";
import { windowBetween } from "#page/timeline/time_window.js";

/**
 * Shows one lane per person: when the person was seen, visited zones and crossed lines.
 *
 * @param {HTMLElement} place
 * @param {import("#page/data/report_data.js").Report} report
 * @param {import("#page/store.js").Store<import("#page/page_state.js").PageState>} store
 */
export function mountLanes(place, report, store) {
  const plane = element("div", { class: "time-plane", "aria-hidden": "true" }, timeCursor(store));
  const list = new LaneList(plane);
  const shownCount = element("span", { class: "quiet" });
  const emptyText = element("p", { class: "quiet" });
  const zoom = button("Zoom to these people", () => zoomToLanes(list, report, store));
  const meaning = legend();
  const frame = element("div", { class: "timeline-frame lanes-frame" }, timeAxis(store), list.element);
  place.replaceChildren(
    element(
      "div",
      { class: "part-head" },
      element("h2", {}, "When each person was seen"),
      shownCount,
      element("div", { class: "part-actions" }, zoom),
    ),
    emptyText,
    frame,
    list.note,
    meaning,
  );

  /** @type {import("#page/timeline/lane_layout.js").Lane[]} */
  let lanes = [];
  store.follow(["counts", "zonesFile", "visiblePeople"], ({ counts, zonesFile, visiblePeople }) => {
    const tracks = tracksOf(report, zonesFile);
    lanes = layOutLanes(tracks, counts, visiblePeople);
    setText(shownCount, lanes.length === tracks.length ? "" : `${formatCount(lanes.length)} shown`);
    for (const part of [frame, zoom, meaning]) part.hidden = lanes.length === 0;
    setText(emptyText, lanes.length > 0 ? "" : emptyReason(tracks.length));
  });
  store.follow(["counts", "zonesFile", "visiblePeople", "timeWindow"], ({ counts, timeWindow: window }) => {
    const zones = counts.whole.zones.map(({ name }) => name);
    list.show(lanes, { window, recording: counts.recording, zones, widthPx: plane.clientWidth });
  });
  store.follow(["timeWindow"], ({ timeWindow }) => {
    list.revealTime(timeWindow.fromMs, timeWindow.toMs);
  });
  store.follow(["timeMs"], ({ timeMs, isPlaying }) => {
    // During playback, the user may look at other lanes.
    if (!isPlaying) list.revealTime(timeMs, timeMs);
  });
  store.follow(["selectedPerson"], ({ selectedPerson }) => {
    if (selectedPerson !== null) list.reveal(selectedPerson);
  });
  store.follow(["selectedPerson", "hoveredPerson"], (state) =>
    list.mark(state.selectedPerson, state.hoveredPerson),
  );
  followPointer(list.element, plane, report, store, {
    move(_, event) {
      const hoveredPerson = list.laneAt(event)?.track.person ?? null;
      if (hoveredPerson !== store.state.hoveredPerson) store.set({ hoveredPerson });
    },
    leave: () => store.set({ hoveredPerson: null }),
    click(atMs, event) {
      const lane = list.laneAt(event);
      if (!lane) return;
      const isLabel = event.clientX < plane.getBoundingClientRect().left;
      store.set({ selectedPerson: lane.track.person, timeMs: isLabel ? lane.track.firstMs : atMs });
    },
  });
  list.element.addEventListener("keydown", (event) => pressKey(event, list, store));
}

/**
 * Moves between people with the arrow keys, and jumps to the selected one with Enter.
 *
 * @param {KeyboardEvent} event
 * @param {LaneList} list
 * @param {import("#page/store.js").Store<import("#page/page_state.js").PageState>} store
 */
function pressKey(event, list, store) {
  const at = list.placeOf(store.state.selectedPerson);
  const place = rowAfterKey(event.key, at, list.lanes.length, list.pageSize);
  if (place !== null) store.set({ selectedPerson: list.lanes[place].track.person });
  else if (event.key === "Enter" && at >= 0) store.set({ timeMs: list.lanes[at].track.firstMs });
  else return;
  event.preventDefault();
  event.stopPropagation();
}

/**
 * Shows the time in which the people in the visible lanes were seen.
 *
 * @param {LaneList} list
 * @param {import("#page/data/report_data.js").Report} report
 * @param {import("#page/store.js").Store<import("#page/page_state.js").PageState>} store
 */
function zoomToLanes(list, report, store) {
  const tracks = list.visibleLanes.map(({ track }) => track);
  if (tracks.length === 0) return;
  const fromMs = Math.min(...tracks.map(({ firstMs }) => firstMs));
  const toMs = Math.max(...tracks.map(({ lastMs }) => lastMs));
  store.set({ timeWindow: windowBetween(fromMs, toMs, report.video.durationMs) });
}

/** Says what the marks of the lanes mean. */
function legend() {
  const entries = [
    ["lane-stretch", "seen"],
    ["lane-gap", "not seen for a while"],
    ["lane-visit zone-pattern-0", "in a zone, with its pattern"],
    ["lane-mark lane-mark-in", "crosses a line: in"],
    ["lane-mark lane-mark-out", "crosses a line: out"],
  ];
  const items = entries.map(([className, meaning]) =>
    element(
      "li",
      {},
      element("span", { class: "lane-sample", "aria-hidden": "true" }, element("span", { class: className })),
      meaning,
    ),
  );
  return element("ul", { class: "lane-legend quiet small" }, ...items);
}

/** @param {number} found how many people there are without filters */
function emptyReason(found) {
  return found === 0 ? "No people were found in this video." : "The filters hide all people.";
}

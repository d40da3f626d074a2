import { floorPosition } from "#page/counting/floor/homography.js";
import { remembered } from "#page/counting/remembered.js";
import { tracksOf } from "#page/data/tracks.js";
import { element, setText } from "#page/display/elements.js";
import { formatDecimal } from "#page/display/format.js";
import { FloorPicture } from "#page/panels/floor/floor_picture.js";
import { busyExtent, floorExtent, floorPositions } from "#page/panels/floor/floor_positions.js";
import { floorScale } from "#page/panels/floor/floor_scale.js";

const LEAST_WIDTH_PX = 160;

/** @typedef {import("#page/page_state.js").PageState} PageState */

/**
 * Shows the paths on the floor, seen from above, if the video is calibrated.
 *
 * @param {HTMLElement} place
 * @param {import("#page/data/report_data.js").Report} report
 * @param {import("#page/store.js").Store<PageState>} store
 */
export function mountFloorPlan(place, report, store) {
  const picture = new FloorPicture();
  const frame = picture.element;
  const note = element("p", { class: "quiet small" });
  place.append(element("h2", {}, "Floor plan"), frame, note);

  const draw = () => {
    const { zonesFile, visiblePeople } = store.state;
    const { calibration } = zonesFile;
    place.hidden = !calibration;
    if (!calibration) return;
    const { homography } = calibration;
    const positions = remembered(floorPositions, report.observations, homography);
    const corners = cornersOf(zonesFile).map((corner) => floorPosition(homography, corner));
    const { left, right, bottom, top } = floorExtent(remembered(busyExtent, positions), corners);
    const widthPx = Math.max(LEAST_WIDTH_PX, frame.clientWidth);
    const scale = remembered(scaleOf, positions, widthPx, left, right, bottom, top);
    const allTracks = tracksOf(report, zonesFile);
    const tracks = remembered(shownTracks, allTracks, visiblePeople);
    picture.draw({ observations: report.observations, tracks, positions, scale, zonesFile, homography });
    picture.mark(store.state);
    picture.dots?.show(store.state);
    const step = formatDecimal(scale.stepM, scale.stepM < 1 ? 1 : 0);
    setText(note, `One square is ${step} m wide. The floor is taken as flat.`);
  };
  store.follow(["zonesFile", "visiblePeople"], draw);
  store.follow(["selectedPerson", "hoveredPerson"], (state) => picture.mark(state));
  store.follow(["timeMs", "selectedPerson", "hoveredPerson"], (state) => picture.dots?.show(state));
  let drawnPx = frame.clientWidth;
  new ResizeObserver(() => {
    if (frame.clientWidth !== drawnPx) draw();
    drawnPx = frame.clientWidth;
  }).observe(frame);
  followPlan(picture, store);
}

/**
 * @param {FloorPicture} picture
 * @param {import("#page/store.js").Store<PageState>} store
 */
function followPlan(picture, store) {
  const nearest = (/** @type {MouseEvent} */ event) =>
    picture.dots?.nearestPoint(...picture.pointOf(event)) ?? null;
  picture.element.addEventListener("pointermove", (event) => {
    const hoveredPerson = nearest(event)?.person ?? null;
    if (hoveredPerson !== store.state.hoveredPerson) store.set({ hoveredPerson });
  });
  picture.element.addEventListener("pointerleave", () => store.set({ hoveredPerson: null }));
  picture.element.addEventListener("click", (event) => {
    const found = nearest(event);
    store.set(found ? { selectedPerson: found.person, timeMs: found.atMs } : { selectedPerson: null });
  });
}

/** @type {(positions: object, ...sizes: Parameters<typeof floorScale>) => ReturnType<typeof floorScale>} */
const scaleOf = (_, ...sizes) => floorScale(...sizes);

/**
 * @param {readonly import("#page/data/tracks.js").Track[]} tracks
 * @param {ReadonlySet<number>} people
 */
function shownTracks(tracks, people) {
  return tracks.filter(({ person }) => people.has(person));
}

/** @param {import("#page/counting/zones_file.js").ZonesFile} zonesFile */
function cornersOf({ zones, lines }) {
  return [...zones.flatMap(({ polygon }) => polygon), ...lines.flatMap(({ start, end }) => [start, end])];
}

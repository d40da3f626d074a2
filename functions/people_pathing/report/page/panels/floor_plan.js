import { floorPosition } from "#page/counting/floor/homography.js";
import { remembered } from "#page/counting/remembered.js";
import { findTracks } from "#page/data/tracks.js";
import { element, setText, svgElement } from "#page/display/elements.js";
import { formatDecimal } from "#page/display/format.js";
import { drawFloorPath, drawFloorSections, drawGrid } from "#page/panels/floor/floor_drawing.js";
import { FloorDots } from "#page/panels/floor/floor_dots.js";
import { floorExtent, floorPositions } from "#page/panels/floor/floor_positions.js";
import { floorScale } from "#page/panels/floor/floor_scale.js";

/** @typedef {import("#page/page_state.js").PageState} PageState */

/**
 * Shows the paths on the floor, seen from above, if the video is calibrated.
 *
 * @param {HTMLElement} place
 * @param {import("#page/data/report_data.js").Report} report
 * @param {import("#page/store.js").Store<PageState>} store
 */
export function mountFloorPlan(place, report, store) {
  const picture = svgElement("svg", { class: "floor-picture", role: "img", "aria-label": "Floor plan with paths" });
  const frame = element("div", { class: "floor-frame" }, picture);
  const note = element("p", { class: "quiet small" });
  /** @type {Map<number, SVGPathElement>} */
  let paths = new Map();
  /** @type {FloorDots | null} */
  let dots = null;

  const draw = () => {
    const { zonesFile, visiblePeople } = store.state;
    const { calibration } = zonesFile;
    dots = null;
    paths = new Map();
    if (!calibration) return place.replaceChildren();
    if (!frame.isConnected) place.replaceChildren(element("h2", {}, "Floor plan"), frame, note);
    const { homography } = calibration;
    const positions = remembered(floorPositions, report.observations, homography);
    const corners = [...zonesFile.zones.flatMap(({ polygon }) => polygon), ...zonesFile.lines.flatMap(endsOf)];
    const extent = floorExtent(positions, corners.map((corner) => floorPosition(homography, corner)));
    const scale = floorScale(extent, Math.max(160, frame.clientWidth));
    const tracks = remembered(findTracks, report.observations, zonesFile.rules.max_gap_ms);
    const shown = tracks.filter(({ person }) => visiblePeople.has(person));
    paths = new Map(shown.map((track) => [track.person, drawFloorPath(scale, positions, track, report.observations)]));
    dots = new FloorDots(report.observations, shown, positions, scale);
    picture.setAttribute("viewBox", `0 0 ${scale.widthPx} ${scale.heightPx}`);
    picture.replaceChildren(
      drawGrid(scale),
      svgElement("g", { class: "floor-paths" }, ...paths.values()),
      drawFloorSections(scale, zonesFile, homography),
      dots.element,
    );
    setText(note, `One square is ${formatDecimal(scale.stepM, scale.stepM < 1 ? 1 : 0)} m wide. The floor is taken as flat.`);
    mark(store.state);
    dots.show(store.state);
  };
  const mark = (/** @type {Readonly<PageState>} */ { selectedPerson, hoveredPerson }) => {
    const marked = [selectedPerson, hoveredPerson].filter((person) => person !== null);
    picture.classList.toggle("has-marked", marked.some((person) => paths.has(person)));
    for (const [person, path] of paths) path.classList.toggle("is-marked", marked.includes(person));
    // What is drawn last is on top.
    for (const person of marked.reverse()) {
      const path = paths.get(person);
      path?.parentElement?.append(path);
    }
  };

  store.follow(["zonesFile", "visiblePeople"], draw);
  store.follow(["selectedPerson", "hoveredPerson"], mark);
  store.follow(["timeMs", "selectedPerson", "hoveredPerson"], (state) => dots?.show(state));
  let drawnPx = frame.clientWidth;
  new ResizeObserver(() => {
    if (frame.clientWidth !== drawnPx) draw();
    drawnPx = frame.clientWidth;
  }).observe(frame);

  frame.addEventListener("pointermove", (event) => {
    const hoveredPerson = dots?.nearestPoint(...pointOf(picture, event))?.person ?? null;
    if (hoveredPerson !== store.state.hoveredPerson) store.set({ hoveredPerson });
  });
  frame.addEventListener("pointerleave", () => store.set({ hoveredPerson: null }));
  frame.addEventListener("click", (event) => {
    const found = dots?.nearestPoint(...pointOf(picture, event));
    store.set(found ? { selectedPerson: found.person, timeMs: found.atMs } : { selectedPerson: null });
  });
}

/**
 * Returns the place of a pointer in the units of the picture.
 *
 * @param {SVGSVGElement} picture
 * @param {MouseEvent} event
 * @returns {[number, number]}
 */
function pointOf(picture, event) {
  const { left, top, width } = picture.getBoundingClientRect();
  const scale = picture.viewBox.baseVal.width / Math.max(1, width);
  return [(event.clientX - left) * scale, (event.clientY - top) * scale];
}

/** @param {import("#page/counting/zones_file.js").Line} line */
function endsOf({ start, end }) {
  return [start, end];
}

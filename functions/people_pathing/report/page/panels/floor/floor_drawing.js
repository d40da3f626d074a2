import { floorPosition } from "#page/counting/floor/homography.js";
import { personColour, svgElement } from "#page/display/elements.js";
import { formatDecimal } from "#page/display/format.js";
import { thinnedPath } from "#page/panels/floor/floor_positions.js";

/** @typedef {import("#page/panels/floor/floor_scale.js").FloorScale} FloorScale */

/**
 * Draws the grid with its distances in metres.
 *
 * @param {FloorScale} scale
 */
export function drawGrid(scale) {
  const { widthPx, heightPx, gridXsM, gridYsM, stepM } = scale;
  const decimals = stepM < 1 ? Math.ceil(-Math.log10(stepM)) : 0;
  const label = (/** @type {number} */ valueM) => `${formatDecimal(valueM === 0 ? 0 : valueM, decimals)} m`;
  const lines = [
    ...gridXsM.map((xM) => `M${scale.x(xM)} 0V${heightPx}`),
    ...gridYsM.map((yM) => `M0 ${scale.y(yM)}H${widthPx}`),
  ];
  const texts = [
    ...gridXsM.map((xM) => text(label(xM), scale.x(xM) + 4, heightPx - 4)),
    ...gridYsM.slice(1).map((yM) => text(label(yM), 4, scale.y(yM) - 4)),
  ];
  return svgElement("g", { class: "floor-grid" }, svgElement("path", { d: lines.join("") }), ...texts);
}

/**
 * Draws the outlines of zones and lines with their names.
 *
 * @param {FloorScale} scale
 * @param {import("#page/counting/zones_file.js").ZonesFile} zonesFile
 * @param {import("#page/counting/zones_file.js").Matrix} homography
 */
export function drawFloorSections(scale, zonesFile, homography) {
  const shapes = [
    ...zonesFile.zones.map(({ name, polygon }) => ({ name, points: polygon, end: "Z" })),
    ...zonesFile.lines.map(({ name, start, end }) => ({ name, points: [start, end], end: "" })),
  ].flatMap(({ name, points, end }) => {
    const places = points.map((point) => floorPosition(homography, point));
    const middle = [0, 1].map((axis) => places.reduce((sum, place) => sum + place[axis], 0) / places.length);
    return [
      svgElement("path", { d: pathOf(scale, places) + end }),
      text(name, scale.x(middle[0]), scale.y(middle[1])),
    ];
  });
  return svgElement("g", { class: "floor-sections" }, ...shapes);
}

/**
 * Draws the path of one person, with a break at each long gap.
 *
 * @param {FloorScale} scale
 * @param {import("#page/panels/floor/floor_positions.js").FloorPositions} positions
 * @param {import("#page/data/tracks.js").Track} track
 * @param {import("#page/data/report_data.js").Observations} observations
 */
export function drawFloorPath(scale, positions, track, observations) {
  const leastM = 2 / scale.pxPerM;
  const d = stretchesOf(track, observations)
    .map(([start, end]) => pathOf(scale, thinnedPath(positions, start, end, leastM)))
    .join("");
  const path = svgElement("path", { class: "floor-path", d });
  path.style.stroke = personColour(track.person);
  return path;
}

/**
 * Returns the observations of each stretch, from the first up to but not including the second number.
 *
 * @param {import("#page/data/tracks.js").Track} track
 * @param {import("#page/data/report_data.js").Observations} observations
 * @returns {[number, number][]}
 */
function stretchesOf({ place, stretches }, { starts, timesMs }) {
  let at = starts[place];
  return stretches.map(({ lastMs }) => {
    const start = at;
    while (at < starts[place + 1] && timesMs[at] <= lastMs) at++;
    return [start, at];
  });
}

/**
 * @param {FloorScale} scale
 * @param {readonly (readonly [number, number])[]} points
 */
function pathOf(scale, points) {
  return points.map(([x, y], at) => `${at === 0 ? "M" : "L"}${scale.x(x)} ${scale.y(y)}`).join("");
}

/**
 * @param {string} content
 * @param {number} x
 * @param {number} y
 */
function text(content, x, y) {
  return svgElement("text", { x: String(x), y: String(y) }, content);
}

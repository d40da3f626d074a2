import { floorPosition } from "#page/counting/floor/homography.js";
import { svgElement } from "#page/display/elements.js";
import { formatDecimal } from "#page/display/format.js";

/** Points of a path that are closer together are left out. */
const CLOSEST_PX = 2;

/** @typedef {import("#page/panels/floor/floor_scale.js").FloorScale} FloorScale */
/** @typedef {import("#page/data/tracks.js").Track} Track */
/** @typedef {{moveTo: (x: number, y: number) => void, lineTo: (x: number, y: number) => void}} Pen */

/**
 * Draws the grid with its distances in metres.
 *
 * @param {FloorScale} scale
 * @returns {SVGElement[]}
 */
export function drawGrid(scale) {
  const { widthPx, heightPx, gridXsM, gridYsM, stepM } = scale;
  const decimals = stepM < 1 ? Math.ceil(-Math.log10(stepM)) : 0;
  const label = (/** @type {number} */ valueM) => `${formatDecimal(valueM === 0 ? 0 : valueM, decimals)} m`;
  const lines = [
    ...gridXsM.map((xM) => `M${scale.x(xM)} 0V${heightPx}`),
    ...gridYsM.map((yM) => `M0 ${scale.y(yM)}H${widthPx}`),
  ];
  return [
    svgElement("path", { d: lines.join("") }),
    ...gridXsM.map((xM) => text(label(xM), scale.x(xM) + 4, heightPx - 4)),
    ...gridYsM.slice(1).map((yM) => text(label(yM), 4, scale.y(yM) - 4)),
  ];
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
    const d = places.map(([x, y], at) => `${at === 0 ? "M" : "L"}${scale.x(x)} ${scale.y(y)}`).join("");
    const [middleX, middleY] = [0, 1].map(
      (axis) => places.reduce((sum, place) => sum + place[axis], 0) / places.length,
    );
    return [svgElement("path", { d: d + end }), text(name, scale.x(middleX), scale.y(middleY))];
  });
  return svgElement("g", { class: "floor-sections" }, ...shapes);
}

/**
 * Moves a pen along the path of one person. The pen is lifted over long gaps.
 *
 * @param {Pen} pen
 * @param {FloorScale} scale
 * @param {import("#page/panels/floor/floor_positions.js").FloorPositions} positions
 * @param {Track} track
 * @param {import("#page/data/report_data.js").Observations} observations
 */
export function traceFloorPath(pen, scale, { xs, ys }, track, { starts, timesMs }) {
  let at = starts[track.place];
  for (const { lastMs } of track.stretches) {
    let [lastX, lastY] = [scale.x(xs[at]), scale.y(ys[at])];
    pen.moveTo(lastX, lastY);
    for (at++; at < starts[track.place + 1] && timesMs[at] <= lastMs; at++) {
      const [x, y] = [scale.x(xs[at]), scale.y(ys[at])];
      const isClose = Math.abs(x - lastX) + Math.abs(y - lastY) < CLOSEST_PX;
      if (isClose && timesMs[at] < lastMs) continue;
      pen.lineTo(x, y);
      [lastX, lastY] = [x, y];
    }
  }
}

/** A pen that writes the description of an SVG path. */
export class SvgPen {
  constructor() {
    this.d = "";
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  moveTo(x, y) {
    this.d += `M${x.toFixed(1)} ${y.toFixed(1)}`;
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  lineTo(x, y) {
    this.d += `L${x.toFixed(1)} ${y.toFixed(1)}`;
  }
}

/**
 * @param {string} content
 * @param {number} x
 * @param {number} y
 */
function text(content, x, y) {
  return svgElement("text", { x: x.toFixed(1), y: y.toFixed(1) }, content);
}

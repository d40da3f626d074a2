import { element, personColour, svgElement } from "#page/display/elements.js";
import { readPalette } from "#page/drawing/palette.js";
import { drawFloorSections, drawGrid, SvgPen, traceFloorPath } from "#page/panels/floor/floor_drawing.js";
import { FloorDots } from "#page/panels/floor/floor_dots.js";

/** Many paths over each other are drawn thinly, so that the busy places show. */
const MOST_OPACITY = 0.6;
const LEAST_OPACITY = 0.1;
const OPAQUE_PATHS = 40;

/** @typedef {import("#page/page_state.js").PageState} PageState */
/** @typedef {import("#page/data/tracks.js").Track} Track */

/**
 * What is drawn.
 *
 * @typedef {object} FloorScene
 * @property {import("#page/data/report_data.js").Observations} observations
 * @property {readonly Track[]} tracks of the people that are shown
 * @property {import("#page/panels/floor/floor_positions.js").FloorPositions} positions
 * @property {import("#page/panels/floor/floor_scale.js").FloorScale} scale
 * @property {import("#page/counting/zones_file.js").ZonesFile} zonesFile
 * @property {import("#page/counting/zones_file.js").Matrix} homography
 */

/** The plan: a grid, above it all paths on a canvas, and above them what changes often. */
export class FloorPicture {
  constructor() {
    this.grid = svgElement("svg", { class: "floor-grid", "aria-hidden": "true" });
    this.canvas = element("canvas", { "aria-hidden": "true" });
    this.front = svgElement("svg", { role: "img", "aria-label": "Floor plan with the paths of people" });
    this.element = element("div", { class: "floor-frame" }, this.grid, this.canvas, this.front);
    this.markedPaths = svgElement("g");
    /** @type {FloorScene | null} */
    this.scene = null;
    /** @type {FloorDots | null} */
    this.dots = null;
  }

  /**
   * Draws the plan. While a zone is dragged, the paths stay as they are.
   *
   * @param {FloorScene} scene
   */
  draw(scene) {
    const { scale, tracks, observations, positions } = scene;
    const isSame =
      this.scene?.scale === scale && this.scene.tracks === tracks && this.scene.positions === positions;
    this.scene = scene;
    if (!isSame || !this.dots) {
      const viewBox = `0 0 ${scale.widthPx} ${scale.heightPx}`;
      this.grid.setAttribute("viewBox", viewBox);
      this.front.setAttribute("viewBox", viewBox);
      this.grid.replaceChildren(...drawGrid(scale));
      this.dots = new FloorDots(observations, tracks, positions, scale);
      drawPaths(this.canvas, scene);
    }
    const sections = drawFloorSections(scale, scene.zonesFile, scene.homography);
    this.front.replaceChildren(this.markedPaths, sections, this.dots.element);
  }

  /**
   * Draws the selected person and the one under the pointer over all others.
   *
   * @param {Readonly<PageState>} state
   */
  mark({ selectedPerson, hoveredPerson }) {
    const { scene } = this;
    if (!scene) return;
    const marked = scene.tracks.filter(({ person }) => person === selectedPerson || person === hoveredPerson);
    this.element.classList.toggle("has-marked", marked.length > 0);
    this.markedPaths.replaceChildren(...marked.map((track) => markedPath(scene, track)));
  }

  /**
   * Returns the place of a pointer in the units of the plan.
   *
   * @param {MouseEvent} event
   * @returns {[number, number]}
   */
  pointOf(event) {
    const { left, top, width } = this.front.getBoundingClientRect();
    const unitsPerPx = this.front.viewBox.baseVal.width / Math.max(1, width);
    return [(event.clientX - left) * unitsPerPx, (event.clientY - top) * unitsPerPx];
  }
}

/**
 * @param {FloorScene} scene
 * @param {Track} track
 */
function markedPath({ scale, positions, observations }, track) {
  const pen = new SvgPen();
  traceFloorPath(pen, scale, positions, track, observations);
  const path = svgElement("path", { class: "marked-path", d: pen.d });
  path.style.stroke = personColour(track.person);
  return path;
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {FloorScene} scene
 */
function drawPaths(canvas, { scale, positions, tracks, observations }) {
  const ratio = devicePixelRatio;
  canvas.width = Math.round(scale.widthPx * ratio);
  canvas.height = Math.round(scale.heightPx * ratio);
  const context = canvas.getContext("2d");
  if (!context) return;
  context.scale(ratio, ratio);
  context.lineWidth = 1.5;
  context.lineJoin = "round";
  context.globalAlpha = Math.min(MOST_OPACITY, Math.max(LEAST_OPACITY, OPAQUE_PATHS / tracks.length));
  const palette = readPalette();
  for (const track of tracks) {
    context.beginPath();
    traceFloorPath(context, scale, positions, track, observations);
    context.strokeStyle = palette[track.person % palette.length];
    context.stroke();
  }
}

import { remembered } from "#page/counting/remembered.js";
import { readPalette } from "#page/drawing/palette.js";
import { drawSections } from "#page/drawing/section_drawing.js";
import { element } from "#page/display/elements.js";
import { personAt } from "#page/stage/boxes.js";
import { buildHeatMap, drawHeatMap } from "#page/stage/heat_map.js";
import { HeatMapLegend } from "#page/stage/heat_map_legend.js";
import { LayerCanvas } from "#page/stage/layer_canvas.js";
import { drawMoment } from "#page/stage/moment_drawing.js";
import { drawMarkedPath, drawPaths } from "#page/stage/path_drawing.js";

/** @typedef {import("#page/page_state.js").PageState} PageState */
/** @typedef {import("#page/store.js").Store<PageState>} PageStore */

/**
 * Makes the element that is exactly as large as the picture, with the layers over it, and the legend of the
 * heat map.
 *
 * @param {import("#page/data/report_data.js").Video} video
 * @param {import("#page/stage/person_time_index.js").PersonTimeIndex} index
 * @param {PageStore} store
 */
export function makePicture(video, index, store) {
  const aspectRatio = video.widthPx / video.heightPx;
  const picture = element("div", { id: "picture", class: "picture" });
  picture.style.setProperty("--aspect-ratio", String(aspectRatio));
  const legend = new HeatMapLegend();
  const layers = makeLayers(index, store, aspectRatio, legend);
  picture.append(...layers.map((layer) => layer.canvas));
  const palette = readPalette();
  layers.forEach((layer) => Object.assign(layer, { palette }));
  new ResizeObserver(() => {
    for (const layer of layers) layer.resize(picture.clientWidth, picture.clientHeight);
  }).observe(picture);
  window.addEventListener("beforeprint", () => layers.forEach((layer) => layer.drawNow()));
  followPointer(picture, index, store);
  return { picture, legend: legend.element };
}

/**
 * @param {import("#page/stage/person_time_index.js").PersonTimeIndex} index
 * @param {PageStore} store
 * @param {number} aspectRatio
 * @param {HeatMapLegend} legend
 * @returns {LayerCanvas[]} from the lowest to the highest
 */
function makeLayers(index, store, aspectRatio, legend) {
  const heatMap = new LayerCanvas("heat-map", (brush) => {
    const map = remembered(buildHeatMap, index, store.state.visiblePeople, aspectRatio);
    drawHeatMap(brush, map);
    legend.show(map);
  });
  const zones = new LayerCanvas("zones", (brush) => drawSections(brush, store.state.zonesFile));
  const paths = new LayerCanvas("paths", (brush) => drawPaths(brush, index, store.state.visiblePeople));
  const marked = new LayerCanvas("moving", (brush) =>
    drawMarkedPath(brush, index, store.state.selectedPerson),
  );
  const moment = new LayerCanvas("moving", (brush) => drawMoment(brush, index, store.state));
  store.follow(["layers"], ({ layers }) => {
    heatMap.show(layers.heatMap);
    legend.element.hidden = !layers.heatMap;
    zones.show(layers.zones);
    paths.show(layers.paths);
  });
  store.follow(["visiblePeople"], () => {
    heatMap.invalidate();
    paths.invalidate();
  });
  store.follow(["zonesFile"], () => zones.invalidate());
  store.follow(["selectedPerson"], () => marked.invalidate());
  store.follow(["timeMs", "layers", "visiblePeople", "selectedPerson", "hoveredPerson"], () =>
    moment.invalidate(),
  );
  return [heatMap, paths, zones, marked, moment];
}

/**
 * Marks the person under the pointer, and selects the person who is clicked on.
 *
 * @param {HTMLElement} picture
 * @param {import("#page/stage/person_time_index.js").PersonTimeIndex} index
 * @param {PageStore} store
 */
function followPointer(picture, index, store) {
  /** @param {PointerEvent | MouseEvent} event */
  const personUnder = (event) => {
    if (store.state.tool !== null || !store.state.layers.boxes) return null;
    const { left, top, width, height } = picture.getBoundingClientRect();
    return personAt(index, store.state, {
      x: (event.clientX - left) / width,
      y: (event.clientY - top) / height,
    });
  };
  /** @param {number | null} hoveredPerson */
  const hover = (hoveredPerson) => {
    picture.classList.toggle("over-person", hoveredPerson !== null);
    store.set({ hoveredPerson });
  };
  picture.addEventListener("pointermove", (event) => {
    if (event.pointerType === "mouse") hover(personUnder(event));
  });
  picture.addEventListener("pointerleave", () => hover(null));
  picture.addEventListener("click", (event) => {
    if (store.state.tool === null) store.set({ selectedPerson: personUnder(event) });
  });
}

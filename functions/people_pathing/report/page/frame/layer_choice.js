import { element } from "#page/display/elements.js";
import { TRAIL_MS } from "#page/stage/moment_drawing.js";

/** @typedef {keyof import("#page/page_state.js").Layers} LayerName */

/** @type {readonly (readonly [LayerName, string, string])[]} */
const LAYERS = [
  ["boxes", "Boxes", "Where each person is, with the person's number"],
  ["trails", "Trails", `Where each person walked in the last ${TRAIL_MS / 1000} seconds`],
  ["paths", "All paths", "Where everybody walked in the whole video"],
  ["heatMap", "Heat map", "How long people stood where; the brightest place is the longest"],
  ["zones", "Zones and lines", "What is counted"],
];

/**
 * Shows which layers are drawn over the picture.
 *
 * @param {HTMLElement} place
 * @param {import("#page/store.js").Store<import("#page/page_state.js").PageState>} store
 */
export function mountLayerChoice(place, store) {
  const rows = LAYERS.map(([layer, name, hint]) => {
    const box = element("input", { type: "checkbox" });
    box.addEventListener("change", () => {
      store.set({ layers: { ...store.state.layers, [layer]: box.checked } });
    });
    store.follow(["layers"], ({ layers }) => Object.assign(box, { checked: layers[layer] }));
    return element("li", {}, element("label", { title: hint }, box, name));
  });
  place.replaceChildren(element("h2", {}, "Over the picture"), element("ul", {}, ...rows));
}

/**
 * The part of the page's address after #. It keeps a moment, so that a link leads to it.
 *
 * It looks like `t=12.4&person=3&section=door&layers=boxes+paths`. The sender of a link chooses what is in
 * it, so everything that does not fit the report is left out.
 *
 * @typedef {Pick<import("#page/page_state.js").PageState, "timeMs" | "selectedPerson" | "filters" | "layers">} Place
 */

const MAX_LENGTH = 2000;
const LAYERS = /** @type {const} */ ({
  boxes: "boxes",
  trails: "trails",
  paths: "paths",
  heatMap: "heat-map",
  zones: "zones",
});

/**
 * Returns the address of a place. What is as usual is left out.
 *
 * @param {Place} place
 * @param {Place} usual
 * @returns {string} without #
 */
export function writeAddress({ timeMs, selectedPerson, filters, layers }, usual) {
  const parts = new URLSearchParams();
  /** @param {string} name @param {string | number | null} value @param {unknown} usualValue */
  const add = (name, value, usualValue) => {
    if (value !== null && value !== usualValue) parts.set(name, String(value));
  };
  add("t", seconds(timeMs), seconds(usual.timeMs));
  add("person", selectedPerson, usual.selectedPerson);
  add("section", filters.section, usual.filters.section);
  add("from", seconds(filters.fromMs), seconds(usual.filters.fromMs));
  add("to", seconds(filters.toMs), seconds(usual.filters.toMs));
  add("seen", seconds(filters.minimumSeenMs), seconds(usual.filters.minimumSeenMs));
  add("staff", filters.withoutStaff ? "hidden" : "shown", usual.filters.withoutStaff ? "hidden" : "shown");
  add("layers", layerNames(layers), layerNames(usual.layers));
  return parts.toString();
}

/**
 * Reads an address. What is missing or does not fit the report is as usual.
 *
 * @param {string} address with or without #
 * @param {Place} usual
 * @param {object} known
 * @param {number} known.durationMs
 * @param {(person: number) => boolean} known.hasPerson
 * @param {(name: string) => boolean} known.hasSection
 * @returns {Place}
 */
export function readAddress(address, usual, { durationMs, hasPerson, hasSection }) {
  const text = address.replace(/^#/, "");
  const parts = new URLSearchParams(text.length <= MAX_LENGTH ? text : "");
  /** @param {string} name @param {number} usualMs */
  const time = (name, usualMs) => {
    const value = parts.get(name);
    if (value === null || !/^\d{1,9}(\.\d{1,6})?$/.test(value)) return usualMs;
    return Math.min(Number(value) * 1000, durationMs);
  };
  const person = /^\d{1,10}$/.test(parts.get("person") ?? "") ? Number(parts.get("person")) : null;
  const section = parts.get("section");
  const [fromMs, toMs] = [time("from", usual.filters.fromMs), time("to", usual.filters.toMs)];
  const isOrdered = fromMs <= toMs;
  const staff = parts.get("staff");
  return {
    timeMs: time("t", usual.timeMs),
    selectedPerson: person !== null && hasPerson(person) ? person : usual.selectedPerson,
    filters: {
      section: section !== null && hasSection(section) ? section : usual.filters.section,
      fromMs: isOrdered ? fromMs : usual.filters.fromMs,
      toMs: isOrdered ? toMs : usual.filters.toMs,
      minimumSeenMs: time("seen", usual.filters.minimumSeenMs),
      withoutStaff: staff === "hidden" || staff === "shown" ? staff === "hidden" : usual.filters.withoutStaff,
    },
    layers: parts.has("layers") ? readLayers(parts.get("layers") ?? "", usual.layers) : usual.layers,
  };
}

/** @param {number} timeMs */
function seconds(timeMs) {
  return Number((timeMs / 1000).toFixed(3));
}

/** @param {Place["layers"]} layers */
function layerNames(layers) {
  const shown = /** @type {(keyof Place["layers"])[]} */ (Object.keys(LAYERS)).filter(
    (layer) => layers[layer],
  );
  return shown.map((layer) => LAYERS[layer]).join(" ") || "none";
}

/**
 * @param {string} text
 * @param {Place["layers"]} usual
 * @returns {Place["layers"]}
 */
function readLayers(text, usual) {
  const names = new Set(text.split(" "));
  const known = new Set(["none", ...Object.values(LAYERS)]);
  if ([...names].some((name) => !known.has(/** @type {any} */ (name)))) return usual;
  const { boxes, trails, paths, heatMap, zones } = LAYERS;
  return {
    boxes: names.has(boxes),
    trails: names.has(trails),
    paths: names.has(paths),
    heatMap: names.has(heatMap),
    zones: names.has(zones),
  };
}

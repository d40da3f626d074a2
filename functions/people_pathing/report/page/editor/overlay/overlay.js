/**
 * The picture of what is edited: an SVG element over the picture, with a handle for each vertex of the
 * selected shape. Zones, lines and masks themselves are drawn by the layers below it. Here they are only
 * outlined where that helps.
 *
 * @typedef {import("#page/counting/zones_file.js").Point} Point
 * @typedef {import("#page/editor/draft.js").Place} Place
 * @typedef {import("#page/editor/editor_state.js").Editor} Editor
 */

import { svgElement } from "#page/display/elements.js";
import { placesIn, titleAt, verticesAt } from "#page/editor/draft.js";
import { shapeProblem } from "#page/editor/draft_checks.js";
import { KeyedElements } from "#page/editor/overlay/keyed_elements.js";
import { connectKeys } from "#page/editor/overlay/keys.js";
import { connectPointer } from "#page/editor/overlay/pointer.js";

/** Half the width of the area in which a pointer takes a handle. */
const TOUCH_RADIUS_PX = 14;
const HANDLE_RADIUS_PX = 6;
const SMALL_RADIUS_PX = 4;
/** Between vertices that are closer than this, there is no room for another handle. */
const MIN_EDGE_PX = 44;

/** @typedef {import("#page/editor/overlay/keyed_elements.js").Entry} Entry */

/**
 * Makes the overlay.
 *
 * @param {HTMLElement} picture
 * @param {Editor} editor
 * @param {import("#page/data/report_data.js").Video} video
 */
export function mountOverlay(picture, editor, video) {
  const svg = svgElement("svg", {
    id: "editor-overlay",
    class: "editor-overlay",
    tabindex: "0",
    role: "application",
    "aria-label": "Zone editor on the picture",
  });
  const elements = new KeyedElements(svg);
  const draw = () => {
    const { tool } = editor;
    svg.toggleAttribute("hidden", tool === null);
    svg.classList.toggle("is-drawing", editor.store.state.drawing !== null);
    elements.show(tool === null ? [] : entriesOf(editor, picture.clientWidth, picture.clientHeight));
  };
  picture.append(svg);
  connectPointer(svg, editor);
  connectKeys(svg, editor, video);
  new ResizeObserver(draw).observe(picture);
  editor.page.follow(["tool"], draw);
  editor.store.follow(["history", "selected", "drawing"], draw);
  editor.page.follow(["tool"], ({ tool }) => {
    if (tool === null || tool === "edit") return;
    svg.focus({ preventScroll: true });
    svg.scrollIntoView({ block: "nearest" });
  });
}

/**
 * Returns what the overlay shows, the lowest first.
 *
 * @param {Editor} editor
 * @param {number} widthPx
 * @param {number} heightPx
 * @returns {Entry[]}
 */
function entriesOf(editor, widthPx, heightPx) {
  const { draft } = editor;
  const { selected, drawing } = editor.store.state;
  /** @type {(point: Point) => Point} */
  const toPx = ([x, y]) => [x * widthPx, y * heightPx];
  const places = placesIn(draft).filter(
    ({ kind }) => kind !== "point" || editor.tool === "calibrate" || selected?.kind === "point",
  );
  const isSelected = (/** @type {Place} */ place) =>
    selected?.kind === place.kind && selected.at === place.at;
  // The selected shape is above the others, so that it can be dragged where they overlap.
  const ordered = [...places.filter((place) => !isSelected(place)), ...places.filter(isSelected)];
  const shapes = ordered.flatMap((place) =>
    shapeEntries(editor, place, verticesAt(draft, place).map(toPx), isSelected(place)),
  );
  const handles =
    selected && !drawing ? handleEntries(editor, selected, verticesAt(draft, selected).map(toPx)) : [];
  return [...shapes, ...handles, ...(drawing ? drawingEntries(drawing, toPx) : [])];
}

/**
 * @param {Editor} editor
 * @param {Place} place
 * @param {readonly Point[]} vertices in pixels
 * @param {boolean} isSelected
 * @returns {Entry[]}
 */
function shapeEntries({ draft }, place, vertices, isSelected) {
  const problem = shapeProblem(draft, place);
  const title = titleAt(draft, place);
  const key = `${place.kind} ${place.at}`;
  const name = place.kind === "line" ? "polyline" : "polygon";
  const state = `${place.kind}${isSelected ? " selected" : ""}${problem === null ? "" : " invalid"}`;
  const data = { "data-kind": place.kind, "data-at": String(place.at) };
  if (place.kind === "point") return pointEntries(place, vertices[0], isSelected);
  const points = vertices.join(" ");
  const label = `${place.kind} ${title}${problem === null ? "" : `, which does not count: ${problem}`}`;
  return [
    { key: `${key} outline`, name, attributes: { class: `outline ${state}`, points } },
    {
      key: `${key} area`,
      name,
      attributes: {
        class: `area ${state}`,
        points,
        tabindex: "0",
        role: "button",
        "aria-label": label,
        ...data,
      },
    },
    ...(problem === null ? [] : [textEntry(`${key} problem`, `${title} does not count`, vertices[0])]),
  ];
}

/**
 * @param {Place} place of a point of the calibration
 * @param {Point} vertex in pixels
 * @param {boolean} isSelected
 * @returns {Entry[]}
 */
function pointEntries(place, [x, y], isSelected) {
  const key = `point ${place.at}`;
  const cross = `M${x - 9},${y}H${x + 9}M${x},${y - 9}V${y + 9}`;
  const data = { "data-kind": "point", "data-at": String(place.at), "data-vertex": "0" };
  return [
    {
      key: `${key} cross`,
      name: "path",
      attributes: { class: `cross${isSelected ? " selected" : ""}`, d: cross },
    },
    textEntry(`${key} number`, String(place.at + 1), [x, y]),
    {
      key: `${key} area`,
      name: "circle",
      attributes: {
        ...circle([x, y], TOUCH_RADIUS_PX),
        ...{
          class: "grip",
          tabindex: "0",
          role: "button",
          "aria-label": `calibration point ${place.at + 1}`,
        },
        ...data,
      },
    },
  ];
}

/**
 * @param {Editor} editor
 * @param {Place} place
 * @param {readonly Point[]} vertices in pixels
 * @returns {Entry[]}
 */
function handleEntries({ draft }, place, vertices) {
  if (place.kind === "point") return [];
  const data = { "data-kind": place.kind, "data-at": String(place.at) };
  const isPolygon = place.kind !== "line";
  const title = titleAt(draft, place);
  const between = isPolygon
    ? vertices.flatMap((vertex, at) => betweenEntries(vertex, vertices[(at + 1) % vertices.length], at, data))
    : [];
  const corners = vertices.flatMap((vertex, at) => {
    const what = isPolygon ? `corner ${at + 1}` : ["start", "end"][at];
    const label = `${what} of ${title}`;
    const shared = { ...data, "data-vertex": String(at) };
    /** @type {Entry[]} */
    const entries = [
      {
        key: `handle ${at}`,
        name: "circle",
        attributes: { class: "handle", ...circle(vertex, HANDLE_RADIUS_PX) },
      },
      {
        key: `grip ${at}`,
        name: "circle",
        attributes: {
          ...{ class: "grip", tabindex: "0", role: "button", "aria-label": label },
          ...circle(vertex, TOUCH_RADIUS_PX),
          ...shared,
        },
      },
    ];
    return entries;
  });
  return [...between, ...corners];
}

/**
 * Returns the handle in the middle of an edge, which inserts a vertex.
 *
 * @param {Point} start in pixels
 * @param {Point} end in pixels
 * @param {number} at number of the edge
 * @param {Readonly<Record<string, string>>} data
 * @returns {Entry[]}
 */
function betweenEntries(start, end, at, data) {
  if (Math.hypot(end[0] - start[0], end[1] - start[1]) < MIN_EDGE_PX) return [];
  /** @type {Point} */
  const middle = [(start[0] + end[0]) / 2, (start[1] + end[1]) / 2];
  return [
    {
      key: `middle ${at}`,
      name: "circle",
      attributes: { class: "handle small", ...circle(middle, SMALL_RADIUS_PX) },
    },
    {
      key: `middle grip ${at}`,
      name: "circle",
      attributes: { class: "grip", ...circle(middle, TOUCH_RADIUS_PX), ...data, "data-edge": String(at) },
    },
  ];
}

/**
 * @param {import("#page/editor/editor_state.js").Drawing} drawing
 * @param {(point: Point) => Point} toPx
 * @returns {Entry[]}
 */
function drawingEntries({ vertices, cursor }, toPx) {
  const corners = vertices.map(toPx);
  const path = [...corners, ...(cursor ? [toPx(cursor)] : [])];
  /** @type {Entry[]} */
  const dots = corners.map((corner, at) => ({
    key: `drawn ${at}`,
    name: "circle",
    attributes: { class: at === 0 ? "handle first" : "handle", ...circle(corner, HANDLE_RADIUS_PX) },
  }));
  return [
    { key: "drawn path", name: "polyline", attributes: { class: "outline drawn", points: path.join(" ") } },
    ...dots,
    ...(cursor ? crosshair(toPx(cursor)) : []),
  ];
}

/**
 * @param {Point} place in pixels
 * @returns {Entry[]}
 */
function crosshair([x, y]) {
  return [
    {
      key: "cursor",
      name: "path",
      attributes: { class: "cross", d: `M${x - 12},${y}H${x + 12}M${x},${y - 12}V${y + 12}` },
    },
  ];
}

/**
 * @param {Point} middle in pixels
 * @param {number} radiusPx
 */
function circle([x, y], radiusPx) {
  return { cx: String(x), cy: String(y), r: String(radiusPx) };
}

/**
 * @param {string} key
 * @param {string} text
 * @param {Point} place in pixels
 * @returns {Entry}
 */
function textEntry(key, text, [x, y]) {
  return { key, name: "text", attributes: { x: String(x + 10), y: String(Math.max(y - 10, 16)) }, text };
}

/** Zones differ by their patterns and names, not by colour, so that nobody has to see colours. */

/** @typedef {import("#page/stage/moment_drawing.js").Brush} Brush */
/** @typedef {readonly [number, number]} Point x and y in ratios of the frame */

const LIGHT = "#ffffff";
const DARK = "rgb(0 0 0 / 60%)";
const TILE_PX = 12;
/** Light lines on wider dark ones are visible on every picture, and leave it visible. */
const PATTERN_STROKES = [
  { strokeStyle: "rgb(0 0 0 / 14%)", lineWidth: 3 },
  { strokeStyle: "rgb(255 255 255 / 50%)", lineWidth: 1 },
];
const LABEL_FONT = "600 13px system-ui, sans-serif";
const ARROW_PX = 28;

/** The lines of one tile of each pattern. They are those of the signs in the list of zones. */
const TILES = [stripes(1), stripes(-1), rows, columns, dots, checks];

/**
 * Draws zones, lines and masks.
 *
 * @param {Brush} brush
 * @param {import("#page/counting/zones_file.js").ZonesFile} zonesFile
 */
export function drawSections(brush, { zones, lines, masks }) {
  brush.context.clearRect(0, 0, brush.widthPx, brush.heightPx);
  masks.forEach((mask) => drawMask(brush, mask));
  zones.forEach((zone, at) => drawZone(brush, zone, at));
  lines.forEach((line) => drawLine(brush, line));
  // Names are over everything, so that they can be read.
  masks.forEach(({ name, polygon }) => drawLabel(brush, `${name} (not analysed)`, middleOf(polygon)));
  zones.forEach(({ name, polygon }) => drawLabel(brush, name, middleOf(polygon)));
  lines.forEach((line) => labelLine(brush, line));
}

/**
 * @param {Brush} brush
 * @param {import("#page/counting/zones_file.js").Zone} zone
 * @param {number} at place among the zones
 */
function drawZone(brush, { polygon }, at) {
  const { context } = brush;
  tracePolygon(brush, polygon);
  context.fillStyle = tilePattern(context, TILES[at % TILES.length]);
  context.fill();
  strokeTwice(context, 2);
}

/**
 * @param {Brush} brush
 * @param {import("#page/counting/zones_file.js").Mask} mask
 */
function drawMask(brush, { polygon }) {
  const { context } = brush;
  tracePolygon(brush, polygon);
  context.fillStyle = "rgb(0 0 0 / 55%)";
  context.fill();
  context.setLineDash([4, 4]);
  context.lineWidth = 1;
  context.strokeStyle = LIGHT;
  context.stroke();
  context.setLineDash([]);
}

/**
 * Draws a line, and an arrow in the direction that counts as `in`.
 *
 * @param {Brush} brush
 * @param {import("#page/counting/zones_file.js").Line} line
 */
function drawLine(brush, line) {
  const { context } = brush;
  const { start, end, middle, toIn } = placesOf(brush, line);
  context.beginPath();
  context.moveTo(start.x, start.y);
  context.lineTo(end.x, end.y);
  strokeTwice(context, 4);
  for (const { x, y } of [start, end]) {
    context.beginPath();
    context.arc(x, y, 4, 0, 2 * Math.PI);
    strokeTwice(context, 2);
    context.fillStyle = LIGHT;
    context.fill();
  }
  drawArrow(context, middle.x, middle.y, toIn.x, toIn.y);
}

/**
 * @param {Brush} brush
 * @param {import("#page/counting/zones_file.js").Line} line
 */
function labelLine(brush, line) {
  const { start, end, middle, toIn } = placesOf(brush, line);
  drawLabelAt(brush, "in", middle.x + toIn.x * (ARROW_PX + 12), middle.y + toIn.y * (ARROW_PX + 12));
  // The name is at the start, where it is less often over the name of a zone.
  const [nameX, nameY] = [start.x + (end.x - start.x) / 6, start.y + (end.y - start.y) / 6];
  drawLabelAt(brush, line.name, nameX - toIn.x * 24, nameY - toIn.y * 16);
}

/**
 * Returns where a line is, in CSS pixels, and the direction of length 1 that counts as `in`.
 *
 * @param {Brush} brush
 * @param {import("#page/counting/zones_file.js").Line} line
 */
function placesOf({ widthPx, heightPx }, line) {
  const start = { x: line.start[0] * widthPx, y: line.start[1] * heightPx };
  const end = { x: line.end[0] * widthPx, y: line.end[1] * heightPx };
  const length = Math.hypot(end.x - start.x, end.y - start.y) || 1;
  return {
    start,
    end,
    middle: { x: (start.x + end.x) / 2, y: (start.y + end.y) / 2 },
    // `in` leads to the left side, seen from start to end. y grows downwards.
    toIn: { x: (end.y - start.y) / length, y: (start.x - end.x) / length },
  };
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} x
 * @param {number} y
 * @param {number} directionX
 * @param {number} directionY
 */
function drawArrow(context, x, y, directionX, directionY) {
  const [tipX, tipY] = [x + directionX * ARROW_PX, y + directionY * ARROW_PX];
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(tipX, tipY);
  for (const side of [1, -1]) {
    context.moveTo(tipX, tipY);
    context.lineTo(tipX - 8 * (directionX + side * directionY), tipY - 8 * (directionY - side * directionX));
  }
  strokeTwice(context, 3);
}

/**
 * @param {Brush} brush
 * @param {string} text
 * @param {Point} point
 */
function drawLabel(brush, text, [x, y]) {
  drawLabelAt(brush, text, x * brush.widthPx, y * brush.heightPx);
}

/**
 * Draws a text around a point, but inside the picture.
 *
 * @param {Brush} brush
 * @param {string} text
 * @param {number} x
 * @param {number} y
 */
function drawLabelAt({ context, widthPx, heightPx }, text, x, y) {
  context.font = LABEL_FONT;
  context.textAlign = "center";
  context.textBaseline = "middle";
  const half = context.measureText(text).width / 2 + 4;
  const inside = Math.min(Math.max(x, half), Math.max(widthPx - half, half));
  const level = Math.min(Math.max(y, 10), heightPx - 10);
  context.lineJoin = "round";
  context.lineWidth = 4;
  context.strokeStyle = "rgb(0 0 0 / 75%)";
  context.strokeText(text, inside, level);
  context.fillStyle = LIGHT;
  context.fillText(text, inside, level);
}

/**
 * Strokes the current path white on black, which is visible on every picture.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {number} widthPx
 */
function strokeTwice(context, widthPx) {
  context.lineJoin = "round";
  context.lineCap = "round";
  context.lineWidth = widthPx + 2;
  context.strokeStyle = DARK;
  context.stroke();
  context.lineWidth = widthPx;
  context.strokeStyle = LIGHT;
  context.stroke();
}

/**
 * @param {Brush} brush
 * @param {readonly Point[]} polygon
 */
function tracePolygon({ context, widthPx, heightPx }, polygon) {
  context.beginPath();
  for (const [x, y] of polygon) context.lineTo(x * widthPx, y * heightPx);
  context.closePath();
}

/**
 * Returns the centre of gravity of a polygon.
 *
 * @param {readonly Point[]} polygon
 * @returns {Point}
 */
function middleOf(polygon) {
  let [area, x, y] = [0, 0, 0];
  polygon.forEach(([x1, y1], at) => {
    const [x2, y2] = polygon[(at + 1) % polygon.length];
    const part = x1 * y2 - x2 * y1;
    area += part;
    x += (x1 + x2) * part;
    y += (y1 + y2) * part;
  });
  return area === 0 ? polygon[0] : [x / (3 * area), y / (3 * area)];
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {(tile: CanvasRenderingContext2D) => void} traceTile
 */
function tilePattern(context, traceTile) {
  const tile = document.createElement("canvas");
  Object.assign(tile, { width: TILE_PX, height: TILE_PX });
  const tileContext = /** @type {CanvasRenderingContext2D} */ (tile.getContext("2d"));
  for (const stroke of PATTERN_STROKES) {
    Object.assign(tileContext, stroke);
    tileContext.beginPath();
    traceTile(tileContext);
    tileContext.stroke();
  }
  return /** @type {CanvasPattern} */ (context.createPattern(tile, "repeat"));
}

/**
 * @param {1 | -1} direction
 * @returns {(tile: CanvasRenderingContext2D) => void} lines from corner to corner
 */
function stripes(direction) {
  return (tile) => {
    for (const shift of [-TILE_PX, 0, TILE_PX]) {
      tile.moveTo(shift - 2, direction > 0 ? TILE_PX + 2 : -2);
      tile.lineTo(shift + TILE_PX + 2, direction > 0 ? -2 : TILE_PX + 2);
    }
  };
}

/** @param {CanvasRenderingContext2D} tile */
function rows(tile) {
  tile.moveTo(0, TILE_PX / 2);
  tile.lineTo(TILE_PX, TILE_PX / 2);
}

/** @param {CanvasRenderingContext2D} tile */
function columns(tile) {
  tile.moveTo(TILE_PX / 2, 0);
  tile.lineTo(TILE_PX / 2, TILE_PX);
}

/** @param {CanvasRenderingContext2D} tile */
function dots(tile) {
  tile.arc(TILE_PX / 2, TILE_PX / 2, 1, 0, 2 * Math.PI);
}

/** @param {CanvasRenderingContext2D} tile */
function checks(tile) {
  rows(tile);
  columns(tile);
}

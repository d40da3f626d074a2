/**
 * How long people were in each cell of a grid over the picture.
 *
 * @typedef {object} HeatMap
 * @property {number} columns
 * @property {number} rows
 * @property {Float32Array} secondsPerCell row by row, smoothed
 */

const COLUMNS = 128;
const BLUR_CELLS = 2;
const BLUR_PASSES = 2;
/** From rarely to often: dark violet, red, yellow. Brightness rises, also for colour-blind people. */
const COLOURS = [
  [40, 11, 84],
  [101, 21, 110],
  [159, 42, 99],
  [212, 72, 66],
  [245, 125, 21],
  [250, 193, 39],
  [252, 255, 164],
];
const MAX_OPACITY = 0.85;

/**
 * Adds up where people stood, and how long.
 *
 * @param {import("#page/stage/person_time_index.js").PersonTimeIndex} index
 * @param {ReadonlySet<number>} people who are counted
 * @param {number} aspectRatio width of the frame divided by its height
 * @returns {HeatMap}
 */
export function buildHeatMap(index, people, aspectRatio) {
  const rows = Math.min(Math.max(Math.round(COLUMNS / aspectRatio), 1), 4 * COLUMNS);
  const { timesMs, lefts, tops, widths, heights } = index.observations;
  const seconds = new Float32Array(COLUMNS * rows);
  index.stretchPeople.forEach((person, stretch) => {
    if (!people.has(person)) return;
    const last = index.stretchLasts[stretch];
    for (let at = index.stretchFirsts[stretch]; at <= last; at++) {
      const stayMs = at < last ? timesMs[at + 1] - timesMs[at] : index.presentAfterMs;
      const column = cellOf(lefts[at] + widths[at] / 2, COLUMNS);
      const row = cellOf(tops[at] + heights[at], rows);
      seconds[row * COLUMNS + column] += stayMs / 1000;
    }
  });
  let smoothed = seconds;
  for (let pass = 0; pass < BLUR_PASSES; pass++) {
    smoothed = blurred(smoothed, COLUMNS, rows, 1);
    smoothed = blurred(smoothed, rows, COLUMNS, COLUMNS);
  }
  return { columns: COLUMNS, rows, secondsPerCell: smoothed };
}

/**
 * Draws a heat map. The colours rise with the square root of the time, so that seldom used ways are visible.
 *
 * @param {import("#page/stage/moment_drawing.js").Brush} brush
 * @param {HeatMap} map
 */
export function drawHeatMap({ context, widthPx, heightPx }, map) {
  context.clearRect(0, 0, widthPx, heightPx);
  const most = mostSeconds(map);
  if (most === 0) return;
  const image = new ImageData(map.columns, map.rows);
  map.secondsPerCell.forEach((seconds, cell) => {
    const share = Math.sqrt(seconds / most);
    image.data.set([...colourOf(share), opacityOf(share) * 255], cell * 4);
  });
  const small = document.createElement("canvas");
  Object.assign(small, { width: map.columns, height: map.rows });
  /** @type {CanvasRenderingContext2D} */ (small.getContext("2d")).putImageData(image, 0, 0);
  context.imageSmoothingEnabled = true;
  context.imageSmoothingQuality = "high";
  context.drawImage(small, 0, 0, widthPx, heightPx);
}

/**
 * Returns how long people were in the brightest cell, in seconds.
 *
 * @param {HeatMap} map
 */
export function mostSeconds({ secondsPerCell }) {
  return secondsPerCell.reduce((found, seconds) => Math.max(found, seconds), 0);
}

/** The colours from rarely to often, for CSS. */
export function heatMapGradient() {
  return `linear-gradient(90deg, ${COLOURS.map((colour) => `rgb(${colour.join(" ")})`).join(", ")})`;
}

/** @param {number} share from 0 to 1 */
function opacityOf(share) {
  return MAX_OPACITY * Math.min(1, share * 3);
}

/** @param {number} share from 0 to 1 */
function colourOf(share) {
  const place = Math.min(share, 1) * (COLOURS.length - 1);
  const below = Math.min(Math.floor(place), COLOURS.length - 2);
  return COLOURS[below].map((part, at) => part + (place - below) * (COLOURS[below + 1][at] - part));
}

/**
 * @param {number} ratio
 * @param {number} cells
 */
function cellOf(ratio, cells) {
  return Math.min(Math.max(Math.floor(ratio * cells), 0), cells - 1);
}

/**
 * Returns the mean of each cell and its neighbours in one direction.
 *
 * @param {Float32Array} values
 * @param {number} length cells in this direction
 * @param {number} lanes cells in the other direction
 * @param {number} stride from one cell to the next in this direction
 */
function blurred(values, length, lanes, stride) {
  const laneStride = stride === 1 ? length : 1;
  const result = new Float32Array(values.length);
  for (let lane = 0; lane < lanes; lane++) {
    for (let at = 0; at < length; at++) {
      let sum = 0;
      for (let near = -BLUR_CELLS; near <= BLUR_CELLS; near++) {
        const clamped = Math.min(Math.max(at + near, 0), length - 1);
        sum += values[lane * laneStride + clamped * stride];
      }
      result[lane * laneStride + at * stride] = sum / (2 * BLUR_CELLS + 1);
    }
  }
  return result;
}

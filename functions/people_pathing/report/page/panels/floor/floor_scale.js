import { gridStepM } from "#page/panels/floor/floor_positions.js";

const MOST_HEIGHT_PX = 440;
/** The lines of the grid are at least this far apart. */
const GRID_PX = 56;

/**
 * How the floor is drawn: metres to pixels.
 *
 * @typedef {object} FloorScale
 * @property {number} widthPx
 * @property {number} heightPx
 * @property {number} stepM distance of the lines of the grid
 * @property {number[]} gridXsM
 * @property {number[]} gridYsM
 * @property {(xM: number) => number} x
 * @property {(yM: number) => number} y downwards on the screen
 */

/**
 * Fits a part of the floor into a width. Both axes have the same scale.
 *
 * @param {number} widthPx
 * @param {number} left of the part of the floor, in metres, as are the other ends
 * @param {number} right
 * @param {number} bottom
 * @param {number} top
 * @returns {FloorScale}
 */
export function floorScale(widthPx, left, right, bottom, top) {
  const pxPerM = Math.min(widthPx / (right - left), MOST_HEIGHT_PX / (top - bottom));
  const heightPx = Math.round((top - bottom) * pxPerM);
  // A narrow floor is in the middle.
  const marginM = (widthPx / pxPerM - (right - left)) / 2;
  const stepM = gridStepM(GRID_PX / pxPerM);
  return {
    ...{ widthPx, heightPx, stepM },
    gridXsM: multiples(stepM, left - marginM, right + marginM),
    gridYsM: multiples(stepM, bottom, top),
    x: (xM) => (xM - left + marginM) * pxPerM,
    y: (yM) => (top - yM) * pxPerM,
  };
}

/**
 * @param {number} step
 * @param {number} from
 * @param {number} to
 */
function multiples(step, from, to) {
  const first = Math.ceil(from / step);
  const count = Math.max(0, Math.floor(to / step) - first + 1);
  return Array.from({ length: count }, (_, at) => (first + at) * step);
}

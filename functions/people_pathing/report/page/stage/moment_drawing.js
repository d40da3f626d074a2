import { boxAt } from "#page/stage/boxes.js";
import { textColourOn } from "#page/drawing/palette.js";

/** How much of a path is behind a person, in milliseconds: as much as in the annotated video. */
export const TRAIL_MS = 2000;

const MAX_TRAIL_POINTS = 24;
const FADE_STEPS = 6;
const LABEL_FONT = "600 12px system-ui, sans-serif";
const LABEL_HEIGHT_PX = 16;
const DIMMED = 0.55;

/**
 * What a moment is drawn with.
 *
 * @typedef {object} Brush
 * @property {CanvasRenderingContext2D} context one unit is one CSS pixel
 * @property {number} widthPx of the picture
 * @property {number} heightPx of the picture
 * @property {readonly string[]} palette colours of the people
 */

/**
 * Draws the boxes, numbers and trails of one moment. It looks only at the people of this moment.
 *
 * @param {Brush} brush
 * @param {import("#page/stage/person_time_index.js").PersonTimeIndex} index
 * @param {import("#page/page_state.js").PageState} state
 */
export function drawMoment(brush, index, state) {
  const { context, widthPx, heightPx } = brush;
  context.clearRect(0, 0, widthPx, heightPx);
  const { layers, visiblePeople, timeMs } = state;
  if (!layers.boxes && !layers.trails) return;
  const foundPeople = index.at(timeMs).filter((foundPerson) => visiblePeople.has(foundPerson.person));
  const marked = state.selectedPerson;
  // The marked person is drawn last, over all others.
  foundPeople.sort((a, b) => Number(a.person === marked) - Number(b.person === marked));
  for (const foundPerson of foundPeople) {
    const isDimmed = marked !== null && visiblePeople.has(marked) && foundPerson.person !== marked;
    const opacity = isDimmed ? DIMMED : 1;
    if (layers.trails) drawTrail(brush, index, foundPerson, timeMs, opacity);
    if (layers.boxes && foundPerson.isPresent) drawBox(brush, index, foundPerson, state, opacity);
  }
  context.globalAlpha = 1;
}

/**
 * @param {Brush} brush
 * @param {import("#page/stage/person_time_index.js").PersonTimeIndex} index
 * @param {import("#page/stage/person_time_index.js").FoundPerson} foundPerson
 * @param {import("#page/page_state.js").PageState} state
 * @param {number} opacity
 */
function drawBox(brush, index, foundPerson, state, opacity) {
  const { context, widthPx, heightPx, palette } = brush;
  const { person } = foundPerson;
  const box = boxAt(index.observations, foundPerson, state.timeMs);
  const [left, top] = [box.left * widthPx, box.top * heightPx];
  const [width, height] = [box.width * widthPx, box.height * heightPx];
  const colour = palette[person % palette.length];
  const isMarked = person === state.selectedPerson || person === state.hoveredPerson;
  context.globalAlpha = opacity;
  context.strokeStyle = isMarked ? "#ffffff" : "rgb(0 0 0 / 45%)";
  context.lineWidth = isMarked ? 6 : 4;
  context.strokeRect(left, top, width, height);
  context.strokeStyle = colour;
  context.lineWidth = isMarked ? 3 : 2;
  context.strokeRect(left, top, width, height);
  drawNumber(brush, String(person), left, top, colour);
}

/**
 * @param {Brush} brush
 * @param {string} text
 * @param {number} left of the box
 * @param {number} top of the box
 * @param {string} colour
 */
function drawNumber({ context, widthPx }, text, left, top, colour) {
  context.font = LABEL_FONT;
  context.textBaseline = "middle";
  // A digit of this font is less than 8 pixels wide. Measuring each text would be slower.
  const width = text.length * 8 + 8;
  const x = Math.min(Math.max(left - 1, 0), widthPx - width);
  const y = Math.max(top - LABEL_HEIGHT_PX, 0);
  context.fillStyle = colour;
  context.fillRect(x, y, width, LABEL_HEIGHT_PX);
  context.fillStyle = textColourOn(colour);
  context.textAlign = "center";
  context.fillText(text, x + width / 2, y + LABEL_HEIGHT_PX / 2 + 1);
}

/**
 * @param {Brush} brush
 * @param {import("#page/stage/person_time_index.js").PersonTimeIndex} index
 * @param {import("#page/stage/person_time_index.js").FoundPerson} foundPerson
 * @param {number} timeMs
 * @param {number} opacity
 */
function drawTrail(brush, index, foundPerson, timeMs, opacity) {
  const { context, palette } = brush;
  const points = trailPoints(brush, index, foundPerson, timeMs);
  if (points.length < 2) return;
  context.strokeStyle = palette[foundPerson.person % palette.length];
  context.lineWidth = 3;
  context.lineCap = "butt";
  context.lineJoin = "round";
  let step = -1;
  for (let at = 1; at < points.length; at++) {
    const nextStep = Math.floor((FADE_STEPS * (timeMs - points[at - 1].timeMs)) / TRAIL_MS);
    if (nextStep >= FADE_STEPS) break;
    if (nextStep !== step) {
      if (step >= 0) context.stroke();
      step = nextStep;
      context.globalAlpha = opacity * (1 - step / FADE_STEPS);
      context.beginPath();
      context.moveTo(points[at - 1].x, points[at - 1].y);
    }
    context.lineTo(points[at].x, points[at].y);
  }
  if (step >= 0) context.stroke();
}

/**
 * Returns the foot points of a trail, the newest first, in CSS pixels. There are at most 26.
 *
 * @param {Brush} brush
 * @param {import("#page/stage/person_time_index.js").PersonTimeIndex} index
 * @param {import("#page/stage/person_time_index.js").FoundPerson} foundPerson
 * @param {number} timeMs
 */
function trailPoints({ widthPx, heightPx }, index, foundPerson, timeMs) {
  const { observations } = index;
  const { timesMs, lefts, tops, widths, heights } = observations;
  const { first, at } = foundPerson;
  /** @param {import("#page/stage/boxes.js").Box} box @param {number} atMs */
  const addFoot = ({ left, top, width, height }, atMs) => {
    points.push({ x: (left + width / 2) * widthPx, y: (top + height) * heightPx, timeMs: atMs });
  };
  /** @type {{x: number, y: number, timeMs: number}[]} */
  const points = [];
  addFoot(boxAt(observations, foundPerson, timeMs), foundPerson.isPresent ? timeMs : timesMs[at]);
  const stride = trailStride(index, foundPerson);
  // Always the same observations, so that the trail does not tremble.
  for (let one = at - (at % stride); one >= first; one -= stride) {
    const box = { left: lefts[one], top: tops[one], width: widths[one], height: heights[one] };
    addFoot(box, timesMs[one]);
    if (timesMs[one] < timeMs - TRAIL_MS || points.length > MAX_TRAIL_POINTS + 1) break;
  }
  return points;
}

/**
 * @param {import("#page/stage/person_time_index.js").PersonTimeIndex} index
 * @param {import("#page/stage/person_time_index.js").FoundPerson} foundPerson
 * @returns {number} every how many observations one is a point of the trail
 */
function trailStride(index, { first, last }) {
  const { timesMs } = index.observations;
  if (last === first) return 1;
  const stepMs = (timesMs[last] - timesMs[first]) / (last - first);
  return Math.max(1, Math.ceil(TRAIL_MS / (stepMs * MAX_TRAIL_POINTS)));
}

/** Points that are closer to the last one than that are not drawn. */
const MIN_STEP_PX = 1.5;
const MAX_OPACITY = 0.9;
const MIN_OPACITY = 0.25;
/** With so many people, paths are half as opaque as they may be. */
const CROWD = 60;

/**
 * Draws the whole paths of all people whom the filters let through.
 *
 * @param {import("#page/stage/moment_drawing.js").Brush} brush
 * @param {import("#page/stage/person_time_index.js").PersonTimeIndex} index
 * @param {ReadonlySet<number>} people
 */
export function drawPaths(brush, index, people) {
  const { context, widthPx, heightPx, palette } = brush;
  context.clearRect(0, 0, widthPx, heightPx);
  context.lineWidth = 2;
  context.lineJoin = "round";
  context.lineCap = "round";
  context.globalAlpha = Math.max(MIN_OPACITY, (MAX_OPACITY * CROWD) / (CROWD + people.size));
  index.stretchPeople.forEach((person, stretch) => {
    if (!people.has(person)) return;
    context.strokeStyle = palette[person % palette.length];
    context.beginPath();
    addStretch(brush, index, stretch);
    context.stroke();
  });
  context.globalAlpha = 1;
}

/**
 * Draws the whole path of one person so that it stands out. It shows the start, the end, and gaps as dots.
 *
 * @param {import("#page/stage/moment_drawing.js").Brush} brush
 * @param {import("#page/stage/person_time_index.js").PersonTimeIndex} index
 * @param {number | null} person
 */
export function drawMarkedPath(brush, index, person) {
  const { context, widthPx, heightPx, palette } = brush;
  context.clearRect(0, 0, widthPx, heightPx);
  if (person === null) return;
  const stretches = stretchesOf(index, person);
  if (stretches.length === 0) return;
  context.lineJoin = "round";
  context.lineCap = "round";
  for (const [width, colour] of /** @type {const} */ ([
    [6, "rgb(255 255 255 / 85%)"],
    [3, palette[person % palette.length]],
  ])) {
    context.lineWidth = width;
    context.strokeStyle = colour;
    context.beginPath();
    for (const stretch of stretches) addStretch(brush, index, stretch);
    context.stroke();
    context.setLineDash([1, 8]);
    context.beginPath();
    addGaps(brush, index, stretches);
    context.stroke();
    context.setLineDash([]);
  }
  const first = index.stretchFirsts[stretches[0]];
  const last = index.stretchLasts[stretches[stretches.length - 1]];
  drawEnd(brush, footPoint(index, first, brush), palette[person % palette.length], "#ffffff");
  drawEnd(brush, footPoint(index, last, brush), "#ffffff", palette[person % palette.length]);
}

/**
 * @param {import("#page/stage/moment_drawing.js").Brush} brush
 * @param {{x: number, y: number}} point
 * @param {string} edge
 * @param {string} fill
 */
function drawEnd({ context }, { x, y }, edge, fill) {
  context.beginPath();
  context.arc(x, y, 5, 0, 2 * Math.PI);
  context.fillStyle = fill;
  context.fill();
  context.lineWidth = 2;
  context.strokeStyle = edge;
  context.stroke();
}

/**
 * @param {import("#page/stage/person_time_index.js").PersonTimeIndex} index
 * @param {number} person
 * @returns {number[]} in the order of time
 */
function stretchesOf(index, person) {
  const found = [];
  for (let stretch = index.stretchPeople.indexOf(person); stretch >= 0; stretch++) {
    if (index.stretchPeople[stretch] !== person) break;
    found.push(stretch);
  }
  return found;
}

/**
 * @param {import("#page/stage/moment_drawing.js").Brush} brush
 * @param {import("#page/stage/person_time_index.js").PersonTimeIndex} index
 * @param {number} stretch
 */
function addStretch(brush, index, stretch) {
  const { context } = brush;
  const [first, last] = [index.stretchFirsts[stretch], index.stretchLasts[stretch]];
  let drawn = footPoint(index, first, brush);
  context.moveTo(drawn.x, drawn.y);
  for (let at = first + 1; at <= last; at++) {
    const point = footPoint(index, at, brush);
    const isClose = Math.abs(point.x - drawn.x) + Math.abs(point.y - drawn.y) < MIN_STEP_PX;
    if (isClose && at < last) continue;
    context.lineTo(point.x, point.y);
    drawn = point;
  }
}

/**
 * @param {import("#page/stage/moment_drawing.js").Brush} brush
 * @param {import("#page/stage/person_time_index.js").PersonTimeIndex} index
 * @param {number[]} stretches
 */
function addGaps(brush, index, stretches) {
  for (let place = 1; place < stretches.length; place++) {
    const from = footPoint(index, index.stretchLasts[stretches[place - 1]], brush);
    const to = footPoint(index, index.stretchFirsts[stretches[place]], brush);
    brush.context.moveTo(from.x, from.y);
    brush.context.lineTo(to.x, to.y);
  }
}

/**
 * Returns where a person stands, in CSS pixels: the middle of the lower edge of the box.
 *
 * @param {import("#page/stage/person_time_index.js").PersonTimeIndex} index
 * @param {number} at number of the observation
 * @param {{widthPx: number, heightPx: number}} size
 */
function footPoint({ observations: { lefts, tops, widths, heights } }, at, { widthPx, heightPx }) {
  return { x: (lefts[at] + widths[at] / 2) * widthPx, y: (tops[at] + heights[at]) * heightPx };
}

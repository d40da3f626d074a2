import { percentile } from "#page/counting/summaries/figures.js";
import { firstPeak, occupancySteps } from "#page/data/occupancy_steps.js";
import {
  formatCount,
  formatCountOf,
  formatDecimal,
  formatDuration,
  formatShare,
} from "#page/display/format.js";
import { momentText } from "#page/display/moments.js";
import { topFlow } from "#page/panels/flow_matrix.js";

/** The list of zones and lines has the others. */
const MOST_SECTIONS = 6;

/**
 * One number of the video and what it means.
 *
 * @typedef {object} KeyFigure
 * @property {string} label
 * @property {string} value
 * @property {string} meaning one or two sentences
 * @property {number} [seekMs] the time that the figure is about
 */

/**
 * Returns the most important numbers of a video.
 *
 * @param {import("#page/counting/count_video.js").VideoCounts} counts
 * @returns {KeyFigure[]}
 */
export function keyFigures(counts) {
  const sections = [...counts.whole.zones.map(zoneFigure), ...counts.whole.lines.map(lineFigure)];
  return [
    peopleFigure(counts),
    mostAtOnceFigure(counts),
    seenFigure(counts),
    ...sections.slice(0, MOST_SECTIONS),
    ...flowFigures(counts),
  ];
}

/**
 * @param {import("#page/counting/count_video.js").VideoCounts} counts
 * @returns {KeyFigure}
 */
function peopleFigure({ whole, excluded }) {
  const left = [
    ...(excluded.staff > 0 ? [`${formatCount(excluded.staff)} as staff`] : []),
    ...(excluded.seenTooShort > 0 ? [`${formatCount(excluded.seenTooShort)} seen too briefly`] : []),
  ];
  const without = left.length > 0 ? ` Left out: ${left.join(", ")}.` : "";
  const meaning = "Different people in the video. Someone who leaves and comes back may count twice.";
  return { label: "People seen", value: formatCount(whole.picture.people), meaning: meaning + without };
}

/**
 * @param {import("#page/counting/count_video.js").VideoCounts} counts
 * @returns {KeyFigure}
 */
function mostAtOnceFigure({ presences, recording, whole }) {
  const steps = occupancySteps(presences.map(({ firstMs, lastMs }) => ({ fromMs: firstMs, toMs: lastMs })));
  const peak = firstPeak(steps);
  const { mean, maximum } = whole.picture.occupancy;
  const figure = { label: "Most at once", value: formatCount(maximum) };
  if (!peak) return { ...figure, meaning: "The largest number of people in the picture at one time." };
  return {
    ...figure,
    meaning:
      `In the picture together, first at ${momentText(peak.atMs, recording)}. ` +
      `The mean is ${formatDecimal(mean, 1)}.`,
    seekMs: peak.atMs,
  };
}

/**
 * @param {import("#page/counting/count_video.js").VideoCounts} counts
 * @returns {KeyFigure}
 */
function seenFigure({ people }) {
  const seenMs = people.map((person) => person.seenMs);
  return {
    label: "Median time seen",
    value: formatDuration(percentile(seenMs, 0.5)),
    meaning:
      people.length === 0
        ? "How long half of the people were in the picture at least."
        : "Half of the people were in the picture for longer, half for less.",
  };
}

/**
 * @param {import("#page/counting/count_video.js").Summary["zones"][number]} zone
 * @returns {KeyFigure}
 */
function zoneFigure({ name, visits, people, dwellMedianMs, dwellP90Ms }) {
  const stays =
    dwellMedianMs === null
      ? "Nobody visited it, or nobody for long enough."
      : `By ${formatCountOf(people, "person", "people")}. ` +
        `Half stayed for more than ${formatDuration(dwellMedianMs)}, ` +
        `one in ten for more than ${formatDuration(dwellP90Ms)}.`;
  return { label: `Visits to ${name}`, value: formatCount(visits), meaning: stays };
}

/**
 * @param {import("#page/counting/count_video.js").Summary["lines"][number]} line
 * @returns {KeyFigure}
 */
function lineFigure({ name, crossingsIn, crossingsOut, people }) {
  return {
    label: `Crossings of ${name}`,
    value: `${formatCount(crossingsIn)}\u00a0in · ${formatCount(crossingsOut)}\u00a0out`,
    meaning:
      people === 0
        ? "Nobody crossed it. The arrow on the line points in."
        : `By ${formatCountOf(people, "person", "people")}. The arrow on the line points in.`,
  };
}

/**
 * @param {import("#page/counting/count_video.js").VideoCounts} counts
 * @returns {KeyFigure[]}
 */
function flowFigures(counts) {
  const top = topFlow(counts);
  if (!top) return [];
  const { origin, destination, people, originPeople, share } = top;
  const again = origin === destination ? " again" : "";
  const meaning =
    `Largest flow: ${formatCount(people)} of the ${formatCountOf(originPeople, "person", "people")} ` +
    `at ${origin} ${people === 1 ? "was" : "were"} later at ${destination}${again}.`;
  return [{ label: `From ${origin} to ${destination}`, value: formatShare(share), meaning }];
}

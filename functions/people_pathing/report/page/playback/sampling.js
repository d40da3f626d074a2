/** When the frames were taken in which people were searched. */

const USUAL_SAMPLE_FPS = 15;
/** So many observations show how often people were searched. */
const ENOUGH_STEPS = 1000;
const USUAL_FRAME_RATE = 30;
/** A box is drawn between two observations that are at most so many sampled frames apart. */
const MAX_STEPS = 4;
/** Each second with a person needs memory. One wrong number of job.json must not need all of it. */
const MAX_STEP_MS = 60_000;

/**
 * Returns a report whose sampling is known. If the results do not say it, the observations show it: most are
 * one sampled frame after the one before.
 *
 * @param {import("#page/data/report_data.js").Report} report
 * @returns {import("#page/data/report_data.js").Report}
 */
export function withKnownSampling(report) {
  if (report.video.sampleFps > 0) return report;
  const { starts, timesMs } = report.observations;
  /** @type {number[]} */
  const steps = [];
  for (let place = 0; place + 1 < starts.length && steps.length < ENOUGH_STEPS; place++) {
    for (let at = starts[place] + 1; at < starts[place + 1]; at++) steps.push(timesMs[at] - timesMs[at - 1]);
  }
  steps.sort((a, b) => a - b);
  const usualStepMs = steps[steps.length >> 1] || 1000 / USUAL_SAMPLE_FPS;
  return { ...report, video: { ...report.video, sampleFps: 1000 / usualStepMs } };
}

/**
 * Returns the time between two sampled frames in milliseconds. The sampling must be known.
 *
 * @param {import("#page/data/report_data.js").Video} video
 */
export function sampleStepMs({ sampleFps }) {
  return 1000 / sampleFps;
}

/**
 * Returns how far two observations are apart at most if a person is drawn between them, in milliseconds.
 *
 * @param {import("#page/data/report_data.js").Video} video
 */
export function longestStepMs(video) {
  return Math.min(MAX_STEPS * sampleStepMs(video), MAX_STEP_MS);
}

/**
 * Returns how long one frame is shown, in milliseconds.
 *
 * @param {import("#page/data/report_data.js").Video} video
 */
export function frameMs({ frameRate }) {
  return 1000 / (frameRate > 0 ? frameRate : USUAL_FRAME_RATE);
}

/**
 * Returns the time of the next or the previous sampled frame, cut to a millisecond as in the results.
 *
 * @param {import("#page/data/report_data.js").Video} video
 * @param {number} timeMs
 * @param {1 | -1} direction
 */
export function neighbourSampleMs(video, timeMs, direction) {
  const stepMs = sampleStepMs(video);
  // A time in the results is cut, so it is up to 1 ms before the frame's.
  const number = direction > 0 ? Math.floor((timeMs + 1) / stepMs) + 1 : Math.ceil((timeMs - 1) / stepMs) - 1;
  return Math.min(Math.max(0, Math.floor(number * stepMs + ROUNDING)), video.durationMs);
}

/** A product such as 3 * 66.666… may be a little smaller than the whole number that it stands for. */
const ROUNDING = 1e-6;

/** When the frames were taken in which people were searched. */

const USUAL_SAMPLE_FPS = 15;
const USUAL_FRAME_RATE = 30;

/**
 * Returns the time between two sampled frames in milliseconds.
 *
 * @param {import("#page/data/report_data.js").Video} video
 */
export function sampleStepMs({ sampleFps }) {
  return 1000 / (sampleFps > 0 ? sampleFps : USUAL_SAMPLE_FPS);
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

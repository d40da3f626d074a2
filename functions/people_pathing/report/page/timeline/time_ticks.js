import {
  clockOffsetMs,
  formatClock,
  formatClockMinutes,
  formatVideoTenths,
  formatVideoTime,
} from "#page/display/format.js";

const STEPS_MS = [
  ...[100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * 1000),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * 60_000),
  ...[1, 2, 3, 6, 12, 24].map((hours) => hours * 3_600_000),
];
const MINUTE_MS = 60_000;

/**
 * Returns marks of a time axis, at round times of the local clock, or of the video if the time of recording
 * is not known.
 *
 * @param {import("#page/page_state.js").TimeWindow} window
 * @param {number} mostTicks how many marks have room
 * @param {import("#page/counting/count_video.js").Recording} recording
 * @returns {{atMs: number, label: string}[]}
 */
export function timeTicks(window, mostTicks, recording) {
  const leastMs = (window.toMs - window.fromMs) / Math.max(1, mostTicks);
  const stepMs = STEPS_MS.find((step) => step >= leastMs) ?? Math.ceil(leastMs / 86_400_000) * 86_400_000;
  const recordedAtMs = recording.recordedAtMs ?? null;
  const { timezone } = recording;
  const startMs =
    recordedAtMs === null ? 0 : recordedAtMs + clockOffsetMs(recordedAtMs + window.fromMs, timezone);
  const ticks = [];
  let faceMs = Math.ceil((startMs + window.fromMs) / stepMs) * stepMs;
  for (; faceMs - startMs <= window.toMs; faceMs += stepMs) {
    const atMs = faceMs - startMs;
    ticks.push({ atMs, label: tickLabel(atMs, stepMs, recordedAtMs, timezone) });
  }
  return ticks;
}

/**
 * @param {number} atMs
 * @param {number} stepMs
 * @param {number | null} recordedAtMs
 * @param {string} timezone
 */
function tickLabel(atMs, stepMs, recordedAtMs, timezone) {
  if (recordedAtMs === null) return stepMs < 1000 ? formatVideoTenths(atMs) : formatVideoTime(atMs);
  const epochMs = recordedAtMs + atMs;
  if (stepMs >= MINUTE_MS) return formatClockMinutes(epochMs, timezone);
  const seconds = formatClock(epochMs, timezone);
  return stepMs < 1000 ? `${seconds}.${Math.floor((epochMs % 1000) / 100)}` : seconds;
}

import { formatClock, formatVideoTenths } from "#page/display/format.js";

/**
 * Returns a time of the video, and of the local clock if the time of recording is known, such as
 * "0:12.0 (09:42:10)".
 *
 * @param {number} atMs
 * @param {import("#page/counting/count_video.js").Recording} recording
 */
export function momentText(atMs, { recordedAtMs, timezone }) {
  const time = formatVideoTenths(atMs);
  return recordedAtMs === null ? time : `${time} (${formatClock(recordedAtMs + atMs, timezone)})`;
}

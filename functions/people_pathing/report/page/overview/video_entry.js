/** @typedef {"WAITING" | "IN_PROGRESS" | "SUCCEEDED" | "FAILED"} EntryState */

/**
 * One video, as Python embeds it; see report/overview/entry.py.
 *
 * @typedef {object} VideoEntry
 * @property {string} id distinguishes the row from all others
 * @property {string} name
 * @property {EntryState} state
 * @property {number | null} atMs milliseconds since the epoch
 * @property {"recorded" | "uploaded" | "tracked" | null} atMeaning what happened then
 * @property {string | null} version of the video in its bucket
 * @property {string | null} reason why there are no results
 * @property {number | null} progress share of the work that is done, 0 to 1
 * @property {number | null} durationMs length of the video
 * @property {number | null} people
 * @property {number | null} mostAtOnce
 * @property {string | null} sparkline path of an SVG picture of SPARKLINE_WIDTH by SPARKLINE_HEIGHT
 * @property {string | null} reportAddress relative to the page
 * @property {string | null} command what shows the report in a terminal
 */

export const SPARKLINE_WIDTH = 60;
export const SPARKLINE_HEIGHT = 16;

/**
 * All states, in the order of a job's life, and how the page names them.
 *
 * @type {Readonly<Record<EntryState, string>>}
 */
export const STATE_NAMES = {
  WAITING: "Waiting",
  IN_PROGRESS: "In progress",
  SUCCEEDED: "Succeeded",
  FAILED: "Failed",
};

/** @typedef {import("#page/overview/video_entry.js").EntryState} EntryState */
/** @typedef {import("#page/overview/video_entry.js").VideoEntry} VideoEntry */

/** @typedef {"name" | "state" | "atMs" | "durationMs" | "people" | "mostAtOnce"} SortColumn */

/**
 * What the page shows.
 *
 * @typedef {object} OverviewState
 * @property {readonly VideoEntry[]} entries all videos, the newest first
 * @property {string} text what names or reasons of the shown videos contain
 * @property {EntryState | null} state of the shown videos; null for all
 * @property {{column: SortColumn, isDescending: boolean}} order
 */

/** @typedef {import("#page/store.js").Store<OverviewState>} OverviewStore */

export {};

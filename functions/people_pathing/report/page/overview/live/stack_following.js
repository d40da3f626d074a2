import { STATE_NAMES } from "#page/overview/video_entry.js";

/** @typedef {import("#page/overview/video_entry.js").VideoEntry} VideoEntry */

/** The time between two requests, in milliseconds. */
const PAUSE_MS = 2000;

/**
 * Asks a running stack for its videos again and again.
 *
 * @param {string} address of the videos
 * @param {HTMLElement} problem says that the stack does not answer
 * @param {HTMLElement} announcements says to screen readers which jobs have ended
 * @param {import("#page/overview/overview_state.js").OverviewStore} store
 * @returns {() => Promise<void>} asks at once
 */
export function followStack(address, problem, announcements, store) {
  /** @type {string | null} */
  let lastTag = null;
  const refresh = async () => {
    try {
      const reply = await fetch(address, { headers: lastTag ? { "If-None-Match": lastTag } : {} });
      if (reply.status !== 304) {
        if (!reply.ok) throw new Error(`it answers with status ${reply.status}`);
        /** @type {VideoEntry[]} */
        const entries = await reply.json();
        lastTag = reply.headers.get("ETag");
        announcements.textContent = endedJobs(store.state.entries, entries);
        store.set({ entries });
      }
      problem.hidden = true;
    } catch (error) {
      problem.textContent = `The stack does not answer, so this page is not current: ${error}`;
      problem.hidden = false;
    }
  };
  const repeat = async () => {
    if (!document.hidden) await refresh();
    setTimeout(repeat, PAUSE_MS);
  };
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) void refresh();
  });
  setTimeout(repeat, PAUSE_MS);
  return refresh;
}

/**
 * Returns a sentence about the jobs that have ended; empty if none has.
 *
 * @param {readonly VideoEntry[]} before
 * @param {readonly VideoEntry[]} after
 */
export function endedJobs(before, after) {
  const known = new Map(before.map(({ id, state }) => [id, state]));
  return after
    .filter(({ id, state }) => known.has(id) && known.get(id) !== state)
    .filter(({ state }) => state === "SUCCEEDED" || state === "FAILED")
    .map(({ name, state }) => `${name}: ${STATE_NAMES[state].toLowerCase()}.`)
    .join(" ");
}

import { themeButton } from "#page/frame/theme_button.js";
import { element, elementOf } from "#page/display/elements.js";
import { mountChoice } from "#page/overview/choice.js";
import { followStack } from "#page/overview/live/stack_following.js";
import { mountUploads } from "#page/overview/live/uploads.js";
import { mountTotals } from "#page/overview/totals.js";
import { mountVideos } from "#page/overview/video_table/videos.js";
import { Store } from "#page/store.js";

/**
 * What Python embeds; see report/overview/html_file.py.
 *
 * @typedef {object} EmbeddedOverview
 * @property {{videos: string, uploads: string} | null} live where a running stack is; null if nothing changes
 * @property {import("#page/overview/video_entry.js").VideoEntry[]} entries
 */

/** Starts the page. If that fails, the page stays as it is without JavaScript, and says so. */
export function startOverview() {
  try {
    mountOverview(JSON.parse(elementOf("overview-data").textContent ?? ""));
  } catch (error) {
    const problem = elementOf("start-problem");
    problem.textContent = `The videos cannot be searched and sorted: ${error}`;
    problem.hidden = false;
    throw error;
  }
}

/** @param {EmbeddedOverview} embedded */
function mountOverview({ live, entries }) {
  /** @type {import("#page/overview/overview_state.js").OverviewState} */
  const initial = { entries, text: "", state: null, order: { column: "atMs", isDescending: true } };
  const store = new Store(initial);
  document.documentElement.classList.remove("without-script");
  elementOf("header").append(element("div", { class: "header-actions" }, themeButton()));
  mountTotals(elementOf("figures"), store);
  mountChoice(elementOf("choice"), store);
  mountVideos(elementOf("videos"), store, live !== null);
  if (live) {
    const refresh = followStack(live.videos, elementOf("start-problem"), elementOf("announcements"), store);
    mountUploads(elementOf("uploads"), live.uploads, refresh);
  }
  // Tests, and people with the developer tools, find the state here.
  Object.assign(globalThis, { reportPage: { store } });
}

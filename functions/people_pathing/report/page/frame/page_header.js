import { button, element } from "#page/display/elements.js";
import { themeButton } from "#page/frame/theme_button.js";

/**
 * Shows the name of the video, when it was recorded, and the actions for the whole page.
 *
 * @param {HTMLElement} place
 * @param {import("#page/data/report_data.js").Report} report
 * @param {import("#page/store.js").Store<import("#page/page_state.js").PageState>} store
 * @param {() => void} showHelp
 */
export function mountPageHeader(place, report, store, showHelp) {
  const recorded = element("p", { class: "quiet" });
  store.follow(["counts"], ({ counts: { recording } }) => {
    const { recordedAtMs, durationMs, timezone } = recording;
    recorded.hidden = recordedAtMs === null;
    if (recordedAtMs === null) return;
    recorded.textContent = timeSpan(recordedAtMs, recordedAtMs + durationMs, timezone);
  });
  place.replaceChildren(
    element("h1", {}, report.video.name),
    recorded,
    element(
      "div",
      { class: "header-actions" },
      themeButton(),
      button("Print", () => window.print()),
      button("Keys", showHelp, {
        title: "Show the keys (?)",
        "aria-haspopup": "dialog",
        class: "for-keyboards",
      }),
    ),
  );
}

/**
 * Returns a time on the local clock, such as "2 Mar 2026, 09:00:00–10:00:00, Europe/Berlin".
 *
 * @param {number} fromMs milliseconds since the epoch
 * @param {number} toMs milliseconds since the epoch
 * @param {string} timeZone IANA name
 */
function timeSpan(fromMs, toMs, timeZone) {
  const style = /** @type {const} */ ({ dateStyle: "medium", timeStyle: "medium", timeZone });
  return `${new Intl.DateTimeFormat("en-GB", style).formatRange(fromMs, toMs)}, ${timeZone}`;
}

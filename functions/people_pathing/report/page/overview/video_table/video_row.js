import { button, element, svgElement } from "#page/display/elements.js";
import { formatCount, formatDuration, formatShare } from "#page/display/format.js";
import { SPARKLINE_HEIGHT, SPARKLINE_WIDTH, STATE_NAMES } from "#page/overview/video_entry.js";

/** @typedef {import("#page/overview/video_entry.js").VideoEntry} VideoEntry */

/** How long a button says that the text was copied, in milliseconds. */
const COPIED_MS = 2000;
const TIME = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });

/**
 * Makes the row of a video.
 *
 * @param {VideoEntry} entry
 */
export function videoRow(entry) {
  const { durationMs, people, mostAtOnce } = entry;
  return element(
    "tr",
    {},
    cell("video", ...nameParts(entry)),
    cell("state", ...stateParts(entry)),
    cell("time", ...timeParts(entry)),
    cell("length", durationMs === null ? "" : formatDuration(durationMs)),
    cell("people", people === null ? "" : formatCount(people)),
    cell("most", mostAtOnce === null ? "" : formatCount(mostAtOnce)),
    cell("chart", ...sparkline(entry)),
  );
}

/**
 * @param {string} name
 * @param {...(Node | string)} children
 */
function cell(name, ...children) {
  return element("td", { class: `${name}-cell` }, ...children);
}

/** @param {VideoEntry} entry */
function nameParts({ name, version, reportAddress, command }) {
  const title = version === null ? name : `${name}, version ${version}`;
  const shown = reportAddress
    ? element("a", { href: reportAddress, title }, name)
    : element("span", { title }, name);
  return command ? [shown, " ", copyButton(command)] : [shown];
}

/**
 * Makes a button that copies a command.
 *
 * @param {string} command
 */
function copyButton(command) {
  const label = "Copy command";
  const copy = button(
    label,
    async () => {
      try {
        await navigator.clipboard.writeText(command);
        copy.textContent = "Copied";
      } catch {
        // Browsers may forbid it in a local file. The user can copy the text by hand.
        copy.replaceWith(element("code", {}, command));
        return;
      }
      setTimeout(() => (copy.textContent = label), COPIED_MS);
    },
    { class: "copy-button", title: command },
  );
  return copy;
}

/** @param {VideoEntry} entry */
function stateParts({ state, progress, reason }) {
  const share = progress === null ? "" : ` ${formatShare(progress)}`;
  const parts = [element("span", { class: `state-name state-${state}` }, `${STATE_NAMES[state]}${share}`)];
  if (progress !== null) parts.push(progressBar(progress));
  if (reason) parts.push(element("span", { class: "reason small" }, reason));
  return parts;
}

/** @param {number} share from 0 to 1 */
function progressBar(share) {
  const bar = element("span", { class: "progress-bar", "aria-hidden": "true" }, element("span"));
  /** @type {HTMLElement} */ (bar.firstChild).style.width = `${share * 100}%`;
  return bar;
}

/** @param {VideoEntry} entry */
function timeParts({ atMs, atMeaning }) {
  if (atMs === null) return [];
  const utc = new Date(atMs).toISOString();
  const moment = element("time", { datetime: utc, title: utc }, TIME.format(atMs));
  return [moment, " ", element("span", { class: "quiet small" }, atMeaning ?? "")];
}

/** @param {VideoEntry} entry */
function sparkline({ sparkline: path }) {
  if (path === null) return [];
  const viewBox = `0 0 ${SPARKLINE_WIDTH} ${SPARKLINE_HEIGHT}`;
  const attributes = { class: "sparkline", viewBox, preserveAspectRatio: "none", "aria-hidden": "true" };
  return [svgElement("svg", attributes, svgElement("path", { d: path }))];
}

import { toggled } from "#page/playback/playback.js";
import { neighbourSampleMs } from "#page/playback/sampling.js";

/** @typedef {import("#page/page_state.js").PageState} PageState */
/** @typedef {import("#page/store.js").Store<PageState>} PageStore */
/** @typedef {import("#page/data/report_data.js").Video} Video */

const MAX_SPEED = 8;
/** An event that is so close counts as the one that is shown. */
const SAME_MS = 1;

/** Elements in which keys write, or already mean something else. */
const TYPING = "input:not([type=range], [type=checkbox], [type=button]), textarea, select, [contenteditable]";
const OWN_ARROWS =
  "[role=slider], [role=grid], [role=listbox], [role=menu], [role=tablist], input[type=range]";
const OWN_SPACE = "button, summary, a, input, [role=button], [role=option], [role=switch]";

/**
 * Follows the keys of the whole page.
 *
 * @param {PageStore} store
 * @param {Video} video
 * @param {() => void} showHelp
 */
export function connectKeyboard(store, video, showHelp) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const target = event.target instanceof Element ? event.target : document.body;
    if (target.closest(TYPING) || document.querySelector("dialog[open]")) return;
    if (event.key.startsWith("Arrow") && target.closest(OWN_ARROWS) && !target.closest(".scrubber")) return;
    if (event.key === " " && target.closest(OWN_SPACE) && !target.closest(".scrubber")) return;
    if (event.key === "?") showHelp();
    else {
      const changes = changesOfKey(event.key, store.state, video);
      if (changes === null) return;
      store.set(changes);
    }
    event.preventDefault();
  });
}

/**
 * Returns what a key changes; null if it means nothing.
 *
 * @param {string} key as in KeyboardEvent.key
 * @param {PageState} state
 * @param {Video} video
 * @returns {Partial<PageState> | null}
 */
export function changesOfKey(key, state, video) {
  switch (key.length === 1 ? key.toLowerCase() : key) {
    case " ":
      return toggled(state);
    case "ArrowRight":
      return { isPlaying: false, timeMs: neighbourSampleMs(video, state.timeMs, 1) };
    case "ArrowLeft":
      return { isPlaying: false, timeMs: neighbourSampleMs(video, state.timeMs, -1) };
    case "j":
      return shuttle(state, -1);
    case "k":
      return { isPlaying: false, speed: Math.max(state.speed, 1) };
    case "l":
      return shuttle(state, 1);
    case "n":
      return jumpToEvent(state, 1);
    case "p":
      return jumpToEvent(state, -1);
    case "Escape":
      // While a tool of the editor is used, the key belongs to the editor.
      return state.tool === null && state.selectedPerson !== null ? { selectedPerson: null } : null;
    default:
      return null;
  }
}

/**
 * Plays in a direction, or twice as fast if it already does. As in video editors.
 *
 * @param {PageState} state
 * @param {1 | -1} direction
 */
function shuttle({ isPlaying, speed }, direction) {
  const isSameWay = isPlaying && Math.sign(speed) === direction;
  const rate = isSameWay ? Math.min(2 * Math.abs(speed), MAX_SPEED) : 1;
  return { isPlaying: true, speed: direction * rate };
}

/**
 * Jumps to the next or the previous event of a zone or line, and selects its person.
 *
 * @param {PageState} state
 * @param {1 | -1} direction
 */
function jumpToEvent({ counts, visiblePeople, timeMs }, direction) {
  const events = counts.events.filter((event) => visiblePeople.has(event.person));
  const isAhead = (/** @type {number} */ atMs) => (atMs - timeMs) * direction > SAME_MS;
  const found =
    direction > 0
      ? events.find((event) => isAhead(event.moment.atMs))
      : events.findLast((event) => isAhead(event.moment.atMs));
  return found ? { isPlaying: false, timeMs: found.moment.atMs, selectedPerson: found.person } : {};
}

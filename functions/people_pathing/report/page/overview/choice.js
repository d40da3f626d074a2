import { button, element } from "#page/display/elements.js";
import { formatCount, formatCountOf } from "#page/display/format.js";
import { chosenVideos, countByState } from "#page/overview/chosen_videos.js";
import { STATE_NAMES } from "#page/overview/video_entry.js";

/** @typedef {import("#page/overview/video_entry.js").EntryState} EntryState */

const STATES = /** @type {EntryState[]} */ (Object.keys(STATE_NAMES));

/**
 * Lets the user choose which videos are shown: by a text and by their state.
 *
 * @param {HTMLElement} place
 * @param {import("#page/overview/overview_state.js").OverviewStore} store
 */
export function mountChoice(place, store) {
  const search = element("input", {
    type: "search",
    placeholder: "Search names and reasons",
    "aria-label": "Search names and reasons",
    autocomplete: "off",
    spellcheck: "false",
  });
  search.addEventListener("input", () => store.set({ text: search.value }));
  const all = stateButton(null, store);
  const each = STATES.map((state) => stateButton(state, store));
  const shown = element("output", { class: "quiet" });
  place.replaceChildren(
    search,
    element("div", { class: "states", role: "group", "aria-label": "State" }, all, ...each),
    shown,
  );
  store.follow(["entries", "state"], ({ entries, state }) => {
    place.hidden = entries.length === 0;
    const counts = countByState(entries);
    all.textContent = `All ${formatCount(entries.length)}`;
    all.setAttribute("aria-pressed", String(state === null));
    STATES.forEach((name, at) => {
      each[at].textContent = `${STATE_NAMES[name]} ${formatCount(counts[name])}`;
      each[at].setAttribute("aria-pressed", String(state === name));
      each[at].hidden = counts[name] === 0 && state !== name;
    });
  });
  store.follow(["entries", "state", "text"], (state) => {
    const isFiltered = state.state !== null || state.text.trim() !== "";
    const count = isFiltered ? chosenVideos(state).length : 0;
    shown.textContent = isFiltered ? formatCountOf(count, "video", "videos") : "";
  });
}

/**
 * @param {EntryState | null} state
 * @param {import("#page/overview/overview_state.js").OverviewStore} store
 */
function stateButton(state, store) {
  return button("", () => store.set({ state }));
}

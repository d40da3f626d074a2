import { formatDuration } from "#page/display/format.js";
import { momentText } from "#page/display/moments.js";

/**
 * Tells screen readers who is selected.
 *
 * @param {HTMLElement} place a live region
 * @param {import("#page/store.js").Store<import("#page/page_state.js").PageState>} store
 */
export function mountAnnouncements(place, store) {
  let last = store.state.selectedPerson;
  store.follow(["selectedPerson"], ({ selectedPerson, counts }) => {
    if (selectedPerson === last) return;
    last = selectedPerson;
    place.textContent = selectedPerson === null ? "Nobody is selected" : personText(selectedPerson, counts);
  });
}

/**
 * @param {number} person
 * @param {import("#page/counting/count_video.js").VideoCounts} counts
 */
function personText(person, { people, recording }) {
  const seen = people.find((one) => one.person === person);
  if (!seen) return `Person ${person} is selected. This person is not counted.`;
  const times = `from ${momentText(seen.firstMs, recording)} to ${momentText(seen.lastMs, recording)}`;
  return `Person ${person} is selected: seen ${times}, ${formatDuration(seen.seenMs)} in total`;
}

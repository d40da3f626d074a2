import { sectionNames } from "#page/counting/count_video.js";
import { readAddress, writeAddress } from "#page/frame/address.js";

/** @typedef {import("#page/page_state.js").PageState} PageState */
/** @typedef {import("#page/frame/address.js").Place} Place */

/** Browsers refuse to change the address more often than about three times a second. */
const WRITE_INTERVAL_MS = 1000;

/**
 * Returns what the page's address asks for.
 *
 * @param {Place} usual
 * @param {import("#page/data/report_data.js").Report} report
 * @param {PageState["zonesFile"]} zonesFile
 */
export function placeOfAddress(usual, report, zonesFile) {
  const people = new Set(report.observations.people);
  const sections = new Set(sectionNames(zonesFile));
  return readAddress(location.hash, usual, {
    durationMs: report.video.durationMs,
    hasPerson: (person) => people.has(person),
    hasSection: (name) => sections.has(name),
  });
}

/**
 * Writes what is shown into the page's address, and follows an address that the user changes.
 *
 * @param {import("#page/store.js").Store<PageState>} store
 * @param {Place} usual
 * @param {import("#page/data/report_data.js").Report} report
 */
export function connectAddressBar(store, usual, report) {
  let written = "";
  let isWaiting = false;
  const write = () => {
    isWaiting = false;
    written = writeAddress(store.state, usual);
    try {
      history.replaceState(null, "", `#${written}`);
    } catch {
      // Some previews do not let a page change its address. Then there is no link to the moment.
    }
  };
  // The address is written a little later, so not while the page starts.
  store.follow(["timeMs", "selectedPerson", "filters", "layers"], (state) => {
    if (isWaiting || writeAddress(state, usual) === written) return;
    isWaiting = true;
    setTimeout(write, WRITE_INTERVAL_MS);
  });
  window.addEventListener("hashchange", () => {
    if (location.hash.slice(1) !== written) store.set(placeOfAddress(usual, report, store.state.zonesFile));
  });
}

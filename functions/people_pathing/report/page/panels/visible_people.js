/**
 * The filters that let everybody through.
 *
 * @param {import("#page/data/report_data.js").Report} report
 * @returns {import("#page/page_state.js").Filters}
 */
export function openFilters({ video }) {
  return { section: null, fromMs: 0, toMs: video.durationMs, minimumSeenMs: 0, withoutStaff: false };
}

/**
 * Returns the people that the filters let through.
 *
 * @param {readonly import("#page/data/tracks.js").Track[]} tracks of all people
 * @param {import("#page/counting/count_video.js").VideoCounts} counts
 * @param {import("#page/page_state.js").Filters} filters
 * @returns {Set<number>} indexes
 */
export function findVisiblePeople(tracks, counts, filters) {
  const atSection = filters.section === null ? null : peopleAtSection(counts, filters.section);
  const counted = filters.withoutStaff ? new Set(counts.people.map(({ person }) => person)) : null;
  const visible = tracks.filter(
    (track) =>
      track.seenMs >= filters.minimumSeenMs &&
      (!atSection || atSection.has(track.person)) &&
      (!counted || counted.has(track.person)) &&
      track.stretches.some(({ firstMs, lastMs }) => lastMs >= filters.fromMs && firstMs <= filters.toMs),
  );
  return new Set(visible.map(({ person }) => person));
}

/**
 * Tells whether two sets have the same members.
 *
 * @param {ReadonlySet<number>} one
 * @param {ReadonlySet<number>} other
 */
export function isSameSet(one, other) {
  return one.size === other.size && [...one].every((member) => other.has(member));
}

/**
 * @param {import("#page/counting/count_video.js").VideoCounts} counts
 * @param {string} section name of a zone or line
 */
function peopleAtSection({ visits, crossings }, section) {
  return new Set([
    ...visits.filter(({ zone }) => zone === section).map(({ person }) => person),
    ...crossings.filter(({ line }) => line === section).map(({ person }) => person),
  ]);
}

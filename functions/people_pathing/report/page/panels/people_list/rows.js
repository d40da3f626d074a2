/**
 * One person in the table.
 *
 * @typedef {object} PersonRow
 * @property {number} person index
 * @property {number} firstMs
 * @property {number} lastMs
 * @property {number} seenMs without long gaps
 * @property {number | null} distanceM metres walked; null if it is not known
 * @property {string} zones names of the visited zones
 * @property {number} visits
 * @property {string} lines names of the crossed lines
 * @property {number} crossings
 * @property {boolean} isCounted false for staff and people who were seen too briefly
 */

/** @typedef {"person" | "firstMs" | "lastMs" | "seenMs" | "distanceM" | "visits" | "crossings"} SortColumn */
/** @typedef {{column: SortColumn, isDescending: boolean}} SortOrder */

/**
 * Returns the rows of the people that the filters let through, by index.
 *
 * @param {readonly import("#page/data/tracks.js").Track[]} tracks
 * @param {import("#page/counting/count_video.js").VideoCounts} counts
 * @param {ReadonlySet<number>} visiblePeople
 * @returns {PersonRow[]}
 */
export function peopleRows(tracks, counts, visiblePeople) {
  const counted = new Map(counts.people.map((one) => [one.person, one]));
  const zones = namesByPerson(counts.visits, (visit) => visit.zone);
  const lines = namesByPerson(counts.crossings, (crossing) => `${crossing.line} ${crossing.direction}`);
  return tracks
    .filter(({ person }) => visiblePeople.has(person))
    .map(({ person, firstMs, lastMs, seenMs }) => ({
      ...{ person, firstMs, lastMs, seenMs },
      distanceM: counted.get(person)?.distanceM ?? null,
      zones: joined(zones.get(person)),
      visits: total(zones.get(person)),
      lines: joined(lines.get(person)),
      crossings: total(lines.get(person)),
      isCounted: counted.has(person),
    }));
}

/**
 * Returns the rows in another order. Equal rows are in the order of the people, and unknown values come last.
 *
 * @param {readonly PersonRow[]} rows
 * @param {SortOrder} order
 * @returns {PersonRow[]}
 */
export function sortedRows(rows, { column, isDescending }) {
  const sign = isDescending ? -1 : 1;
  return [...rows].sort((one, other) => {
    const [a, b] = [one[column], other[column]];
    if (a === null || b === null) return Number(a === null) - Number(b === null) || one.person - other.person;
    return sign * (a - b) || one.person - other.person;
  });
}

/**
 * Returns the rows as a file with comma-separated values (RFC 4180). Times are milliseconds of the video.
 *
 * @param {readonly PersonRow[]} rows
 */
export function peopleCsv(rows) {
  const head = [
    "person",
    "first_ms",
    "last_ms",
    "seen_ms",
    "distance_m",
    "counts",
    "visits",
    "zones",
    "crossings",
    "lines",
  ];
  const lines = rows.map((row) => [
    ...[row.person, row.firstMs, row.lastMs, row.seenMs, row.distanceM?.toFixed(2) ?? ""],
    ...[row.isCounted ? "yes" : "no", row.visits, csvText(row.zones), row.crossings, csvText(row.lines)],
  ]);
  return [head, ...lines].map((line) => `${line.join(",")}\r\n`).join("");
}

/**
 * Quotes a text. A text that a spreadsheet would take for a formula gets an apostrophe.
 *
 * @param {string} text
 */
function csvText(text) {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/**
 * Returns for each person how often each name appears.
 *
 * @template {{person: number}} Found
 * @param {readonly Found[]} found
 * @param {(one: Found) => string} nameOf
 */
function namesByPerson(found, nameOf) {
  /** @type {Map<number, Map<string, number>>} */
  const people = new Map();
  for (const one of found) {
    const names = people.get(one.person) ?? new Map();
    people.set(one.person, names.set(nameOf(one), (names.get(nameOf(one)) ?? 0) + 1));
  }
  return people;
}

/** @param {Map<string, number> | undefined} names */
function joined(names) {
  return Array.from(names ?? [], ([name, count]) => (count > 1 ? `${name} ×${count}` : name)).join(", ");
}

/** @param {Map<string, number> | undefined} names */
function total(names) {
  return Array.from(names?.values() ?? []).reduce((sum, count) => sum + count, 0);
}

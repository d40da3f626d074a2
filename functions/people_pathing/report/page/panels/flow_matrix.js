/**
 * How many people went from one section to another.
 *
 * @typedef {object} FlowMatrix
 * @property {string[]} origins sections from which somebody went on
 * @property {string[]} destinations sections to which somebody came
 * @property {FlowCell[][]} cells by origin and then by destination
 */

/**
 * @typedef {object} FlowCell
 * @property {number} people
 * @property {number} share of the people who were at the origin, from 0 to 1
 */

/**
 * The largest flow between two different sections, or back to the same one if there is no other.
 *
 * @typedef {object} TopFlow
 * @property {string} origin
 * @property {string} destination
 * @property {number} people
 * @property {number} originPeople people who were at the origin
 * @property {number} share
 */

/**
 * Puts the flows into a matrix. Sections are in the order of zones and then lines.
 *
 * @param {import("#page/counting/count_video.js").VideoCounts} counts
 * @returns {FlowMatrix}
 */
export function flowMatrix(counts) {
  const peopleAt = peopleAtSections(counts);
  const names = [...peopleAt.keys()];
  const pairs = countPairs(counts.flows);
  const people = (/** @type {string} */ origin, /** @type {string} */ destination) =>
    pairs.get(pairKey(origin, destination)) ?? 0;
  const origins = names.filter((origin) => names.some((name) => people(origin, name) > 0));
  const destinations = names.filter((destination) => names.some((name) => people(name, destination) > 0));
  const cells = origins.map((origin) =>
    destinations.map((destination) => {
      const count = people(origin, destination);
      return { people: count, share: shareOf(count, peopleAt.get(origin) ?? 0) };
    }),
  );
  return { origins, destinations, cells };
}

/**
 * Returns the largest flow; null if there is none.
 *
 * @param {import("#page/counting/count_video.js").VideoCounts} counts
 * @returns {TopFlow | null}
 */
export function topFlow(counts) {
  const { origins, destinations, cells } = flowMatrix(counts);
  const peopleAt = peopleAtSections(counts);
  const flows = origins.flatMap((origin, row) =>
    destinations.map((destination, column) => {
      return { origin, destination, originPeople: peopleAt.get(origin) ?? 0, ...cells[row][column] };
    }),
  );
  const onward = flows.filter(({ origin, destination, people }) => people > 0 && origin !== destination);
  const candidates = onward.length > 0 ? onward : flows.filter(({ people }) => people > 0);
  return candidates.reduce(
    (/** @type {TopFlow | null} */ top, flow) => (top && top.people >= flow.people ? top : flow),
    null,
  );
}

/**
 * Returns how many different people were at each section, zones first.
 *
 * @param {import("#page/counting/count_video.js").VideoCounts} counts
 * @returns {Map<string, number>}
 */
function peopleAtSections({ whole }) {
  return new Map([...whole.zones, ...whole.lines].map(({ name, people }) => [name, people]));
}

/**
 * @param {import("#page/counting/count_video.js").VideoCounts["flows"]} flows
 * @returns {Map<string, number>}
 */
function countPairs(flows) {
  /** @type {Map<string, number>} */
  const pairs = new Map();
  for (const { origin, destination } of flows) {
    const key = pairKey(origin, destination);
    pairs.set(key, (pairs.get(key) ?? 0) + 1);
  }
  return pairs;
}

/**
 * @param {string} origin
 * @param {string} destination
 */
function pairKey(origin, destination) {
  return JSON.stringify([origin, destination]);
}

/**
 * @param {number} part
 * @param {number} whole
 */
function shareOf(part, whole) {
  return whole > 0 ? part / whole : 0;
}

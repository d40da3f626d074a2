/**
 * How many people were at one section and later at another. The twin of summaries/flows.py.
 *
 * @typedef {import("#page/counting/events.js").Counted} Counted
 */

/**
 * One person in a flow.
 *
 * @typedef {object} FlowEvent
 * @property {string} origin a section
 * @property {string} destination a section where the person was later; the same one if the person came back
 * @property {number} person the person's index
 * @property {number} atMs the first arrival at the destination after the first time at the origin
 * @property {boolean} isEndToEnd the origin was the person's first section, and the destination the last
 */

/** @typedef {{person: number, atMs: number, order: number, section: string}} Arrival */

/**
 * Returns every person in every flow, by person and then in the order of arrival.
 *
 * @param {Counted} counted the visits and crossings
 * @param {readonly string[]} sections the names of all sections; their order decides between simultaneous
 *   arrivals
 * @returns {FlowEvent[]}
 */
export function flowEvents(counted, sections) {
  const order = new Map(sections.map((name, at) => [name, at]));
  /** @type {(person: number, atMs: number, section: string) => Arrival} */
  const arrival = (person, atMs, section) => ({ person, atMs, order: order.get(section) ?? -1, section });
  const arrivals = [
    ...counted.visits.map((one) => arrival(one.person, one.enter.atMs, one.zone)),
    ...counted.crossings.map((one) => arrival(one.person, one.moment.atMs, one.line)),
  ];
  arrivals.sort(
    (one, other) => one.person - other.person || one.atMs - other.atMs || one.order - other.order,
  );
  /** @type {Map<number, Arrival[]>} */
  const byPerson = new Map();
  for (const one of arrivals) {
    const known = byPerson.get(one.person);
    if (known) known.push(one);
    else byPerson.set(one.person, [one]);
  }
  return [...byPerson.values()].flatMap(flowsOfPerson);
}

/**
 * @param {readonly Arrival[]} arrivals
 * @returns {FlowEvent[]}
 */
function flowsOfPerson(arrivals) {
  const first = arrivals.at(0)?.section;
  const last = arrivals.at(-1)?.section;
  /** @type {FlowEvent[]} */
  const flows = [];
  /**
   * @type {Map<string, Set<string>>} origins, in the order of their first arrivals, with the destinations
   *   found
   */
  const origins = new Map();
  for (const { person, atMs, section } of arrivals) {
    for (const [origin, destinations] of origins) {
      if (destinations.has(section)) continue;
      destinations.add(section);
      const isEndToEnd = origin === first && section === last;
      flows.push({ origin, destination: section, person, atMs, isEndToEnd });
    }
    if (!origins.has(section)) origins.set(section, new Set());
  }
  return flows;
}

/** Videos of people who walk straight ahead, for the tests of the stage. */

/**
 * Returns the observations of people of whom the same number is in the picture at any time.
 *
 * @param {object} options
 * @param {number} options.people how many people there are in the whole video
 * @param {number} options.samplesEach how often each person is observed
 * @param {number} options.stepMs time between two observations
 * @param {number} options.visible how many people are in the picture at any time
 */
export function walkers({ people, samplesEach, stepMs, visible }) {
  const count = people * samplesEach;
  const times = Uint32Array.from({ length: count }, (_, at) => {
    const person = Math.floor(at / samplesEach);
    const startMs = Math.floor((person * samplesEach * stepMs) / visible);
    return startMs + (at % samplesEach) * stepMs;
  });
  return observations(
    Array.from({ length: people }, (_, person) => [person, samplesEach]),
    times,
  );
}

/**
 * Returns observations whose boxes follow from their number: the box at `n` is `n` thousandths from the left.
 *
 * @param {[person: number, count: number][]} people index and number of observations of each person
 * @param {Iterable<number>} timesMs of all observations
 */
export function observations(people, timesMs) {
  const times = Uint32Array.from(timesMs);
  const starts = new Uint32Array(people.length + 1);
  people.forEach(([, count], at) => {
    starts[at + 1] = starts[at] + count;
  });
  /** @param {(at: number) => number} value */
  const column = (value) => Float64Array.from({ length: times.length }, (_, at) => value(at));
  return {
    people: Uint32Array.from(people, ([person]) => person),
    starts,
    timesMs: times,
    lefts: column((at) => (at % 900) / 1000),
    tops: column(() => 0.25),
    widths: column(() => 0.05),
    heights: column(() => 0.5),
  };
}

/**
 * Counts how often observations are read.
 *
 * @template {Record<string, any>} Columns
 * @param {Columns} columns
 * @returns {{columns: Columns, reads: () => number}}
 */
export function countedReads(columns) {
  let reads = 0;
  const handler = {
    /** @param {any} target @param {string | symbol} key */
    get(target, key) {
      if (typeof key === "string" && /^\d+$/.test(key)) reads++;
      const value = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  };
  const names = ["timesMs", "lefts", "tops", "widths", "heights"];
  const counted = Object.fromEntries(names.map((name) => [name, new Proxy(columns[name], handler)]));
  return { columns: { ...columns, ...counted }, reads: () => reads };
}

/**
 * The state that all parts of the page share. A part changes it with `set` and follows it with `follow`.
 *
 * @template {object} State
 */
export class Store {
  /** @param {State} initial */
  constructor(initial) {
    /** @type {Readonly<State>} */
    this.state = initial;
    /** @type {Set<{names: ReadonlySet<keyof State>, react: (state: Readonly<State>) => void}>} */
    this.followers = new Set();
  }

  /**
   * Changes some members. Calls the followers of those that differ, in the order in which they began to
   * follow.
   *
   * @param {Partial<State>} changes
   */
  set(changes) {
    const before = this.state;
    this.state = { ...before, ...changes };
    const names = /** @type {(keyof State)[]} */ (Object.keys(changes));
    const changed = names.filter((name) => !Object.is(before[name], this.state[name]));
    for (const { names: followed, react } of this.followers) {
      if (changed.some((name) => followed.has(name))) react(this.state);
    }
  }

  /**
   * Calls a function now, and whenever one of the named members changes.
   *
   * @param {(keyof State)[]} names
   * @param {(state: Readonly<State>) => void} react
   */
  follow(names, react) {
    this.followers.add({ names: new Set(names), react });
    react(this.state);
  }
}

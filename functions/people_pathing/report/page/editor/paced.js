/** Share of the time that is left for other work: the shape that is dragged must follow the pointer. */
const IDLE_SHARE = 0.6;

/** Calls a function that takes some time, but not so often that there is no time for anything else. */
export class Paced {
  #work;
  #timer = 0;
  #earliestMs = 0;

  /** @param {() => void} work */
  constructor(work) {
    this.#work = work;
  }

  /** Calls the function soon; once for several calls. */
  soon() {
    if (this.#timer !== 0) return;
    const waitMs = this.#earliestMs - performance.now();
    if (waitMs <= 0) this.now();
    else this.#timer = setTimeout(() => this.now(), waitMs);
  }

  /** Calls the function at once. */
  now() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    const startMs = performance.now();
    this.#work();
    const endMs = performance.now();
    this.#earliestMs = endMs + ((endMs - startMs) * IDLE_SHARE) / (1 - IDLE_SHARE);
  }

  /** Calls the function at once if it is still to be called. */
  finish() {
    if (this.#timer !== 0) this.now();
  }
}

/** @typedef {import("#page/store.js").Store<import("#page/page_state.js").PageState>} PageStore */

/** After a pause of the browser, playback goes on where it was. */
const MAX_TICK_MS = 250;

/** Moves the time when no video does: without a video, and backwards. */
export class Clock {
  /**
   * @param {PageStore} store
   * @param {number} durationMs
   */
  constructor(store, durationMs) {
    this.store = store;
    this.durationMs = durationMs;
    this.isRunning = false;
    this.lastTick = 0;
    /** Whether a tick is pending. It outlasts a pause. */
    this.isTickPending = false;
  }

  /** @param {boolean} isRunning */
  run(isRunning) {
    if (isRunning && !this.isRunning) {
      this.lastTick = performance.now();
      this.requestTick();
    }
    this.isRunning = isRunning;
  }

  requestTick() {
    if (this.isTickPending) return;
    this.isTickPending = true;
    requestAnimationFrame((now) => this.tick(now));
  }

  /** @param {number} now in milliseconds */
  tick(now) {
    this.isTickPending = false;
    if (!this.isRunning) return;
    const passedMs = Math.min(Math.max(now - this.lastTick, 0), MAX_TICK_MS);
    this.lastTick = now;
    const { timeMs, speed } = this.store.state;
    const nextMs = Math.min(Math.max(timeMs + passedMs * speed, 0), this.durationMs);
    const isAtEnd = speed > 0 ? nextMs >= this.durationMs : nextMs <= 0;
    this.store.set(isAtEnd ? { timeMs: nextMs, isPlaying: false } : { timeMs: nextMs });
    if (this.isRunning) this.requestTick();
  }
}

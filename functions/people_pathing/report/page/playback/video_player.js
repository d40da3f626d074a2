import { element } from "#page/display/elements.js";
import { frameMs } from "#page/playback/sampling.js";

/** @typedef {import("#page/store.js").Store<import("#page/page_state.js").PageState>} PageStore */

/** Times in the results are cut to milliseconds, so a frame starts up to 1 ms after its time. */
const INTO_FRAME_MS = 1;

/**
 * A video whose frames set the time while it plays, and which shows the time that others set.
 */
export class VideoPlayer {
  /**
   * @param {import("#page/data/report_data.js").Video} video
   * @param {PageStore} store
   * @param {object} reactions
   * @param {() => void} reactions.ready the video can be shown now
   * @param {() => void} reactions.failed the browser cannot play it
   */
  constructor(video, store, { ready, failed }) {
    this.store = store;
    this.durationMs = video.durationMs;
    /** Time of the first frame in the player's time. */
    this.startMs = video.startMs;
    this.halfFrameMs = frameMs(video) / 2;
    /** Time that this player has set. Another time was set by somebody else. */
    this.ownTimeMs = store.state.timeMs;
    /** Time to seek when the current seek has ended. @type {number | null} */
    this.nextSeekMs = null;
    this.isReady = false;
    this.isRunning = false;
    /** Whether a call for the next frame is pending. It outlasts a pause. */
    this.isFollowing = false;
    this.element = element("video", {
      playsinline: "",
      preload: "auto",
      "aria-label": `Video ${video.name}`,
    });
    // The report is about what can be seen.
    this.element.muted = true;
    this.element.hidden = true;
    // Some phones load pictures only when the video is played or a time is chosen.
    this.element.addEventListener("loadedmetadata", () => {
      // A file with sound only has no picture.
      if (this.element.videoWidth === 0) return this.fail(failed);
      this.isReady = true;
      this.element.hidden = false;
      this.seek(store.state.timeMs);
      ready();
    });
    this.element.addEventListener("error", () => this.fail(failed));
    this.element.addEventListener("seeked", () => this.seekAgain());
    this.element.addEventListener("ended", () => {
      if (this.isRunning) store.set({ isPlaying: false });
    });
    store.follow(["timeMs"], ({ timeMs }) => {
      if (this.isReady && Math.abs(timeMs - this.ownTimeMs) > this.halfFrameMs) this.seek(timeMs);
    });
  }

  /**
   * Loads a video. It is ready later, or fails.
   *
   * @param {string} source address
   * @param {number} startMs time of its first frame in the player's time
   */
  load(source, startMs) {
    this.startMs = startMs;
    this.isReady = false;
    this.element.hidden = true;
    this.element.src = source;
    this.element.load();
  }

  /**
   * @param {boolean} isRunning
   * @param {number} speed above 0 if the video runs
   */
  run(isRunning, speed) {
    this.element.playbackRate = speed > 0 ? speed : 1;
    if (isRunning === this.isRunning) return;
    this.isRunning = isRunning;
    if (!isRunning) return this.element.pause();
    this.element.play().catch(() => {
      // Pausing interrupts a start. Only if the video should still play, it cannot.
      if (this.isRunning) this.store.set({ isPlaying: false });
    });
    this.followFrames();
  }

  /** @param {number} timeMs */
  seek(timeMs) {
    this.ownTimeMs = timeMs;
    // A browser that is still seeking would start again, and show nothing while the handle is dragged.
    if (this.element.seeking) this.nextSeekMs = timeMs;
    else this.element.currentTime = (this.startMs + timeMs + INTO_FRAME_MS) / 1000;
  }

  /** Seeks once more if another time was set during the last seek. */
  seekAgain() {
    const timeMs = this.nextSeekMs;
    this.nextSeekMs = null;
    if (timeMs !== null) this.seek(timeMs);
  }

  /** Sets the time for each frame that is shown, until the video stops. */
  followFrames() {
    if (!this.isRunning || this.isFollowing) return;
    this.isFollowing = true;
    if ("requestVideoFrameCallback" in this.element) {
      this.element.requestVideoFrameCallback((_, { mediaTime }) => this.showFrame(mediaTime * 1000));
    } else {
      const video = /** @type {HTMLVideoElement} */ (this.element);
      requestAnimationFrame(() => this.showFrame(video.currentTime * 1000));
    }
  }

  /** @param {number} playerMs in the player's time */
  showFrame(playerMs) {
    this.isFollowing = false;
    if (!this.isRunning) return;
    // A frame that arrives during a seek is older than the time that was set.
    if (!this.element.seeking) {
      this.ownTimeMs = Math.min(Math.max(0, playerMs - this.startMs), this.durationMs);
      this.store.set({ timeMs: this.ownTimeMs });
    }
    this.followFrames();
  }

  /** @param {() => void} failed */
  fail(failed) {
    this.isReady = false;
    this.element.hidden = true;
    failed();
  }
}

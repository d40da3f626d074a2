import { Clock } from "#page/playback/clock.js";

/** @typedef {import("#page/store.js").Store<import("#page/page_state.js").PageState>} PageStore */

/**
 * Returns the changes that play or pause the video. After playing backwards, it plays forwards.
 *
 * @param {{isPlaying: boolean, speed: number}} state
 * @returns {{isPlaying: boolean, speed?: number}}
 */
export function toggled({ isPlaying, speed }) {
  return { isPlaying: !isPlaying, ...(speed < 0 ? { speed: 1 } : {}) };
}

/**
 * Plays the video forwards, and moves the time itself if the video cannot: without a video, and backwards.
 *
 * @param {PageStore} store
 * @param {import("#page/playback/video_player.js").VideoPlayer} player
 * @param {number} durationMs
 * @returns {() => void} to be called when the video has become ready, or has failed
 */
export function connectPlayback(store, player, durationMs) {
  const clock = new Clock(store, durationMs);
  const update = () => {
    const { isPlaying, speed, timeMs } = store.state;
    if (isPlaying && speed > 0 && timeMs >= durationMs) store.set({ timeMs: 0 });
    const usesVideo = player.isReady && speed > 0;
    player.run(isPlaying && usesVideo, speed);
    clock.run(isPlaying && !usesVideo);
  };
  store.follow(["isPlaying", "speed"], update);
  return update;
}

import { longestStepMs, sampleStepMs } from "#page/playback/sampling.js";
import { makeControls } from "#page/playback/controls.js";
import { TRAIL_MS } from "#page/stage/moment_drawing.js";
import { PersonTimeIndex } from "#page/stage/person_time_index.js";
import { makePicture } from "#page/stage/picture.js";
import { connectPlayback } from "#page/playback/playback.js";
import { VideoNotice } from "#page/playback/video_notice.js";
import { VideoPlayer } from "#page/playback/video_player.js";

/**
 * Shows the video with everything that is drawn over it, and its controls.
 *
 * @param {HTMLElement} place
 * @param {import("#page/data/report_data.js").Report} report
 * @param {import("#page/store.js").Store<import("#page/page_state.js").PageState>} store
 */
export function mountStage(place, report, store) {
  const { video } = report;
  const stepMs = sampleStepMs(video);
  const index = new PersonTimeIndex(report.observations, {
    maxStepMs: longestStepMs(video),
    presentAfterMs: stepMs / 2,
    keptMs: TRAIL_MS,
  });
  const { picture, legend } = makePicture(video, index, store);
  const controls = makeControls(index, store, video.durationMs);
  let source = video.source;
  /** @param {string} address */
  const load = (address) => {
    source = address;
    // The annotated video begins with its first frame.
    player.load(address, address === video.annotatedSource ? 0 : video.startMs);
  };
  const notice = new VideoNotice(video, load);
  const player = new VideoPlayer(video, store, {
    ready() {
      notice.showPlaying(player.element, player.startMs);
      updatePlayback();
    },
    failed() {
      notice.showFailed(source ?? video.name);
      showPaths(store);
      updatePlayback();
    },
  });
  const updatePlayback = connectPlayback(store, player, video.durationMs);
  picture.prepend(player.element);
  place.replaceChildren(notice.element, picture, controls, legend);
  if (source !== null) return load(source);
  notice.showMissing();
  showPaths(store);
}

/**
 * Shows all paths, because there is no picture.
 *
 * @param {import("#page/store.js").Store<import("#page/page_state.js").PageState>} store
 */
function showPaths(store) {
  store.set({ layers: { ...store.state.layers, paths: true } });
}

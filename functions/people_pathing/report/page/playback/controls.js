import { button, element, setText, svgElement } from "#page/display/elements.js";
import { formatClock, formatCountOf, formatVideoTenths } from "#page/display/format.js";
import { toggled } from "#page/playback/playback.js";
import { makeScrubber } from "#page/playback/scrubber.js";

/** @typedef {import("#page/store.js").Store<import("#page/page_state.js").PageState>} PageStore */

const SPEEDS = [1, 2, 4];
const PLAY_SHAPE = "M8 5v14l11-7z";
const PAUSE_SHAPE = "M7 5h4v14H7zM14 5h4v14h-4z";

/**
 * Makes the button to play, the scrubber, the speeds and the time.
 *
 * @param {import("#page/stage/person_time_index.js").PersonTimeIndex} index
 * @param {PageStore} store
 * @param {number} durationMs
 */
export function makeControls(index, store, durationMs) {
  return element(
    "div",
    { class: "stage-controls" },
    playButton(store),
    makeScrubber(store, durationMs),
    speedButtons(store),
    timeText(index, store, durationMs),
  );
}

/** @param {PageStore} store */
function playButton(store) {
  const shape = svgElement("path", { d: PLAY_SHAPE });
  const icon = svgElement("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, shape);
  const play = button("", () => store.set(toggled(store.state)), { class: "play" });
  play.append(icon);
  store.follow(["isPlaying"], ({ isPlaying }) => {
    const name = isPlaying ? "Pause" : "Play";
    play.setAttribute("aria-label", name);
    play.title = `${name} (Space)`;
    shape.setAttribute("d", isPlaying ? PAUSE_SHAPE : PLAY_SHAPE);
  });
  return play;
}

/** @param {PageStore} store */
function speedButtons(store) {
  const group = element("div", { class: "speeds", role: "group", "aria-label": "Speed" });
  for (const speed of SPEEDS) {
    const choose = button(`${speed}×`, () => store.set({ speed }));
    store.follow(["speed"], (state) => choose.setAttribute("aria-pressed", String(state.speed === speed)));
    group.append(choose);
  }
  return group;
}

/**
 * @param {import("#page/stage/person_time_index.js").PersonTimeIndex} index
 * @param {PageStore} store
 * @param {number} durationMs
 */
function timeText(index, store, durationMs) {
  const position = element("span");
  const clock = element("span", { class: "quiet" });
  const present = element("span", { class: "quiet" });
  store.follow(["timeMs", "visiblePeople", "counts", "speed"], (state) => {
    const { timeMs, visiblePeople, counts, speed } = state;
    const backwards = speed < 0 ? `, ${-speed}× backwards` : "";
    setText(position, `${formatVideoTenths(timeMs)} / ${formatVideoTenths(durationMs)}${backwards}`);
    const { recordedAtMs, timezone } = counts.recording;
    setText(
      clock,
      recordedAtMs === null ? "" : `${formatClock(recordedAtMs + timeMs, timezone)} ${timezone}`,
    );
    const people = index.at(timeMs).filter((one) => one.isPresent && visiblePeople.has(one.person));
    setText(present, `${formatCountOf(people.length, "person", "people")} visible`);
  });
  return element("div", { class: "time small" }, position, clock, present);
}

import { decodedName } from "#page/display/addresses.js";
import { button, element } from "#page/display/elements.js";
import { formatDuration } from "#page/display/format.js";

/** Two videos of the same length differ by at most that. */
const LENGTH_TOLERANCE_MS = 2000;

/** Says that the video is missing, or that another one is shown, and offers what can be shown instead. */
export class VideoNotice {
  /**
   * @param {import("#page/data/report_data.js").Video} video
   * @param {(source: string) => void} load shows another video
   */
  constructor(video, load) {
    this.video = video;
    this.load = load;
    this.text = element("p");
    this.actions = element("div");
    this.element = element(
      "div",
      { class: "stage-notice problem", role: "status", hidden: "" },
      this.text,
      this.actions,
    );
    /** Address of the file that the user has chosen. @type {string | null} */
    this.chosen = null;
    this.file = element("input", { type: "file", accept: "video/*", hidden: "", "aria-label": "Video file" });
    this.file.addEventListener("change", () => this.loadFile());
    this.element.append(this.file);
  }

  /** Shows that there is no address of the video. */
  showMissing() {
    this.show(`This page does not know where “${this.video.name}” is. Everything else works without it.`);
  }

  /**
   * Shows that a video cannot be played.
   *
   * @param {string} source its address
   */
  showFailed(source) {
    const name = source === this.chosen ? "the chosen file" : `“${decoded(source)}”`;
    if (source === this.video.annotatedSource) {
      this.show("This browser cannot find or play the annotated video, either. Everything else works without it.");
      return;
    }
    const advice =
      this.video.annotatedSource === null
        ? " The command people-pathing annotate writes a copy that every browser plays."
        : "";
    this.show(`This browser cannot find or play ${name}. Everything else works without the video.${advice}`);
  }

  /**
   * Hides the notice, or says that the video looks like another one than that of the results.
   *
   * @param {HTMLVideoElement} shown
   * @param {number} startMs time of its first frame in the player's time
   */
  showPlaying({ duration, videoWidth, videoHeight }, startMs) {
    const { durationMs, widthPx, heightPx } = this.video;
    const shownMs = duration * 1000 - startMs;
    const hasOtherLength = Number.isFinite(shownMs) && Math.abs(shownMs - durationMs) > LENGTH_TOLERANCE_MS;
    const hasOtherShape = Math.abs(videoWidth / videoHeight / (widthPx / heightPx) - 1) > 0.02;
    this.element.hidden = !(hasOtherLength || hasOtherShape);
    if (this.element.hidden) return;
    const lengths = `It lasts ${formatDuration(shownMs)} instead of ${formatDuration(durationMs)}`;
    const shapes = `it has ${videoWidth} × ${videoHeight} pixels instead of ${widthPx} × ${heightPx}`;
    this.show(`This is probably another video than the one that was tracked. ${lengths}, and ${shapes}.`);
  }

  /** @param {string} text */
  show(text) {
    const { annotatedSource } = this.video;
    this.text.textContent = text;
    this.actions.replaceChildren(button("Choose the video file", () => this.file.click()));
    if (annotatedSource !== null) {
      this.actions.append(button("Show the annotated video", () => this.load(annotatedSource)));
    }
    this.element.hidden = false;
  }

  /** Shows the file that the user has chosen. It stays on this device. */
  loadFile() {
    const file = this.file.files?.[0];
    if (!file) return;
    if (this.chosen !== null) URL.revokeObjectURL(this.chosen);
    this.chosen = URL.createObjectURL(file);
    this.load(this.chosen);
    this.file.value = "";
  }
}

/**
 * Returns the readable end of an address.
 *
 * @param {string} source
 */
function decoded(source) {
  const name = source.split(/[?#]/)[0].split("/").pop() ?? source;
  return decodedName(name) ?? name;
}

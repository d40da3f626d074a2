import { element } from "#page/display/elements.js";
import { formatCount, formatCountOf, formatDecimal } from "#page/display/format.js";

/** @typedef {Readonly<Record<string, unknown>>} Provenance */

/**
 * Says why nobody counts, if nobody does.
 *
 * @param {HTMLElement} place
 * @param {import("#page/data/report_data.js").Report} report
 * @param {import("#page/store.js").Store<import("#page/page_state.js").PageState>} store
 */
export function mountEmptyNotice(place, report, store) {
  const found = report.observations.people.length;
  store.follow(["counts"], ({ counts }) => {
    place.hidden = counts.people.length > 0;
    if (place.hidden) return;
    const content = found > 0 ? excludedText(found, counts.excluded) : notFoundText(report);
    place.replaceChildren(element("div", { class: "problem" }, ...content));
  });
}

/**
 * @param {number} found
 * @param {import("#page/counting/count_video.js").VideoCounts["excluded"]} excluded
 */
function excludedText(found, { staff, seenTooShort }) {
  const people = formatCountOf(found, "person was", "people were");
  const reasons = `${formatCount(staff)} as staff, ${formatCount(seenTooShort)} who were seen too briefly`;
  return [
    element("h2", {}, "Nobody counts in this video"),
    element("p", {}, `${people} found, but all are left out: ${reasons}. The rules are in zones.json.`),
  ];
}

/** @param {import("#page/data/report_data.js").Report} report */
function notFoundText(report) {
  return [
    element("h2", {}, "No people were found in this video"),
    element("p", {}, "If there are people in it, these may be the reasons:"),
    element("ul", {}, ...emptyReasons(report).map((reason) => element("li", {}, reason))),
  ];
}

/**
 * Returns why people in a video may not have been found, the most likely reason first.
 *
 * @param {Pick<import("#page/data/report_data.js").Report, "video" | "provenance">} report
 * @returns {string[]}
 */
export function emptyReasons({ video, provenance }) {
  const made = provenance ?? {};
  const warnings = Array.isArray(made.warnings) ? made.warnings.map(String) : [];
  return [
    ...warnings,
    ...framesReason(made),
    sizeReason(video, made),
    ...samplingReason(made),
    ...masksReason(made),
  ];
}

/** @param {Provenance} made */
function framesReason({ frames_decoded: decoded, frames_expected: expected }) {
  if (typeof decoded !== "number" || typeof expected !== "number" || decoded >= expected) return [];
  return [`Only ${formatCount(decoded)} of ${formatCount(expected)} frames could be decoded.`];
}

/**
 * @param {import("#page/data/report_data.js").Video} video
 * @param {Provenance} made
 */
function sizeReason({ widthPx, heightPx }, { input_width_px: inputWidthPx, input_height_px: inputHeightPx }) {
  const reason = "The people are too small, too dark or mostly hidden.";
  if (typeof inputWidthPx !== "number" || typeof inputHeightPx !== "number") return reason;
  const scaled = `${inputWidthPx} × ${inputHeightPx}`;
  return `${reason} Frames of ${widthPx} × ${heightPx} pixels were searched as images of ${scaled} pixels.`;
}

/** @param {Provenance} made */
function samplingReason({ search_fps: searchFps, sample_fps: sampleFps }) {
  const fps = typeof searchFps === "number" ? searchFps : sampleFps;
  if (typeof fps !== "number" || fps <= 0) return [];
  return [`They were seen too briefly. People were searched in ${formatDecimal(fps, 1)} frames per second.`];
}

/** @param {Provenance} made */
function masksReason({ masked_areas: areas }) {
  if (typeof areas !== "number" || areas <= 0) return [];
  return [`They were in an area that is masked and never analysed. The picture has ${formatCount(areas)}.`];
}

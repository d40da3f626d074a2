import assert from "node:assert/strict";
import { test } from "node:test";

import { emptyReasons } from "../../../functions/people_pathing/report/page/frame/empty_notice.js";

const VIDEO = { widthPx: 1920, heightPx: 1080, sampleFps: 15 };

test("a result that says how it was made gives its own reasons, warnings first", () => {
  const provenance = {
    warnings: ["The video is damaged."],
    frames_decoded: 10,
    frames_expected: 1200,
    input_width_px: 640,
    input_height_px: 384,
    search_fps: 7.5,
    masked_areas: 2,
  };

  assert.deepEqual(emptyReasons({ video: VIDEO, provenance }), [
    "The video is damaged.",
    "Only 10 of 1,200 frames could be decoded.",
    "The people are too small, too dark or mostly hidden. " +
      "Frames of 1920 × 1080 pixels were searched as images of 640 × 384 pixels.",
    "They were seen too briefly. People were searched in 7.5 frames per second.",
    "They were in an area that is masked and never analysed. The picture has 2.",
  ]);
});

test("a result that says nothing gives the usual reason", () => {
  const usual = ["The people are too small, too dark or mostly hidden."];

  assert.deepEqual(emptyReasons({ video: VIDEO, provenance: null }), usual);
  assert.deepEqual(
    emptyReasons({ video: VIDEO, provenance: { input_width_px: "unknown", search_fps: "unknown" } }),
    usual,
  );
});

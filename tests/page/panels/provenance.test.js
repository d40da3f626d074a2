import assert from "node:assert/strict";
import { test } from "node:test";

import {
  provenanceFacts,
  provenanceWarnings,
} from "../../../functions/people_pathing/report/page/panels/provenance_facts.js";
import { smallReport } from "./small_report.js";

const SHA256 = "c789161ed43c8269fcd4e67c67eeeb4e80c622da2eb296a20bc6007bd18a0b7d";
const MADE = {
  version: "0.2.0",
  tracked_at: "2026-11-26T12:00:00Z",
  detector: "yolox (yolox_nano.onnx)",
  model_sha256: SHA256,
  reidentifier: null,
  reidentification_model_sha256: null,
  face_detector: "unknown",
  face_model_sha256: "unknown",
  sample_fps: 12.5,
  search_fps: 6.25,
  input_width_px: 640,
  input_height_px: 480,
  masked_areas: 0,
  frames_decoded: 1790,
  frames_expected: 1800,
  warnings: ["10 frames are missing."],
};

/**
 * @param {Record<string, unknown> | null} provenance
 * @param {Parameters<typeof smallReport>[0]} [changes]
 */
function factsOf(provenance, changes) {
  const { report, zonesFile } = smallReport(changes);
  const facts = provenanceFacts({ ...report, provenance }, zonesFile);
  return new Map(facts.map((fact) => [fact.name, fact]));
}

test("facts are sentences with units, and the hash of a model is complete", () => {
  const facts = factsOf(MADE);

  assert.deepEqual(facts.get("Detector"), {
    name: "Detector",
    value: "yolox (yolox_nano.onnx)",
    sha256: SHA256,
  });
  assert.equal(facts.get("Re-identification")?.value, "none");
  assert.deepEqual(facts.get("Face detector"), { name: "Face detector", value: "unknown" });
  assert.equal(facts.get("Frames decoded")?.value, "1,790 of 1,800 expected");
  assert.equal(facts.get("Input of the detector")?.value, "640 × 480 pixels");
  assert.match(
    facts.get("Sampling")?.value ?? "",
    /^12\.5 frames per second, people searched in 6\.3 of them/,
  );
  assert.equal(facts.get("Tracked at")?.value, "26 Nov 2026, 12:00:00 UTC");
  assert.match(facts.get("Reviewed")?.value ?? "", /^no/);
});

test("people who were erased are counted and not named", () => {
  const facts = factsOf({ ...MADE, erased: { people: 2, at: "2026-11-26T12:00:00Z" } });
  assert.equal(
    facts.get("Erased")?.value,
    "people who are not in these results any more: 2; last on 26 Nov 2026, 12:00:00 UTC",
  );
  assert.equal(factsOf(MADE).has("Erased"), false);
});

test("a review and the source of the time of recording are named", () => {
  const reviewed = { at: "2026-11-27T08:00:00Z", with: "mot", file_sha256: SHA256 };
  const facts = factsOf(
    { ...MADE, reviewed },
    { zones: { timezone: "Europe/Berlin" }, recordedAtMs: Date.UTC(2026, 2, 2, 8) },
  );

  assert.equal(facts.get("Reviewed")?.value, "27 Nov 2026, 08:00:00 UTC, with a file in the format mot");
  assert.equal(
    facts.get("Recorded at")?.value,
    "2 Mar 2026, 09:00:00 Europe/Berlin, from the name of the file",
  );
  assert.equal(facts.get("Time zone")?.value, "Europe/Berlin, from zones.json");
});

test("results of another service have only the facts that are known", () => {
  const facts = factsOf(null);

  assert.equal(facts.has("Detector"), false);
  assert.equal(facts.get("Recorded at")?.value, "unknown; times count from the start of the video");
  assert.deepEqual(provenanceWarnings(null), [
    "The service that tracked this video does not report how it did so.",
  ]);
});

test("warnings are shown as they are", () => {
  assert.deepEqual(provenanceWarnings(MADE), ["10 frames are missing."]);
  assert.deepEqual(provenanceWarnings({}), []);
});

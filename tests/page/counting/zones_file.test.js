/** Invalid files of zones give the same messages as in Python. Their other half is test_zones_file.py. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { zonesFileText } from "../../../functions/people_pathing/report/page/counting/zones_file/writing.js";
import {
  readZonesFile,
  readZonesText,
  ZonesFileError,
} from "../../../functions/people_pathing/report/page/counting/zones_file.js";

const VECTORS = new URL("../../vectors/zones/", import.meta.url);

/** @param {string} name */
const vectors = (name) => JSON.parse(readFileSync(new URL(name, VECTORS), "utf8"));

for (const { document, error } of vectors("invalid_documents.json")) {
  test(`a document is refused: ${error}`, () => {
    assert.throws(() => readZonesText(JSON.stringify(document)), new ZonesFileError(error));
    assert.throws(() => readZonesFile(document), new ZonesFileError(error));
  });
}

for (const { text, error } of vectors("invalid_texts.json")) {
  test(`a text is refused: ${error}`, () => {
    assert.throws(() => readZonesText(text), new ZonesFileError(error));
  });
}

test("JSON that is nested too deeply is refused", () => {
  assert.throws(
    () => readZonesText("[".repeat(100_000)),
    new ZonesFileError("the JSON is nested too deeply"),
  );
});

test("a written file is read as it was", () => {
  const zonesFile = readZonesFile({
    version: 1,
    timezone: "Europe/Berlin",
    zones: [
      {
        name: "“till” 1",
        polygon: [
          [0, 0],
          [1, 0],
          [0.123456789, 1],
        ],
        staff_after_ms: 5,
      },
    ],
    lines: [{ name: "door", start: [0, 0.5], end: [1, 0.5] }],
  });

  const text = zonesFileText(zonesFile);

  assert.deepEqual(readZonesText(text), zonesFile);
  assert.match(text, /\n  "timezone": "Europe\/Berlin",\n  "rules": \{"margin": 0.05, /);
  assert.doesNotMatch(text, /undefined|null/);
});

test("whole milliseconds can have a decimal point", () => {
  assert.equal(readZonesText('{"version": 1, "rules": {"confirm_ms": 5.0}}').rules.confirm_ms, 5);
});

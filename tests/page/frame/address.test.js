import assert from "node:assert/strict";
import { test } from "node:test";

import { readAddress, writeAddress } from "../../../functions/people_pathing/report/page/frame/address.js";

const USUAL = {
  timeMs: 0,
  selectedPerson: null,
  filters: { section: null, fromMs: 0, toMs: 60_000, minimumSeenMs: 0, withoutStaff: false },
  layers: { boxes: true, trails: true, paths: false, heatMap: false, zones: true },
};
const KNOWN = {
  durationMs: 60_000,
  hasPerson: (/** @type {number} */ person) => [0, 3].includes(person),
  hasSection: (/** @type {string} */ name) => ["door", "Kasse & Tür #1"].includes(name),
};
const PLACE = {
  timeMs: 12_345,
  selectedPerson: 0,
  filters: { section: "Kasse & Tür #1", fromMs: 1000, toMs: 30_500, minimumSeenMs: 2000, withoutStaff: true },
  layers: { boxes: false, trails: false, paths: true, heatMap: true, zones: false },
};

test("an address leads to the place that it was written for", () => {
  assert.deepEqual(readAddress(`#${writeAddress(PLACE, USUAL)}`, USUAL, KNOWN), PLACE);
});

test("an address without layers leads to a picture without layers", () => {
  const layers = { boxes: false, trails: false, paths: false, heatMap: false, zones: false };

  assert.deepEqual(readAddress(writeAddress({ ...USUAL, layers }, USUAL), USUAL, KNOWN).layers, layers);
});

test("an address is short and readable", () => {
  const place = { ...USUAL, timeMs: 12_340, selectedPerson: 3, layers: { ...USUAL.layers, heatMap: true } };

  assert.equal(writeAddress(USUAL, USUAL), "");
  assert.equal(writeAddress(place, USUAL), "t=12.34&person=3&layers=boxes+trails+heat-map+zones");
});

const HOSTILE = [
  "",
  "#people",
  "t=NaN&person=NaN",
  "t=-1&person=-1",
  "t=1e9&from=1e9",
  "t=Infinity&seen=Infinity",
  "person=4&section=window",
  "person=0x0&person=__proto__",
  "section=__proto__",
  "section=<img src=x onerror=alert(1)>",
  "layers=boxes+<script>",
  "layers=constructor",
  "staff=maybe",
  "from=50&to=10",
  "%E0%A4%A&t=%",
  "t".repeat(100_000),
  `t=3&x=${"y".repeat(5000)}`,
];

for (const address of HOSTILE) {
  test(`the address ${JSON.stringify(address.slice(0, 40))} changes nothing`, () => {
    assert.deepEqual(readAddress(address, USUAL, KNOWN), USUAL);
  });
}

test("times after the end of the video lead to its end", () => {
  assert.equal(readAddress("t=999", USUAL, KNOWN).timeMs, 60_000);
});

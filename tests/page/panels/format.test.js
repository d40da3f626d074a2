import assert from "node:assert/strict";
import { test } from "node:test";

import {
  clockOffsetMs,
  formatClock,
  formatCount,
  formatCountOf,
  formatDecimal,
  formatDuration,
  formatMoment,
  formatShare,
  formatVideoTenths,
  formatVideoTime,
  parseVideoTime,
} from "../../../functions/people_pathing/report/page/display/format.js";
import { momentText } from "../../../functions/people_pathing/report/page/display/moments.js";

const MARCH_MS = Date.UTC(2026, 2, 2, 8, 0, 0);

test("a length of time has units that fit it", () => {
  const texts = [0, 3840, 59_949, 59_951, 125_000, 3_599_400, 3_599_500, 3_720_000].map(formatDuration);

  assert.deepEqual(
    texts.map((text) => text.replaceAll("\u00a0", " ")),
    ["0.0 s", "3.8 s", "59.9 s", "1 min 00 s", "2 min 05 s", "59 min 59 s", "1 h 00 min", "1 h 02 min"],
  );
  assert.equal(formatDuration(null), "–");
});

test("a time of the video is cut, never rounded up to a time that is not there yet", () => {
  assert.equal(formatVideoTime(59_999), "0:59");
  assert.equal(formatVideoTime(3_600_000), "1:00:00");
  assert.equal(formatVideoTenths(61_999), "1:01.9");
});

test("a time is read in every form in which people write it", () => {
  assert.equal(parseVideoTime("42"), 42_000);
  assert.equal(parseVideoTime(" 1:02.5 "), 62_500);
  assert.equal(parseVideoTime("1:02,5"), 62_500);
  assert.equal(parseVideoTime("1:00:01"), 3_601_000);
  for (const text of ["", "soon", "1:2:3:4", "-5", "1:"]) assert.equal(parseVideoTime(text), null, text);
});

test("a time that is shown is read as the same time", () => {
  for (const atMs of [0, 900, 61_200, 3_723_400]) assert.equal(parseVideoTime(formatVideoTenths(atMs)), atMs);
});

test("times of day follow the time zone of the recording", () => {
  assert.equal(formatClock(MARCH_MS, "Europe/Berlin"), "09:00:00");
  assert.equal(formatMoment(MARCH_MS, "Europe/Berlin"), "2 Mar 2026, 09:00:00 Europe/Berlin");
  assert.equal(
    momentText(1500, { durationMs: 2000, recordedAtMs: MARCH_MS, timezone: "UTC" }),
    "0:01.5 (08:00:01)",
  );
  assert.equal(momentText(1500, { durationMs: 2000, recordedAtMs: null, timezone: "UTC" }), "0:01.5");
});

test("midnight is 00 o'clock", () => {
  assert.equal(formatClock(Date.UTC(2026, 2, 2, 0, 5, 0), "UTC"), "00:05:00");
  assert.equal(clockOffsetMs(Date.UTC(2026, 2, 1, 23, 0, 0), "Europe/Berlin"), 3_600_000);
});

test("the offset from UTC is that of the moment", () => {
  assert.equal(clockOffsetMs(MARCH_MS, "Europe/Berlin"), 3_600_000);
  assert.equal(clockOffsetMs(Date.UTC(2026, 6, 1), "Europe/Berlin"), 7_200_000);
  assert.equal(clockOffsetMs(MARCH_MS + 250, "Asia/Kathmandu"), 20_700_000);
});

test("numbers have separators, signs and nouns", () => {
  assert.equal(formatCount(12_345), "12,345");
  assert.equal(formatCountOf(1, "person", "people"), "1 person");
  assert.equal(formatCountOf(0, "person", "people"), "0 people");
  assert.equal(formatShare(0.64).replace("\u00a0", " "), "64 %");
  assert.equal(formatDecimal(-1.25, 1), "−1.3");
});

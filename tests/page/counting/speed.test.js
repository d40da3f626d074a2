/** Counting is fast enough to follow a zone that is dragged. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { countVideo } from "../../../functions/people_pathing/report/page/counting/count_video.js";
import { readZonesFile } from "../../../functions/people_pathing/report/page/counting/zones_file.js";
import { reportOf } from "./reports.js";

const PEOPLE = 500;
const OBSERVATIONS = 200_000;
const DURATION_MS = 3_600_000;
const BUDGET_MS = 300;

/** People who walk up and down the picture for 40 seconds each. */
function crowd() {
  const each = OBSERVATIONS / PEOPLE;
  return Array.from({ length: OBSERVATIONS }, (_, number) => {
    const person = Math.floor(number / each);
    const at = number % each;
    const x = Math.abs(((((person * 0.618) % 1) + at / 80) % 2) - 1) * 0.9;
    return [person, person * 7000 + at * 100, x, (person * 0.382 + at / 500) % 0.7, 0.05, 0.25];
  });
}

const SECTIONS = [0, 1, 2, 3, 4];
const ZONES = readZonesFile({
  version: 1,
  timezone: "Europe/Berlin",
  zones: SECTIONS.map((at) => {
    const [left, top] = [0.15 * at, 0.1 + 0.1 * at];
    return {
      name: `zone ${at}`,
      polygon: [
        [left, top],
        [left + 0.2, top],
        [left + 0.3, top + 0.3],
        [left, top + 0.4],
      ],
    };
  }),
  lines: SECTIONS.map((at) => ({ name: `line ${at}`, start: [0.1 + 0.2 * at, 1], end: [0.1 + 0.2 * at, 0] })),
});

/** @param {() => void} work */
function cpuMs(work) {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

test("200,000 observations at 5 zones and 5 lines are counted in less than 300 ms", () => {
  const report = reportOf({
    ...{ frame: { width_px: 1920, height_px: 1080 }, duration_ms: DURATION_MS, interval_minutes: 15 },
    ...{ recorded_at: "2026-03-02T08:00:00Z", observations: crowd(), zones: null },
  });
  const rounds = SECTIONS.map(() => cpuMs(() => countVideo(report, structuredClone(ZONES))));
  const moved = { ...ZONES.zones[0], polygon: ZONES.zones[1].polygon };
  countVideo(report, ZONES);
  const dragged = { ...ZONES, zones: [moved, ...ZONES.zones.slice(1)] };
  const draggedMs = cpuMs(() => countVideo(report, dragged));
  const found = countVideo(report, dragged);

  console.log(
    `all sections: ${rounds.map(Math.round).join(", ")} ms; one changed zone: ${draggedMs.toFixed(1)} ms`,
  );
  assert.ok(found.events.length > 10_000);
  assert.ok(Math.min(...rounds) < BUDGET_MS);
  assert.ok(draggedMs < BUDGET_MS);
});

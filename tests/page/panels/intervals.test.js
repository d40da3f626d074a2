import assert from "node:assert/strict";
import { test } from "node:test";

import {
  intervalLabel,
  intervalTable,
  usefulMinutes,
} from "../../../functions/people_pathing/report/page/panels/interval_rows.js";
import { smallReport, walk } from "./small_report.js";

const RECORDED_AT_MS = Date.UTC(2026, 2, 2, 8, 59, 55);

test("a row has the figures of one interval, labelled by the local clock", () => {
  const { counts, zonesFile } = smallReport({
    zones: { timezone: "Europe/Berlin" },
    recordedAtMs: RECORDED_AT_MS,
  });
  const { columns, rows } = intervalTable(counts, zonesFile, 1);

  assert.deepEqual(
    columns.map(({ section, figure }) => `${section} ${figure}`),
    ["Picture people", "Picture most at once", "left visits", "right visits", "middle in", "middle out"],
  );
  assert.deepEqual(
    rows.map(({ label, startMs, endMs }) => ({ label, startMs, endMs })),
    [
      { label: "2026-03-02 09:59", startMs: 0, endMs: 5000 },
      { label: "2026-03-02 10:00", startMs: 5000, endMs: 20_000 },
    ],
  );
  // Until 5 s: persons 0, 3 and 5 came, and person 0 crossed the line. Later person 5 did.
  assert.deepEqual(rows[0].values, [3, 3, 2, 2, 0, 1]);
  assert.deepEqual(rows[1].values, [3, 3, 2, 0, 1, 0]);
});

test("a label without a date stays as it is", () => {
  assert.equal(intervalLabel("0:15:00"), "0:15:00");
  const { counts, zonesFile } = smallReport({ rows: walk(0, 0, 1000, 0.1, 0.2) });
  assert.equal(intervalTable(counts, zonesFile, 15).rows[0].label, "0:00:00");
});

test("lengths that give endless tables are not offered", () => {
  assert.deepEqual(usefulMinutes(60_000), [1, 15, 60]);
  assert.deepEqual(usefulMinutes(7 * 86_400_000), [15, 60]);
  assert.deepEqual(usefulMinutes(31 * 86_400_000), [60]);
});

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  SvgPen,
  traceFloorPath,
} from "../../../functions/people_pathing/report/page/panels/floor/floor_drawing.js";
import {
  busyExtent,
  floorExtent,
  floorPositions,
  gridStepM,
} from "../../../functions/people_pathing/report/page/panels/floor/floor_positions.js";
import { floorScale } from "../../../functions/people_pathing/report/page/panels/floor/floor_scale.js";
import { smallReport } from "./small_report.js";

/** A floor of 10 m by 5 m that is seen from straight above; y is upwards. */
const FROM_ABOVE = [10, 0, 0, 0, -5, 5, 0, 0, 1];

test("foot points become positions in metres", () => {
  const { report } = smallReport();
  const { xs, ys } = floorPositions(report.observations, FROM_ABOVE);

  // Person 0 starts at x = 0.1 and y = 0.6 of the picture.
  assert.ok(Math.abs(xs[0] - 1) < 1e-9);
  assert.ok(Math.abs(ys[0] - 2) < 1e-9);
});

test("the plan shows the people and all sections, with space around them", () => {
  const { report } = smallReport();
  const busy = busyExtent(floorPositions(report.observations, FROM_ABOVE));
  const { left, right, bottom, top } = floorExtent(busy, [
    [0, 0],
    [10, 5],
  ]);

  assert.ok(left < 0 && right > 10 && bottom < 0 && top > 5);
  assert.ok(right - left < 12);
});

test("one position far away does not make the plan larger", () => {
  const xs = Float64Array.from({ length: 1001 }, (_, at) => (at === 1000 ? 1e6 : at % 10));
  const busy = busyExtent({ xs, ys: xs.slice() });

  assert.deepEqual(busy, { left: 0, right: 9, bottom: 0, top: 9 });
});

test("a plan without people has the size of its sections, or of one metre", () => {
  assert.equal(busyExtent({ xs: new Float64Array(), ys: new Float64Array() }), null);
  assert.deepEqual(floorExtent(null, []), { left: 0, right: 1, bottom: 0, top: 1 });
});

test("both axes have the same scale, and y is upwards", () => {
  const scale = floorScale(500, 0, 10, 0, 5);

  assert.equal(scale.x(10) - scale.x(0), 500);
  assert.equal(scale.y(0) - scale.y(5), 250);
  assert.ok(scale.y(5) < scale.y(0));
  assert.deepEqual(scale.gridXsM, [0, 2, 4, 6, 8, 10]);
});

test("a deep and narrow floor is not higher than the page, and in the middle", () => {
  const scale = floorScale(500, 0, 1, 0, 100);

  assert.ok(scale.heightPx <= 440);
  assert.ok(Math.abs(scale.x(0.5) - 250) < 1e-9);
});

test("the lines of a grid are at round distances", () => {
  assert.deepEqual([0.03, 0.7, 1, 1.1, 3, 7, 60].map(gridStepM), [0.05, 1, 1, 2, 5, 10, 100]);
});

test("a path has a break at a long gap, and its ends are exact", () => {
  const { report, tracks } = smallReport();
  const positions = floorPositions(report.observations, FROM_ABOVE);
  const pen = new SvgPen();
  traceFloorPath(pen, floorScale(800, 0, 10, 0, 5), positions, tracks[2], report.observations);

  assert.equal(pen.d.match(/M/g)?.length, 2);
  assert.ok(pen.d.startsWith("M720.0 240.0"));
  assert.ok(pen.d.split("M")[1].endsWith("L240.0 240.0"), pen.d);
});

import assert from "node:assert/strict";
import { test } from "node:test";

import { flowMatrix, topFlow } from "../../../functions/people_pathing/report/page/panels/flow_matrix.js";
import { smallReport, walk } from "./small_report.js";

test("the matrix has the number of people of every flow", () => {
  const { counts } = smallReport();
  const { origins, destinations, cells } = flowMatrix(counts);

  for (const [row, origin] of origins.entries()) {
    for (const [column, destination] of destinations.entries()) {
      const flows = counts.flows.filter((flow) => flow.origin === origin && flow.destination === destination);
      assert.equal(cells[row][column].people, flows.length, `${origin} to ${destination}`);
    }
  }
  const total = cells.flat().reduce((sum, { people }) => sum + people, 0);
  assert.equal(total, counts.flows.length);
});

test("a share is of the people who were at the origin", () => {
  const { origins, destinations, cells } = flowMatrix(smallReport().counts);
  const { people, share } = cells[origins.indexOf("left")][destinations.indexOf("right")];

  // Three people were in the left half. One of them was in the right half later.
  assert.equal(people, 1);
  assert.equal(share, 1 / 3);
});

test("names that look like others of the page are only names", () => {
  const zones = { zones: [], lines: [{ name: "__proto__", start: [0.5, 1], end: [0.5, 0] }] };
  const rows = [...walk(0, 0, 4000, 0.1, 0.9), ...walk(0, 4100, 8100, 0.9, 0.1)];
  const { origins, cells } = flowMatrix(smallReport({ zones, rows }).counts);

  assert.deepEqual(origins, ["__proto__"]);
  assert.deepEqual(cells, [[{ people: 1, share: 1 }]]);
});

test("somebody who comes back is the largest flow only if nobody goes on", () => {
  const zones = { zones: [] };
  const rows = [...walk(0, 0, 4000, 0.1, 0.9), ...walk(0, 4100, 8100, 0.9, 0.1)];

  assert.equal(topFlow(smallReport({ zones, rows }).counts)?.destination, "middle");
  assert.equal(topFlow(smallReport({ rows: [] }).counts), null);
});

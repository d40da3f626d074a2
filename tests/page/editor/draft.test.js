import assert from "node:assert/strict";
import { test } from "node:test";

import { readZonesFile } from "../../../functions/people_pathing/report/page/counting/zones_file.js";
import {
  draftOf,
  placesIn,
  titleAt,
  verticesAt,
  withInsertedVertex,
  withMembers,
  withMovedShape,
  withMovedVertex,
  withoutShape,
  withoutVertex,
  withReversedLine,
  withShape,
} from "../../../functions/people_pathing/report/page/editor/draft.js";

const SQUARE = [
  [0.25, 0.25],
  [0.75, 0.25],
  [0.75, 0.75],
  [0.25, 0.75],
];
const HALL = { kind: "zone", at: 0 };
const DOOR = { kind: "line", at: 0 };
const DRAFT = draftOf(
  readZonesFile({
    version: 1,
    zones: [
      { name: "hall", polygon: SQUARE, staff_after_ms: 5 },
      { name: "till", polygon: SQUARE },
    ],
    lines: [{ name: "door", start: [0.5, 1], end: [0.5, 0] }],
    masks: [{ name: "street", polygon: SQUARE }],
  }),
);

test("a change keeps the objects of all other shapes", () => {
  const changed = withMovedVertex(DRAFT, HALL, 0, [0.1, 0.2]);

  assert.deepEqual(changed.zones[0].polygon, [[0.1, 0.2], ...SQUARE.slice(1)]);
  assert.equal(changed.zones[1], DRAFT.zones[1]);
  assert.equal(changed.lines, DRAFT.lines);
  assert.equal(changed.rules, DRAFT.rules);
});

test("vertices and shapes stay in the frame", () => {
  assert.deepEqual(withMovedVertex(DRAFT, HALL, 2, [1.5, -1]).zones[0].polygon[2], [1, 0]);
  assert.deepEqual(withMovedShape(DRAFT, HALL, 0.5, -0.1).zones[0].polygon, [
    [0.5, 0.15],
    [1, 0.15],
    [1, 0.65],
    [0.5, 0.65],
  ]);
});

test("vertices are rounded to five decimals", () => {
  assert.deepEqual(withMovedVertex(DRAFT, DOOR, 0, [1 / 3, 2 / 3]).lines[0].start, [0.33333, 0.66667]);
});

test("vertices are inserted and deleted, and a shape with too few of them is deleted", () => {
  const five = withInsertedVertex(DRAFT, HALL, 4, [0.1, 0.5]);
  const three = withoutVertex(withoutVertex(five, HALL, 0), HALL, 0);

  assert.deepEqual(five.zones[0].polygon, [...SQUARE, [0.1, 0.5]]);
  assert.deepEqual(three.zones[0].polygon, [...SQUARE.slice(2), [0.1, 0.5]]);
  assert.deepEqual(titleAt(withoutVertex(three, HALL, 0), HALL), "till");
  assert.deepEqual(withoutVertex(DRAFT, DOOR, 0).lines, []);
});

test("new shapes get names that are not used", () => {
  const named = withMembers(DRAFT, DOOR, { name: "zone 1" });
  const { draft, place } = withShape(named, "zone", SQUARE);

  assert.deepEqual(place, { kind: "zone", at: 2 });
  assert.equal(titleAt(draft, place), "zone 2");
  assert.deepEqual(verticesAt(draft, place), SQUARE);
});

test("a member that is undefined is removed", () => {
  assert.ok(!("staff_after_ms" in withMembers(DRAFT, HALL, { staff_after_ms: undefined }).zones[0]));
});

test("a reversed line leads the other way", () => {
  const { lines } = withReversedLine(DRAFT, DOOR);

  assert.deepEqual([lines[0].start, lines[0].end], [DRAFT.lines[0].end, DRAFT.lines[0].start]);
});

test("a deleted shape is gone, and the places of the others are known", () => {
  const places = placesIn(withoutShape(DRAFT, HALL)).map(({ kind, at }) => `${kind} ${at}`);

  assert.deepEqual(places, ["zone 0", "line 0", "mask 0"]);
});

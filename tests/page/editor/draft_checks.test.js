import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { readZonesFile } from "../../../functions/people_pathing/report/page/counting/zones_file.js";
import {
  draftOf,
  withMembers,
  withShape,
} from "../../../functions/people_pathing/report/page/editor/draft.js";
import {
  problemsOf,
  shapeProblem,
  validPart,
} from "../../../functions/people_pathing/report/page/editor/draft_checks.js";

const SQUARE = [
  [0.25, 0.25],
  [0.75, 0.25],
  [0.75, 0.75],
  [0.25, 0.75],
];
const CROSSED = [SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3]];
const HALL = { kind: "zone", at: 0 };
const FILE = readZonesFile({
  version: 1,
  timezone: "Europe/Berlin",
  zones: [{ name: "hall", polygon: SQUARE }],
  lines: [{ name: "door", start: [0.5, 1], end: [0.5, 0] }],
});
const DRAFT = draftOf(FILE);

test("what can be counted of a valid draft is all of it, with the same objects", () => {
  const valid = validPart(DRAFT);

  assert.deepEqual(valid, FILE);
  assert.equal(valid.zones[0], FILE.zones[0]);
  assert.equal(valid.rules, FILE.rules);
  assert.deepEqual(problemsOf(DRAFT), []);
});

test("a zone whose edges cross is left out, with the reason", () => {
  const { draft, place } = withShape(DRAFT, "zone", CROSSED);

  assert.deepEqual(
    validPart(draft).zones.map(({ name }) => name),
    ["hall"],
  );
  const problem = "edges 1 and 3 cross or touch; order the vertices around the zone";
  assert.deepEqual(problemsOf(draft), [{ place, problem }]);
});

test("neither of two shapes with one name counts", () => {
  const draft = withMembers(DRAFT, HALL, { name: "door" });

  assert.deepEqual([validPart(draft).zones, validPart(draft).lines], [[], []]);
  assert.match(String(shapeProblem(draft, HALL)), /^the name "door" is used twice;/);
});

for (const name of ["", " ", "a\nb", "a".repeat(101)]) {
  test(`the name ${JSON.stringify(name.slice(0, 5))} of ${name.length} characters is no name`, () => {
    assert.notEqual(shapeProblem(withMembers(DRAFT, HALL, { name }), HALL), null);
  });
}

test("a calibration counts only if it is valid", () => {
  const points = [
    { image: [0.1, 0.9], floor_m: [0, 0] },
    { image: [0.9, 0.9], floor_m: [4, 0] },
    { image: [0.75, 0.3], floor_m: [4, 6] },
  ];
  const fourth = { image: [0.25, 0.3], floor_m: [0, 6] };

  assert.deepEqual(problemsOf({ ...DRAFT, points }), [
    { place: { kind: "point", at: 0 }, problem: "there are 3 points; give at least 4" },
  ]);
  assert.equal(validPart({ ...DRAFT, points }).calibration, undefined);
  const valid = validPart({ ...DRAFT, points: [...points, fourth] });
  assert.deepEqual(readZonesFile(valid), valid);
});

test("degenerate points are refused with the message for a file", () => {
  const vectors = JSON.parse(
    readFileSync(new URL("../../vectors/zones/invalid_documents.json", import.meta.url), "utf8"),
  );
  const isAboutPoints = (/** @type {{error: string}} */ { error }) =>
    /straight line|same place|horizon|do not determine/.test(error);
  const found = vectors.filter(isAboutPoints);
  assert.ok(found.length >= 6);
  for (const { document, error } of found) {
    const [{ problem }] = problemsOf({ ...DRAFT, points: document.calibration.points });
    assert.equal(`calibration: ${problem}`, error);
  }
});

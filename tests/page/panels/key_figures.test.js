import assert from "node:assert/strict";
import { test } from "node:test";

import { keyFigures } from "../../../functions/people_pathing/report/page/panels/key_figures.js";
import { smallReport } from "./small_report.js";

/** @param {Parameters<typeof smallReport>[0]} [changes] */
function figuresOf(changes) {
  const figures = keyFigures(smallReport(changes).counts);
  return new Map(
    figures.map((figure) => [figure.label, { ...figure, value: figure.value.replaceAll("\u00a0", " ") }]),
  );
}

test("the figures are those of three people", () => {
  const figures = figuresOf();

  assert.equal(figures.get("People seen")?.value, "3");
  assert.equal(figures.get("Median time seen")?.value, "7.0 s");
  assert.equal(figures.get("Visits to left")?.value, "4");
  assert.equal(figures.get("Visits to right")?.value, "2");
  assert.equal(figures.get("Crossings of middle")?.value, "1 in · 1 out");
});

test("the largest number at once has the time at which it was reached first", () => {
  const most = figuresOf().get("Most at once");

  assert.equal(most?.value, "3");
  assert.equal(most?.seekMs, 4000);
  assert.match(most?.meaning ?? "", /first at 0:04\.0\./);
});

test("the figures are those of the counts, with every zone and line", () => {
  const { counts } = smallReport();
  const figures = figuresOf();

  assert.equal(Number(figures.get("People seen")?.value), counts.whole.picture.people);
  assert.equal(Number(figures.get("Most at once")?.value), counts.whole.picture.occupancy.maximum);
  for (const { name, visits } of counts.whole.zones) {
    assert.equal(Number(figures.get(`Visits to ${name}`)?.value), visits);
  }
});

test("the largest flow leads to another section and has a share of the people at its origin", () => {
  // Persons 0 and 5 crossed the line after they had been on its left side. Person 3 stayed there.
  const flow = figuresOf().get("From left to middle");

  assert.equal(flow?.value, "67 %");
  assert.equal(flow?.meaning, "Largest flow: 2 of the 3 people at left were later at middle.");
});

test("people who are left out are named", () => {
  const zones = { rules: { minimum_seen_ms: 5000 } };

  assert.match(figuresOf({ zones }).get("People seen")?.meaning ?? "", /Left out: 1 seen too briefly\.$/);
});

test("nobody gives figures without a time", () => {
  const figures = figuresOf({ rows: [] });

  assert.equal(figures.get("People seen")?.value, "0");
  assert.equal(figures.get("Most at once")?.seekMs, undefined);
  assert.equal(figures.get("Median time seen")?.value, "–");
});

/**
 * The rules for all sections, and the time zone.
 *
 * @typedef {import("#page/editor/editor_state.js").Editor} Editor
 */

import { timezoneNames, timezoneProblem } from "#page/counting/zones_file/time_zones.js";
import { element, setText } from "#page/display/elements.js";
import { numberField, percentOf, textField } from "#page/editor/forms/fields.js";

const SECOND_MS = 1000;
const MAX_S = String(7 * 24 * 3600);

/**
 * Each rule in milliseconds, its label, and what it means.
 *
 * @type {readonly (readonly ["confirm_ms" | "max_gap_ms" | "minimum_seen_ms", string, string])[]}
 */
const TIMES = [
  ["confirm_ms", "Confirm after", "How long a person must be on the new side"],
  ["max_gap_ms", "Longest gap", "A longer time without the person interrupts the path"],
  ["minimum_seen_ms", "Seen at least", "People who are seen for a shorter time count nowhere"],
];

/** @param {Editor} editor */
export function makeRulesForm(editor) {
  const setRule = (/** @type {string} */ name, /** @type {number} */ value) => {
    editor.change({ ...editor.draft, rules: { ...editor.draft.rules, [name]: value } }, `rule ${name}`);
  };
  const margin = numberField(
    "Margin",
    {
      min: "0",
      max: "100",
      title: "How far a person must be from a section, in percent of the person's height",
    },
    (percent) => setRule("margin", (percent ?? 0) / 100),
    "% of height",
  );
  const times = TIMES.map(([name, label, title]) =>
    numberField(
      label,
      { min: "0", max: MAX_S, title },
      (seconds) => setRule(name, Math.round((seconds ?? 0) * SECOND_MS)),
      "s",
    ),
  );
  const timezone = makeTimezoneField(editor);
  editor.store.follow(["history"], () => {
    const { rules } = editor.draft;
    margin.show(percentOf(rules.margin));
    TIMES.forEach(([name], at) => times[at].show(rules[name] / SECOND_MS));
  });
  const fields = [margin, ...times].map((field) => field.element);
  return element(
    "details",
    {},
    element("summary", {}, "Rules and time zone"),
    element("div", { class: "fields" }, ...fields, ...timezone),
  );
}

/** @param {Editor} editor */
function makeTimezoneField(editor) {
  const names = element("datalist", { id: "editor-timezones" });
  const problem = element("p", { class: "problem small", role: "alert", hidden: "" });
  const field = textField("Time zone", { list: names.id, placeholder: "UTC" }, (name) => {
    const found = name === "" ? null : timezoneProblem(name);
    problem.hidden = found === null;
    setText(problem, found === null ? "" : `${name} is a name ${found}.`);
    if (found === null) editor.change({ ...editor.draft, timezone: name === "" ? null : name }, "timezone");
  });
  field.element.addEventListener("focusin", () => {
    if (names.childElementCount > 0) return;
    names.append(...timezoneNames().map((name) => element("option", { value: name })));
  });
  editor.store.follow(["history"], () => field.show(editor.draft.timezone ?? ""));
  return [field.element, names, problem];
}

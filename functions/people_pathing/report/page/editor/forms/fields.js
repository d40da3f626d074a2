/** Fields of forms that follow a value and change it. */

import { element } from "#page/display/elements.js";

/**
 * @template Value
 * @typedef {object} Field
 * @property {HTMLElement} element
 * @property {(value: Value) => void} show shows a value, unless the field is being typed into
 */

/**
 * Makes a field for a number.
 *
 * @param {string} label
 * @param {Readonly<Record<string, string>>} attributes of the input
 * @param {(value: number | null) => void} change is called with null if the field is empty
 * @param {string} [unit]
 * @returns {Field<number | null>}
 */
export function numberField(label, attributes, change, unit = "") {
  const input = element("input", { type: "number", step: "any", ...attributes });
  input.addEventListener("input", () => {
    // A number that is not complete yet, such as "-".
    if (input.value === "" && !input.validity.valid) return;
    const isAllowed = input.value === "" || (input.validity.valid && Number.isFinite(input.valueAsNumber));
    if (isAllowed) change(input.value === "" ? null : input.valueAsNumber);
  });
  /** @param {number | null} value */
  const show = (value) => {
    // Typing "1." must not become "1".
    if (document.activeElement === input && Number(input.value) === value) return;
    const text = value === null ? "" : String(value);
    if (input.value !== text) input.value = text;
  };
  return { element: labelled(label, input, unit), show };
}

/**
 * Makes a field for a text.
 *
 * @param {string} label
 * @param {Readonly<Record<string, string>>} attributes of the input
 * @param {(value: string) => void} change
 * @returns {Field<string>}
 */
export function textField(label, attributes, change) {
  const input = element("input", { type: "text", autocomplete: "off", ...attributes });
  input.addEventListener("input", () => change(input.value));
  const show = (/** @type {string} */ value) => {
    if (input.value !== value) input.value = value;
  };
  return { element: labelled(label, input), show };
}

/**
 * @param {string} label
 * @param {HTMLInputElement} input
 * @param {string} [unit]
 */
function labelled(label, input, unit = "") {
  const unitText = unit === "" ? [] : [element("span", { class: "quiet" }, unit)];
  return element("label", { class: "field" }, element("span", {}, label), input, ...unitText);
}

/**
 * Returns a ratio as a percentage for a field.
 *
 * @param {number} ratio
 */
export function percentOf(ratio) {
  return Number((ratio * 100).toFixed(3));
}

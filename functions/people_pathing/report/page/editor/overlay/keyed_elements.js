import { svgElement } from "#page/display/elements.js";

/**
 * An element that is shown.
 *
 * @typedef {object} Entry
 * @property {string} key the same for the same thing
 * @property {keyof SVGElementTagNameMap} name
 * @property {Readonly<Record<string, string>>} attributes
 * @property {string} [text]
 */

/** The elements of a picture. Those with the same key stay, so that they keep the focus. */
export class KeyedElements {
  /** @type {Map<string, SVGElement>} */
  #shown = new Map();
  #parent;

  /** @param {SVGElement} parent */
  constructor(parent) {
    this.#parent = parent;
  }

  /** @param {readonly Entry[]} entries the lowest first */
  show(entries) {
    const keys = new Set(entries.map(({ key }) => key));
    for (const [key, shown] of this.#shown) {
      if (keys.has(key)) continue;
      shown.remove();
      this.#shown.delete(key);
    }
    entries.forEach(({ key, name, attributes, text }, at) => {
      const shown = this.#shown.get(key) ?? svgElement(name);
      this.#shown.set(key, shown);
      for (const [attribute, value] of Object.entries(attributes)) {
        if (shown.getAttribute(attribute) !== value) shown.setAttribute(attribute, value);
      }
      if (text !== undefined && shown.textContent !== text) shown.textContent = text;
      // An element that is moved in the document loses the focus.
      if (this.#parent.children[at] !== shown)
        this.#parent.insertBefore(shown, this.#parent.children[at] ?? null);
    });
  }
}

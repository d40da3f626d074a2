/**
 * Makes an element. Text is never read as HTML.
 *
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Readonly<Record<string, string>>} [attributes]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Name]}
 */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  made.append(...children);
  return made;
}

/**
 * Makes an element of an SVG picture.
 *
 * @template {keyof SVGElementTagNameMap} Name
 * @param {Name} name
 * @param {Readonly<Record<string, string>>} [attributes]
 * @param {...(Node | string)} children
 * @returns {SVGElementTagNameMap[Name]}
 */
export function svgElement(name, attributes = {}, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  made.append(...children);
  return made;
}

/**
 * Returns an element of the HTML file.
 *
 * @param {string} id
 * @throws {Error} if there is none
 */
export function elementOf(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no element with the id ${id}`);
  return found;
}

/**
 * Makes a button.
 *
 * @param {string} text
 * @param {() => void} press
 * @param {Readonly<Record<string, string>>} [attributes]
 */
export function button(text, press, attributes = {}) {
  const made = element("button", { type: "button", ...attributes }, text);
  made.addEventListener("click", press);
  return made;
}

/**
 * Sets the text of an element. The page is not laid out again if the text is the same.
 *
 * @param {Element} shown
 * @param {string} text
 */
export function setText(shown, text) {
  if (shown.textContent !== text) shown.textContent = text;
}

/**
 * Makes the small square with a person's colour. The colours are the palette of the page.
 *
 * @param {number} person index
 */
export function personSwatch(person) {
  const swatch = element("span", { class: "person-swatch", "aria-hidden": "true" });
  swatch.style.background = personColour(person);
  return swatch;
}

/** So many colours has palette.json. */
const PERSON_COLOURS = 12;

/**
 * Returns the colour of a person for CSS.
 *
 * @param {number} person index
 */
export function personColour(person) {
  return `var(--person-${person % PERSON_COLOURS})`;
}

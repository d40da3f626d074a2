/** The colours of people for canvases. */

/**
 * Returns the colours that the page's styles define as --person-0 and so on.
 *
 * @returns {string[]}
 */
export function readPalette() {
  const style = getComputedStyle(document.documentElement);
  const colours = [];
  for (let number = 0; ; number++) {
    const colour = style.getPropertyValue(`--person-${number}`).trim();
    if (!colour) return colours.length > 0 ? colours : ["#5160ff"];
    colours.push(colour);
  }
}

/**
 * Returns black or white, whichever is easier to read on a colour.
 *
 * @param {string} colour such as "#5160ff"
 */
export function textColourOn(colour) {
  const [red, green, blue] = [1, 3, 5].map((at) => linear(parseInt(colour.slice(at, at + 2), 16) / 255));
  const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  // From here on, black has the higher contrast by the formula of WCAG 2.
  return luminance > 0.179 ? "#000000" : "#ffffff";
}

/** @param {number} share of a colour in sRGB */
function linear(share) {
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
}

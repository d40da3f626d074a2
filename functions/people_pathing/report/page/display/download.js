import { element } from "#page/display/elements.js";

/** The browser may begin to read the text only when the user has answered a question. */
const KEPT_MS = 60_000;

/**
 * Lets the browser download a text as a file.
 *
 * @param {string} name of the file
 * @param {string} text
 * @param {string} type such as "text/csv"
 */
export function download(name, text, type) {
  const address = URL.createObjectURL(new Blob([text], { type }));
  element("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), KEPT_MS);
}

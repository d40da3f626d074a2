import { download } from "#page/display/download.js";

const TYPE = "application/json";

/**
 * What browsers with the File System Access API have.
 *
 * @typedef {object} FileHandle
 * @property {string} name
 * @property {() => Promise<{write(text: string): Promise<void>, close(): Promise<void>}>} createWritable
 */

/** @type {FileHandle | null} the file that was chosen before */
let chosen = null;

/**
 * Writes a text into a file that the user chooses; the second time, into the same file. A browser that cannot
 * write files downloads it.
 *
 * @param {string} name that is suggested
 * @param {string} text
 * @returns {Promise<string | null>} the file's name; null if the user chose none
 */
export async function saveText(name, text) {
  const choose = /** @type {{showSaveFilePicker?: (options: object) => Promise<FileHandle>}} */ (window)
    .showSaveFilePicker;
  if (!choose) return downloadText(name, text);
  try {
    const types = [{ description: "Zones", accept: { [TYPE]: [".json"] } }];
    chosen ??= await choose.call(window, { suggestedName: name, types });
    const file = await chosen.createWritable();
    await file.write(text);
    await file.close();
    return chosen.name;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") return null;
    // The browser does not let this page write files.
    chosen = null;
    return downloadText(name, text);
  }
}

/** Forgets the file that was chosen before, so that the next text does not replace its content. */
export function forgetFile() {
  chosen = null;
}

/**
 * @param {string} name
 * @param {string} text
 */
function downloadText(name, text) {
  download(name, text, TYPE);
  return name;
}

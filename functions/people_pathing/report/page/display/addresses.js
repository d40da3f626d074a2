/**
 * Returns a part of an address as text; null if it is not UTF-8, as names of files on Linux need not be.
 *
 * @param {string} part
 * @returns {string | null}
 */
export function decodedName(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}

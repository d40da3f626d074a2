/** Finds what a mistyped name probably means, as Python's difflib does. */

/** Python's default: names that are less similar are no matches. */
const LEAST_SIMILARITY = 0.6;

/**
 * Returns the most similar of several names, or null. Between equally similar ones, the last in the order of
 * characters is chosen.
 *
 * @param {string} name
 * @param {Iterable<string>} known
 * @returns {string | null}
 */
export function closestMatch(name, known) {
  /** @type {string | null} */
  let closest = null;
  let most = LEAST_SIMILARITY;
  for (const candidate of known) {
    const similarity = ratio(candidate, name);
    if (similarity > most || (similarity === most && (closest === null || candidate > closest))) {
      closest = candidate;
      most = similarity;
    }
  }
  return closest;
}

/**
 * Returns twice the number of matching characters divided by the number of all characters.
 *
 * @param {string} first
 * @param {string} second
 */
function ratio(first, second) {
  const length = first.length + second.length;
  return length === 0 ? 1 : (2 * matching(first, second)) / length;
}

/**
 * Counts the characters of the longest common part, and of those to its left and to its right.
 *
 * @param {string} first
 * @param {string} second
 * @returns {number}
 */
function matching(first, second) {
  const { start, otherStart, length } = longestCommon(first, second);
  if (length === 0) return 0;
  return (
    length +
    matching(first.slice(0, start), second.slice(0, otherStart)) +
    matching(first.slice(start + length), second.slice(otherStart + length))
  );
}

/**
 * Finds the longest common part; of several, the first in the first text, and then the first in the second.
 *
 * @param {string} first
 * @param {string} second
 */
function longestCommon(first, second) {
  let longest = { start: 0, otherStart: 0, length: 0 };
  /** @type {number[]} lengths of the common parts that end before the character */
  let before = new Array(second.length + 1).fill(0);
  for (let at = 0; at < first.length; at++) {
    const lengths = new Array(second.length + 1).fill(0);
    for (let other = 0; other < second.length; other++) {
      if (first[at] !== second[other]) continue;
      const length = before[other] + 1;
      lengths[other + 1] = length;
      if (length > longest.length)
        longest = { start: at - length + 1, otherStart: other - length + 1, length };
    }
    before = lengths;
  }
  return longest;
}

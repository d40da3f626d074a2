/**
 * The drafts before and after the present one.
 *
 * @typedef {import("#page/editor/draft.js").Draft} Draft
 */

/** So many steps can be undone. */
const MAX_STEPS = 200;

/**
 * @typedef {object} History
 * @property {readonly Draft[]} past the oldest first
 * @property {Draft} present
 * @property {readonly Draft[]} future the next first
 * @property {unknown} gesture what made the last change; changes of one gesture are undone together
 */

/**
 * @param {Draft} draft
 * @returns {History}
 */
export function newHistory(draft) {
  return { past: [], present: draft, future: [], gesture: null };
}

/**
 * Adds a change.
 *
 * @param {History} history
 * @param {Draft} draft
 * @param {unknown} [gesture] the same for all changes that are undone together; null for a change of its own
 * @returns {History}
 */
export function withChange({ past, present, gesture: before }, draft, gesture = null) {
  const isSameGesture = gesture !== null && gesture === before;
  const kept = isSameGesture ? past : [...past, present].slice(-MAX_STEPS);
  return { past: kept, present: draft, future: [], gesture };
}

/**
 * Undoes the last change, if there is one.
 *
 * @param {History} history
 * @returns {History}
 */
export function undone(history) {
  const { past, present, future } = history;
  const draft = past.at(-1);
  if (!draft) return history;
  return { past: past.slice(0, -1), present: draft, future: [present, ...future], gesture: null };
}

/**
 * Repeats the change that was undone last, if there is one.
 *
 * @param {History} history
 * @returns {History}
 */
export function redone(history) {
  const { past, present, future } = history;
  const [draft, ...rest] = future;
  if (!draft) return history;
  return { past: [...past, present], present: draft, future: rest, gesture: null };
}

/** @type {WeakMap<object, Map<Function, {rest: readonly unknown[], result: unknown}>>} */
const results = new WeakMap();

/**
 * Returns the result of a pure function, and computes it only if an argument has changed since the last call.
 * Objects are the same only if they are identical. One result is kept for each function and first argument,
 * as long as that argument exists.
 *
 * @template {object} First
 * @template {readonly unknown[]} Rest
 * @template Result
 * @param {(first: First, ...rest: Rest) => Result} compute
 * @param {First} first
 * @param {Rest} rest
 * @returns {Result}
 */
export function remembered(compute, first, ...rest) {
  let byFunction = results.get(first);
  if (!byFunction) {
    byFunction = new Map();
    results.set(first, byFunction);
  }
  const known = byFunction.get(compute);
  if (known && known.rest.every((value, at) => Object.is(value, rest[at]))) {
    return /** @type {Result} */ (known.result);
  }
  const result = compute(first, ...rest);
  byFunction.set(compute, { rest, result });
  return result;
}

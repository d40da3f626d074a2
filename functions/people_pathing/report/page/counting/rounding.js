/**
 * Rounds to decimals as Python's `round` does: to the nearest decimal of the exact binary value, and exact
 * halves to the even digit.
 *
 * `toFixed` works with the exact value as well, but rounds halves away from zero. A binary number lies
 * exactly between two numbers with `n` decimals only if it is an odd multiple of 2 to the power of `-(n +
 * 1)`.
 *
 * @param {number} value below 1e21
 * @param {number} decimals
 * @returns {number}
 */
export function roundedTo(value, decimals) {
  const halves = value * 2 ** (decimals + 1);
  if (Math.abs(halves) % 2 !== 1) return Number(value.toFixed(decimals));
  const below = (halves * 5 ** decimals - 1) / 2;
  const even = below % 2 === 0 ? below : below + 1;
  return even / 10 ** decimals;
}

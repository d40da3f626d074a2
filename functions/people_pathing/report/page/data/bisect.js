/** Search in ascending numbers, as by Python's module of the same name. */

/**
 * Returns how many of the numbers are below a limit.
 *
 * @param {ArrayLike<number>} numbers ascending
 * @param {number} limit
 * @param {number} low where the search starts; all numbers before it are taken to be below
 * @param {number} high where it ends; all numbers from it on are taken not to be below
 */
export function bisectLeft(numbers, limit, low = 0, high = numbers.length) {
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle] < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Returns how many of the numbers are at most a limit. The arguments are those of `bisectLeft`.
 *
 * @param {ArrayLike<number>} numbers
 * @param {number} limit
 * @param {number} low
 * @param {number} high
 */
export function bisectRight(numbers, limit, low = 0, high = numbers.length) {
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle] <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

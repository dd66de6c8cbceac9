/** The temperature at the start: about how many bytes larger a package is still accepted. */
const MOST_AT_FIRST = 2;

/**
 * The smallest that was found by simulated annealing: what makes it larger is kept, too, but ever less.
 * @template T
 * @param {T} start
 * @param {(state: T) => T | undefined} change a neighbour at random; `undefined`: try again
 * @param {(state: T) => number | Promise<number>} size
 * @param {number} seconds
 * @returns {Promise<T>}
 */
export async function anneal(start, change, size, seconds) {
  let [best, current] = [start, start];
  let least = await size(start);
  let bytes = least;
  console.log(`${least} bytes`);
  const begin = Date.now();
  for (let left = 1; left > 0; left = 1 - (Date.now() - begin) / (seconds * 1000)) {
    const changed = change(current);
    if (changed === undefined) continue;
    const next = await size(changed);
    if (next > bytes && Math.random() > Math.exp((bytes - next) / (MOST_AT_FIRST * left))) continue;
    [current, bytes] = [changed, next];
    if (bytes <= least) [best, least] = [current, bytes];
  }
  console.log(`${least} bytes`);
  return best;
}

/** An integer in 0 … n - 1. @param {number} n */
export function random(n) {
  return Math.floor(Math.random() * n);
}

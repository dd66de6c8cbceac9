// @ts-check

/**
 * 1234.5 → `1,235`.
 * @param {number} value
 */
export function thousands(value) {
  return Math.round(value).toLocaleString('en');
}

/**
 * `1 epoch`, `30 epochs`.
 * @param {number} value
 * @param {string} noun
 */
export function count(value, noun) {
  return `${thousands(value)} ${noun}${value === 1 ? '' : 's'}`;
}

/**
 * 0.953 → `95.3%`.
 * @param {number} share
 */
export function percent(share) {
  return `${(share * 100).toFixed(1)}%`;
}

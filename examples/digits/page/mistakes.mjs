// @ts-check
import { SIDE } from '../data.mjs';
import { count, thousands } from '../format.mjs';
import { inkUri } from './png.mjs';

/** @import { Mistake } from '../evaluate.mjs' */

/**
 * The digits that were read wrongly, drawn.
 * @param {Mistake[]} mistakes the surest first
 * @param {number} total how many were read
 */
export function mistakesSection(mistakes, total) {
  if (mistakes.length === 0) {
    return `<h2 id="mistakes">No mistakes</h2><p>All ${thousands(total)} test digits were read correctly.</p>`;
  }
  return `
    <h2 id="mistakes">The ${thousands(mistakes.length)} of ${thousands(total)} test digits it got wrong</h2>
    <p>The network never trained on these. Those come first about which it was surest.${mostCommon(mistakes)}</p>
    <ul class="digits">${mistakes.map(tile).join('')}
    </ul>`;
}

/** @param {Mistake} mistake */
function tile({ pixels, label, predicted, probability }) {
  return `
      <li>
        <img src="${inkUri(pixels, SIDE)}" width="${SIDE}" height="${SIDE}" alt="Handwritten ${label}">
        <p><b>${label}</b> read as <b class="wrong">${predicted}</b></p>
        <p class="sure" style="--share: ${probability.toFixed(3)}">${percentDown(probability)} sure</p>
      </li>`;
}

/**
 * A sentence about the confusion that occurred most often, where one did.
 * @param {Mistake[]} mistakes
 */
function mostCommon(mistakes) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const { label, predicted } of mistakes) {
    const pair = `${label} read as ${predicted}`;
    counts.set(pair, (counts.get(pair) ?? 0) + 1);
  }
  const [pair, times] = [...counts].reduce((best, next) => (next[1] > best[1] ? next : best));
  return times < 2 ? '' : ` Its most frequent mistake: ${pair}, ${count(times, 'time')}.`;
}

/**
 * Rounded down: 0.9997 is not certainty.
 * @param {number} probability
 */
function percentDown(probability) {
  return `${(Math.floor(probability * 1000) / 10).toFixed(1)}%`;
}

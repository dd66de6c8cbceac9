// @ts-check
import { accuracy, argmax, crossEntropy, softmax, tidy } from 'simdgrad';
import { CLASSES, PIXELS } from './data.mjs';

/** @import { Layer } from 'simdgrad' */
/** @import { Digits } from './data.mjs' */

/** @typedef {{ loss: number, accuracy: number }} Evaluation */

/**
 * @typedef {object} Mistake
 * @property {Float32Array} pixels
 * @property {number} label what it shows
 * @property {number} predicted what the network took it for
 * @property {number} probability that the network gave its answer
 */

/**
 * Mean loss and share of right answers.
 * @param {Layer} network
 * @param {Digits} digits
 * @returns {Evaluation}
 */
export function evaluate(network, { images, labels }) {
  return tidy(() => {
    const logits = network.predict(images);
    return { loss: crossEntropy(logits, labels), accuracy: accuracy(logits, labels) };
  });
}

/**
 * The digits that the network reads wrongly, those first of which it is surest.
 * @param {Layer} network
 * @param {Digits} digits
 * @returns {Mistake[]}
 */
export function findMistakes(network, { images, labels }) {
  const [probabilities, predictions] = tidy(() => {
    const y = softmax(network.predict(images));
    return [y.toTypedArray(), argmax(y, { axis: 1 })];
  });
  const pixels = images.data;
  /** @type {Mistake[]} */
  const mistakes = [];
  predictions.forEach((predicted, i) => {
    if (predicted === labels[i]) return;
    mistakes.push({
      pixels: pixels.slice(i * PIXELS, (i + 1) * PIXELS),
      label: labels[i],
      predicted,
      probability: probabilities[i * CLASSES + predicted],
    });
  });
  return mistakes.sort((a, b) => b.probability - a.probability);
}

// @ts-check
import { SGD, SoftmaxWithLoss, take, zeros } from 'simdgrad';
import { PIXELS } from './data.mjs';
import { evaluate } from './evaluate.mjs';

/** @import { Layer, Random } from 'simdgrad' */
/** @import { Data } from './data.mjs' */
/** @import { Evaluation } from './evaluate.mjs' */

/** @typedef {{ epoch: number, train: Evaluation, test: Evaluation }} Epoch after this many passes */

/**
 * @typedef {object} Observer
 * @property {(step: { loss: number, milliseconds: number }) => void} step after each mini-batch
 * @property {(epoch: Epoch) => void} epoch before the first pass and after each
 * @property {() => void} end
 */

/**
 * Mini-batch SGD. Each epoch goes through the training digits in a new random order; what is left over after the last
 * whole batch waits for another epoch. The loop allocates nothing: batches are copied into `x`, layers own the rest.
 * @param {Layer} network
 * @param {Data} data
 * @param {{ epochs: number, batch: number, learningRate: number }} options
 * @param {Random} rng
 * @param {Observer} [observer]
 */
export function train(network, data, { epochs, batch, learningRate }, rng, observer) {
  const { images, labels } = data.train;
  const criterion = new SoftmaxWithLoss();
  const optimizer = new SGD(network.parameters(), { learningRate });
  const x = zeros([batch, PIXELS]);
  const t = new Uint8Array(batch);
  /** @type {Epoch[]} */
  const history = [];
  /** @type {number[]} */
  const stepTimes = [];

  /** @param {Int32Array} indices */
  const step = (indices) => {
    take(images, indices, { out: x });
    for (let i = 0; i < batch; i++) t[i] = labels[indices[i]];
    const loss = criterion.forward(network.forward(x), t);
    network.backward(criterion.backward());
    optimizer.step();
    return loss;
  };

  for (let epoch = 0; epoch <= epochs; epoch++) {
    if (epoch > 0) {
      const order = rng.permutation(labels.length);
      for (let start = 0; start + batch <= order.length; start += batch) {
        const began = performance.now();
        const loss = step(order.subarray(start, start + batch));
        const milliseconds = performance.now() - began;
        stepTimes.push(milliseconds);
        observer?.step({ loss, milliseconds });
      }
    }
    history.push({ epoch, train: evaluate(network, data.train), test: evaluate(network, data.test) });
    observer?.epoch(history[epoch]);
  }
  observer?.end();
  x.dispose();
  criterion.dispose();
  return { history, stepTimes };
}

import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { setWasmPaths, version_wasm } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients';

// Node cannot load this package's gradients (its modules name each other without an extension), so this file is bundled
// before it is loaded, as everybody does who ships tfjs.

/** @returns {Promise<import('../support/peer').Peer>} */
export default async function tfjs() {
  setWasmPaths(`${dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'))}/`);
  await tf.setBackend('wasm');
  await tf.ready();

  /** @param {() => import('@tensorflow/tfjs-core').Tensor} make @param {{dispose(): void}[]} inputs */
  const kept = (make, inputs) => {
    let last = make();
    return {
      run() {
        last.dispose();
        last = make();
      },
      result: () => last.dataSync(),
      dispose: () => [last, ...inputs].forEach((t) => void t.dispose()),
    };
  };

  return {
    name: 'tfjs wasm',
    version: version_wasm,
    evaluation: 'eager: the call computes; its result is disposed',
    matmul({ m, n, k, a, b, transposeA = false, transposeB = false }) {
      const A = tf.tensor2d(a, transposeA ? [k, m] : [m, k]);
      const B = tf.tensor2d(b, transposeB ? [n, k] : [k, n]);
      // Its kernel takes the flags, too, but is then up to 20 times as slow as a copy and a product, unless there is one row.
      if (m === 1) return kept(() => tf.matMul(A, B, transposeA, transposeB), [A, B]);
      const turned = (X, flag) => (flag ? tf.transpose(X) : X);
      return kept(() => tf.tidy(() => tf.matMul(turned(A, transposeA), turned(B, transposeB))), [A, B]);
    },
    unary(name, x) {
      const X = tf.tensor1d(x);
      const op = { relu: tf.relu, sigmoid: tf.sigmoid, tanh: tf.tanh }[name];
      return kept(() => op(X), [X]);
    },
    softmax(x, rows, cols) {
      const X = tf.tensor2d(x, [rows, cols]);
      return kept(() => tf.softmax(X), [X]);
    },
    softmaxLoss({ x, labels, oneHot, cols }) {
      const N = labels.length;
      const X = tf.tensor2d(x, [N, cols]);
      const T = tf.tensor2d(oneHot, [N, cols]);
      let last = tf.scalar(0);
      return {
        run() {
          last.dispose();
          const { loss, dx } = lossAndGradient(X, T, N);
          last = dx;
          return loss;
        },
        result: () => last.dataSync(),
        dispose: () => [last, X, T].forEach((t) => void t.dispose()),
      };
    },
    steps: { 'by hand': byHand, 'own gradients': ownGradients },
    small(x, times) {
      const X = tf.tensor1d(x);
      let last = tf.relu(X);
      return {
        run() {
          for (let i = 0; i < times; i++) {
            last.dispose();
            last = tf.relu(X);
          }
        },
        result: () => last.dataSync(),
        dispose: () => [last, X].forEach((t) => void t.dispose()),
      };
    },
  };
}

/** Mean cross-entropy of softmax(X), read out, and (y − T) / N. */
function lossAndGradient(X, T, N) {
  let loss = 0;
  const dx = tf.tidy(() => {
    const y = tf.softmax(X);
    loss = -tf.mean(tf.log(tf.sum(tf.mul(y, T), 1))).dataSync()[0];
    return tf.mul(tf.sub(y, T), 1 / N);
  });
  return { loss, dx };
}

function variables({ sizes, batch, x, oneHot, weights, biases }) {
  return {
    X: tf.tensor2d(x, [batch, sizes[0]]),
    T: tf.tensor2d(oneHot, [batch, sizes.at(-1)]),
    W: weights.map((w, l) => tf.variable(tf.tensor2d(w, [sizes[l], sizes[l + 1]]))),
    b: biases.map((v) => tf.variable(tf.tensor1d(v))),
  };
}

/**
 * The fused product with bias and ReLU, and each gradient as its formula. Transposed copies are many times faster here
 * than the flags of matMul.
 */
function byHand(step) {
  const { X, T, W, b } = variables(step);
  const { batch, learningRate } = step;
  const depth = W.length;
  return {
    run: () =>
      tf.tidy(() => {
        const outputs = [X];
        for (let l = 0; l < depth; l++) {
          const activation = l < depth - 1 ? 'relu' : 'linear';
          outputs.push(tf.fused.matMul({ a: outputs[l], b: W[l], bias: b[l], activation }));
        }
        const { loss, dx } = lossAndGradient(outputs[depth], T, batch);
        let dout = dx;
        const updates = [];
        for (let l = depth - 1; l >= 0; l--) {
          updates.push([W[l], tf.matMul(tf.transpose(outputs[l]), dout)], [b[l], tf.sum(dout, 0)]);
          if (l > 0) dout = tf.mul(tf.matMul(dout, tf.transpose(W[l])), tf.step(outputs[l]));
        }
        for (const [variable, gradient] of updates) variable.assign(tf.sub(variable, tf.mul(gradient, learningRate)));
        return loss;
      }),
    result: () => Float32Array.from([...W, ...b].flatMap((v) => [...v.dataSync()])),
    dispose: () => [X, T, ...W, ...b].forEach((t) => void t.dispose()),
  };
}

/** What its documentation shows: a loss function, minimized by its optimizer. */
function ownGradients(step) {
  const { X, T, W, b } = variables(step);
  const optimizer = tf.train.sgd(step.learningRate);
  const loss = () => {
    let y = X;
    for (let l = 0; l < W.length; l++) {
      y = tf.add(tf.matMul(y, W[l]), b[l]);
      if (l < W.length - 1) y = tf.relu(y);
    }
    return tf.losses.softmaxCrossEntropy(T, y);
  };
  return {
    run: () => tf.tidy(() => optimizer.minimize(loss, true).dataSync()[0]),
    result: () => Float32Array.from([...W, ...b].flatMap((v) => [...v.dataSync()])),
    dispose: () => [X, T, ...W, ...b].forEach((t) => void t.dispose()),
  };
}

import { readFileSync } from 'node:fs';
import * as np from 'numpy-ts';

const { version } = JSON.parse(readFileSync(new URL('node_modules/numpy-ts/package.json', import.meta.url), 'utf8'));

/** Gives back what `f` made on the way, its result excepted. */
function scope(f) {
  const made = [];
  const keep = (x) => {
    made.push(x);
    return x;
  };
  const result = f(keep);
  for (const x of made) if (x !== result) x.dispose();
  return result;
}

const array = (data, shape) => np.array(data, 'float32').reshape(shape);
const kept = (make, inputs) => {
  let last = make();
  return {
    run() {
      last.dispose();
      last = make();
    },
    result: () => last.data,
    dispose: () => [last, ...inputs].forEach((x) => void x.dispose()),
  };
};

/** @returns {Promise<import('../support/peer').Peer>} */
export default async function numpyTs() {
  const sigmoid = (x) => scope((k) => np.reciprocal(k(np.add(k(np.exp(k(np.negative(x)))), 1))));
  const softmax = (x) =>
    scope((k) => {
      const e = k(np.exp(k(np.subtract(x, k(np.max(x, 1, true))))));
      return np.divide(e, k(np.sum(e, 1, true)));
    });
  const unary = { relu: (x) => np.maximum(x, 0), sigmoid, tanh: np.tanh };
  return {
    name: 'numpy-ts',
    version,
    evaluation: 'eager: the call computes; its result is disposed',
    matmul({ m, n, k, a, b, transposeA, transposeB }) {
      const A = array(a, transposeA ? [k, m] : [m, k]);
      const B = array(b, transposeB ? [n, k] : [k, n]);
      // Its product takes a view of the transpose, too, but is then many times as slow as a copy and a product, unless there is one row.
      const turned = (X, flag, k) => (!flag ? X : m === 1 ? X.transpose() : k(np.ascontiguousarray(X.transpose())));
      return kept(() => scope((k) => np.matmul(turned(A, transposeA, k), turned(B, transposeB, k))), [A, B]);
    },
    unary(name, x) {
      const X = array(x, [x.length]);
      return kept(() => unary[name](X), [X]);
    },
    softmax(x, rows, cols) {
      const X = array(x, [rows, cols]);
      return kept(() => softmax(X), [X]);
    },
    steps: { 'by hand': byHand(softmax) },
    small(x, times) {
      const one = this.unary('relu', x);
      return {
        ...one,
        run() {
          for (let i = 0; i < times; i++) one.run();
        },
      };
    },
  };
}

const byHand =
  (softmax) =>
  ({ sizes, batch, x, oneHot, weights, biases, learningRate }) => {
    const X = array(x, [batch, sizes[0]]);
    const T = array(oneHot, [batch, sizes.at(-1)]);
    const W = weights.map((w, l) => array(w, [sizes[l], sizes[l + 1]]));
    const b = biases.map((v) => array(v, [v.length]));
    const depth = W.length;
    const update = (list, l, gradient) => {
      const next = scope((k) => np.subtract(list[l], k(np.multiply(gradient, learningRate))));
      list[l].dispose();
      list[l] = next;
    };
    return {
      run() {
        let loss = 0;
        scope((k) => {
          const outputs = [X];
          for (let l = 0; l < depth; l++) {
            const z = k(np.add(k(np.matmul(outputs[l], W[l])), b[l]));
            outputs.push(l < depth - 1 ? k(np.maximum(z, 0)) : z);
          }
          const y = k(softmax(outputs[depth]));
          loss = -np.mean(k(np.log(k(np.sum(k(np.multiply(y, T)), 1)))));
          let dout = k(np.multiply(k(np.subtract(y, T)), 1 / batch));
          const gradients = [];
          for (let l = depth - 1; l >= 0; l--) {
            gradients.push([
              l,
              k(np.matmul(k(np.ascontiguousarray(outputs[l].transpose())), dout)),
              k(np.sum(dout, 0)),
            ]);
            if (l > 0)
              dout = k(
                np.multiply(k(np.matmul(dout, k(np.ascontiguousarray(W[l].transpose())))), k(np.sign(outputs[l]))),
              );
          }
          for (const [l, dW, db] of gradients) {
            update(W, l, dW);
            update(b, l, db);
          }
        });
        return loss;
      },
      result: () => Float32Array.from([...W, ...b].flatMap((v) => [...v.data])),
      dispose: () => [X, T, ...W, ...b].forEach((v) => void v.dispose()),
    };
  };

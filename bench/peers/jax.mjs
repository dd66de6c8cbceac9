import { readFileSync } from 'node:fs';
import * as jax from '@jax-js/jax';

const { version } = JSON.parse(readFileSync(new URL('node_modules/@jax-js/jax/package.json', import.meta.url), 'utf8'));
const { numpy: np, nn } = jax;

/** @returns {Promise<import('../support/peer').Peer>} */
export default async function jaxjs() {
  globalThis.navigator ??= { hardwareConcurrency: 1 }; // Node 20 has none
  await jax.init('wasm');
  jax.defaultDevice('wasm');

  /** A jitted function of arrays that are used again in every run. */
  const jitted = (f, inputs) => {
    const compiled = jax.jit(f);
    let last;
    return {
      async run() {
        last?.dispose();
        last = compiled(...inputs.map((x) => x.ref));
        await last.blockUntilReady();
      },
      result: () => last.ref.data(),
      dispose: () => [last, ...inputs].forEach((x) => void x?.dispose()), // none yet where the first run failed
    };
  };
  const unary = { relu: nn.relu, sigmoid: nn.sigmoid, tanh: np.tanh };

  return {
    name: 'jax-js',
    version,
    evaluation: 'jit; lazy, so blockUntilReady() is awaited',
    matmul({ m, n, k, a, b, transposeA, transposeB }) {
      const A = np.array(a).reshape(transposeA ? [k, m] : [m, k]);
      const B = np.array(b).reshape(transposeB ? [n, k] : [k, n]);
      const f = (p, q) => np.matmul(transposeA ? np.transpose(p) : p, transposeB ? np.transpose(q) : q);
      return jitted(f, [A, B]);
    },
    unary: (name, x) => jitted(unary[name], [np.array(x)]),
    softmax: (x, rows, cols) => jitted((v) => nn.softmax(v, -1), [np.array(x).reshape([rows, cols])]),
    softmaxLoss({ x, labels, oneHot, cols }) {
      const N = labels.length;
      const X = np.array(x).reshape([N, cols]);
      const T = np.array(oneHot).reshape([N, cols]);
      const f = jax.jit(jax.valueAndGrad((logits, t) => crossEntropy(logits, t)));
      let dx;
      return {
        async run() {
          dx?.dispose();
          const [loss, gradient] = f(X.ref, T.ref);
          dx = gradient;
          await dx.blockUntilReady();
          return (await loss.data())[0];
        },
        result: () => dx.ref.data(),
        dispose: () => [dx, X, T].forEach((v) => void v?.dispose()),
      };
    },
    steps: { 'own gradients': ownGradients },
    small(x, times) {
      const one = jitted(nn.relu, [np.array(x)]);
      return {
        ...one,
        async run() {
          for (let i = 0; i < times; i++) await one.run();
        },
      };
    },
  };
}

function crossEntropy(logits, t) {
  return np.mean(np.sum(nn.logSoftmax(logits, -1).mul(t), -1)).mul(-1);
}

/** One jitted function from the old parameters to the new ones and the loss. */
function ownGradients({ sizes, batch, x, oneHot, weights, biases, learningRate }) {
  const X = np.array(x).reshape([batch, sizes[0]]);
  const T = np.array(oneHot).reshape([batch, sizes.at(-1)]);
  const depth = weights.length;
  let parameters = weights.flatMap((w, l) => [np.array(w).reshape([sizes[l], sizes[l + 1]]), np.array(biases[l])]);
  const loss = (params, input, t) => {
    let y = input;
    for (let l = 0; l < depth; l++) {
      y = np.matmul(y, params[2 * l]).add(params[2 * l + 1]);
      if (l < depth - 1) y = nn.relu(y);
    }
    return crossEntropy(y, t);
  };
  const step = jax.jit((params, input, t) => {
    const [value, gradients] = jax.valueAndGrad(loss)(
      params.map((p) => p.ref),
      input,
      t,
    );
    return [value, params.map((p, i) => p.sub(gradients[i].mul(learningRate)))];
  });
  return {
    async run() {
      const [value, next] = step(parameters, X.ref, T.ref);
      parameters = next;
      await jax.blockUntilReady(parameters);
      return (await value.data())[0];
    },
    async result() {
      const all = [];
      for (const which of [0, 1])
        for (let l = 0; l < depth; l++) for (const w of await parameters[2 * l + which].ref.data()) all.push(w);
      return Float32Array.from(all);
    },
    dispose: () => [X, T, ...parameters].forEach((v) => void v.dispose()),
  };
}

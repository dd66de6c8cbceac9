import { readFileSync } from 'node:fs';
import { model } from './onnx.mjs';

const { version } = JSON.parse(
  readFileSync(new URL('node_modules/onnxruntime-web/package.json', import.meta.url), 'utf8'),
);

let ort;

/** @param {number} threads @returns {Promise<import('../support/peer').Peer>} */
export default async function onnxruntime(threads) {
  // Of the two builds that run in Node, the one for it alone finds its worker.
  ort = await import(threads > 1 ? 'onnxruntime-web' : 'onnxruntime-web/wasm');
  ort.env.wasm.numThreads = threads;
  ort.env.logLevel = 'error';
  // It defines a global Worker at its first session, by which jax-js would take this process for a browser with threads.
  await ort.InferenceSession.create(
    model({ inputs: { x: [1] }, outputs: { y: [1] }, nodes: [{ op: 'Relu', inputs: ['x'], output: 'y' }] }),
  );
  delete globalThis.Worker;
  return {
    name: 'ort-web',
    version,
    evaluation: 'session.run() is awaited; it copies inputs in and outputs out',
    matmul({ m, n, k, a, b, transposeA, transposeB }) {
      const shapes = { a: transposeA ? [k, m] : [m, k], b: transposeB ? [n, k] : [k, n] };
      const attributes = { transA: transposeA ? 1 : 0, transB: transposeB ? 1 : 0 };
      const op = transposeA || transposeB ? 'Gemm' : 'MatMul';
      return single(
        { a, b },
        shapes,
        [m, n],
        [{ op, inputs: ['a', 'b'], output: 'y', ...(op === 'Gemm' && { attributes }) }],
      );
    },
    unary(name, x) {
      const op = { relu: 'Relu', sigmoid: 'Sigmoid', tanh: 'Tanh' }[name];
      return single({ x }, { x: [x.length] }, [x.length], [{ op, inputs: ['x'], output: 'y' }]);
    },
    softmax(x, rows, cols) {
      const nodes = [{ op: 'Softmax', inputs: ['x'], output: 'y', attributes: { axis: 1 } }];
      return single({ x }, { x: [rows, cols] }, [rows, cols], nodes);
    },
    softmaxLoss({ x, labels, oneHot, cols }) {
      const N = labels.length;
      const { nodes, constants } = lossNodes('x', 't', 'y', N);
      return single({ x, t: oneHot }, { x: [N, cols], t: [N, cols] }, [N, cols], nodes, constants, { loss: [] });
    },
    steps: { 'by hand': byHand },
    async small(x, times) {
      const { run, result } = await this.unary('relu', x);
      return {
        async run() {
          for (let i = 0; i < times; i++) await run();
        },
        result,
      };
    },
  };
}

/** A graph with one result y (and others that are not looked at). */
async function single(arrays, shapes, shape, nodes, constants, more = {}) {
  const graph = model({ inputs: shapes, outputs: { y: shape, ...more }, nodes, constants });
  const session = await ort.InferenceSession.create(graph);
  const feeds = Object.fromEntries(
    Object.entries(arrays).map(([name, data]) => [name, new ort.Tensor('float32', data, shapes[name])]),
  );
  let last;
  return {
    async run() {
      last = await session.run(feeds);
      return last.loss?.data[0];
    },
    result: () => last.y.data,
    dispose: () => void session.release(),
  };
}

/** Nodes for the gradient `dx` and the mean `loss` of softmax cross-entropy. */
function lossNodes(x, t, dx, N) {
  return {
    nodes: [
      { op: 'Softmax', inputs: [x], output: 'probabilities', attributes: { axis: 1 } },
      { op: 'Mul', inputs: ['probabilities', t], output: 'chosen' },
      { op: 'ReduceSum', inputs: ['chosen', 'axis1'], output: 'p', attributes: { keepdims: 0 } },
      { op: 'Log', inputs: ['p'], output: 'logp' },
      { op: 'Neg', inputs: ['logp'], output: 'losses' },
      { op: 'ReduceMean', inputs: ['losses'], output: 'loss', attributes: { keepdims: 0 } },
      { op: 'Sub', inputs: ['probabilities', t], output: 'difference' },
      { op: 'Mul', inputs: ['difference', '1/N'], output: dx },
    ],
    constants: { axis1: { axis: 1 }, '1/N': { float: 1 / N } },
  };
}

/** The whole step as one graph, from the old weights to the new ones. */
async function byHand({ sizes, batch, x, oneHot, weights, biases, learningRate }) {
  const depth = weights.length;
  const classes = sizes[depth];
  const inputs = { x: [batch, sizes[0]], t: [batch, classes] };
  const outputs = { loss: [] };
  const nodes = [];
  const y = (l) => (l < 0 ? 'x' : `y${l}`);
  for (let l = 0; l < depth; l++) {
    inputs[`W${l}`] = outputs[`newW${l}`] = [sizes[l], sizes[l + 1]];
    inputs[`b${l}`] = outputs[`newb${l}`] = [sizes[l + 1]];
    const hidden = l < depth - 1;
    nodes.push({ op: 'Gemm', inputs: [y(l - 1), `W${l}`, `b${l}`], output: hidden ? `z${l}` : y(l) });
    if (hidden) nodes.push({ op: 'Relu', inputs: [`z${l}`], output: y(l) });
  }
  const loss = lossNodes(y(depth - 1), 't', `dout${depth - 1}`, batch);
  nodes.push(...loss.nodes);
  for (let l = depth - 1; l >= 0; l--) {
    nodes.push(
      // W − rate · xᵀ·dout is one Gemm.
      {
        op: 'Gemm',
        inputs: [y(l - 1), `dout${l}`, `W${l}`],
        output: `newW${l}`,
        attributes: { transA: 1 },
        floats: { alpha: -learningRate },
      },
      { op: 'ReduceSum', inputs: [`dout${l}`, 'axis0'], output: `db${l}`, attributes: { keepdims: 0 } },
    );
    if (l > 0) {
      nodes.push(
        { op: 'Gemm', inputs: [`dout${l}`, `W${l}`], output: `dy${l - 1}`, attributes: { transB: 1 } },
        { op: 'Sign', inputs: [y(l - 1)], output: `mask${l - 1}` }, // y ≥ 0, so the sign is its derivative
        { op: 'Mul', inputs: [`dy${l - 1}`, `mask${l - 1}`], output: `dout${l - 1}` },
      );
    }
    nodes.push(
      { op: 'Mul', inputs: [`db${l}`, 'rate'], output: `stepb${l}` },
      { op: 'Sub', inputs: [`b${l}`, `stepb${l}`], output: `newb${l}` },
    );
  }
  const constants = { ...loss.constants, axis0: { axis: 0 }, rate: { float: learningRate } };
  const session = await ort.InferenceSession.create(model({ inputs, outputs, nodes, constants }));
  const feeds = {
    x: new ort.Tensor('float32', x, inputs.x),
    t: new ort.Tensor('float32', oneHot, inputs.t),
  };
  for (let l = 0; l < depth; l++) {
    feeds[`W${l}`] = new ort.Tensor('float32', weights[l].slice(), inputs[`W${l}`]);
    feeds[`b${l}`] = new ort.Tensor('float32', biases[l].slice(), inputs[`b${l}`]);
  }
  return {
    async run() {
      const results = await session.run(feeds);
      for (let l = 0; l < depth; l++) {
        feeds[`W${l}`] = results[`newW${l}`];
        feeds[`b${l}`] = results[`newb${l}`];
      }
      return results.loss.data[0];
    },
    result: () =>
      Float32Array.from(['W', 'b'].flatMap((name) => weights.flatMap((_, l) => [...feeds[`${name}${l}`].data]))),
    dispose: () => void session.release(),
  };
}

import { generator, normal } from '../../test/support/seeds';
import { Trainer } from '../plain/network';
import { once, within } from '../support/check';
import { bench, type Case, free } from '../support/contender';
import { type Made, oneHot, type PeerContender } from '../support/peer';

export interface Step {
  sizes: number[];
  batch: number;
  /** Steps in one run. */
  times?: number;
}

/** One step of training: forward, loss, backward, SGD, through the public layers. */
export default bench<Step>(
  'training step',
  [
    { sizes: [784, 50, 10], batch: 100 },
    { sizes: [2, 3, 2], batch: 1, times: 20 },
    { sizes: [2, 3, 2], batch: 32, times: 20 },
  ],
  step,
  [{ sizes: [784, 1024, 1024, 10], batch: 128 }],
);

const LEARNING_RATE = 0.01;

/** The data of a step and its network, drawn from seeds: every contender starts from the same. */
function drawStep({ sizes, batch }: Step) {
  const next = generator(2);
  const classes = sizes.at(-1)!;
  const widths = sizes.slice(1);
  return {
    x: normal(batch * sizes[0]!, { seed: 1 }),
    labels: Int32Array.from({ length: batch }, () => Math.floor(next() * classes)),
    weights: widths.map((out, l) => normal(sizes[l]! * out, { seed: 3 + l, std: Math.sqrt(2 / sizes[l]!) })),
    biases: widths.map((out) => new Float32Array(out)),
  };
}

/** float operations: forward, dW, and dx of all layers but the first. */
function flopOf({ sizes, batch }: Step): number {
  const products = sizes.slice(1).map((out, l) => 2 * batch * sizes[l]! * out);
  return products.reduce((sum, flop, l) => sum + flop * (l === 0 ? 2 : 3), 0);
}

export function step(size: Step): Case {
  const { sizes, batch, times = 1 } = size;
  const { x, labels, weights, biases } = drawStep(size);
  const start = [...weights, ...biases];
  const copies = (arrays: Float32Array[]) => arrays.map((array) => array.slice());
  const exact = once(() => exactSteps(size, times));
  return {
    shape: `${sizes.join('-')} batch ${batch}`,
    ...(times === 1 && { flop: flopOf(size) }),
    times,
    check: (parameters) => within(parameters, exact().change, 1e-3),
    loss: () => exact().loss,
    simdgrad(library) {
      const { Affine, ReLU, Sequential, SGD, SoftmaxWithLoss, tensor } = library;
      const affines = weights.map((W, l) => new Affine(tensor(W, [sizes[l]!, sizes[l + 1]!]), tensor(biases[l]!)));
      const net = new Sequential(affines.flatMap((affine, l) => (l === 0 ? [affine] : [new ReLU(), affine])));
      const criterion = new SoftmaxWithLoss();
      const optimizer = new SGD(net.parameters(), { learningRate: LEARNING_RATE });
      const input = tensor(x, [batch, sizes[0]!]);
      return {
        run() {
          let loss = 0;
          for (let i = 0; i < times; i++) {
            loss += criterion.forward(net.forward(input), labels);
            net.backward(criterion.backward());
            optimizer.step();
          }
          return loss;
        },
        result: () =>
          difference(
            [...affines.map(({ W }) => W), ...affines.map(({ b }) => b)].map((t) => t.toTypedArray()),
            start,
          ),
        dispose: () => free(net, criterion, optimizer, input),
      };
    },
    js() {
      const net = { sizes, weights: copies(weights), biases: copies(biases) };
      const trainer = new Trainer(net, batch);
      return {
        run() {
          let loss = 0;
          for (let i = 0; i < times; i++) loss += trainer.step(x, labels, LEARNING_RATE);
          return loss;
        },
        result: () => difference([...net.weights, ...net.biases], start),
      };
    },
    peers(peer) {
      const rows = oneHot(labels, sizes.at(-1)!);
      const step = { sizes, batch, x, labels, oneHot: rows, weights, biases, learningRate: LEARNING_RATE };
      return Object.fromEntries(
        Object.entries(peer.steps ?? {}).map(([way, make]) => [way, () => peerStep(make(step), start, times)]),
      );
    },
  };
}

/** The sum of the losses of so many runs; asynchronously if they are. */
function repeat(run: () => unknown, times: number, sum = 0): number | Promise<number> {
  for (; times > 0; times--) {
    const loss = run();
    if (loss instanceof Promise) return loss.then((value) => repeat(run, times - 1, sum + value));
    sum += loss as number;
  }
  return sum;
}

/** `times` steps of a peer in a run. */
async function peerStep(made: Made, start: Float32Array[], times: number): Promise<PeerContender | undefined> {
  const contender = await made;
  if (contender === undefined) return undefined;
  const { run, time, result, ...rest } = contender;
  return {
    ...rest,
    ...(time && { time: (count) => time(count * times) }),
    ...(run && { run: () => repeat(run, times) }),
    async result() {
      const parameters = await result();
      let at = 0;
      return difference(
        start.map((value) => Float32Array.from(value, () => parameters[at++]!)),
        start,
      );
    },
  };
}

/** The same steps in float64, as the definitions read: what they change in the parameters, and the sum of their losses. */
function exactSteps(size: Step, steps: number): { change: Float64Array; loss: number } {
  const { sizes, batch } = size;
  const { x, labels, weights: start, biases } = drawStep(size);
  const W = start.map((w) => Float64Array.from(w));
  const b = biases.map((v) => Float64Array.from(v));
  let loss = 0;
  for (let s = 0; s < steps; s++) {
    const dW = W.map((w) => new Float64Array(w.length));
    const db = b.map((v) => new Float64Array(v.length));
    for (let row = 0; row < batch; row++) {
      const outputs = [Float64Array.from(x.subarray(row * sizes[0]!, (row + 1) * sizes[0]!))];
      for (const [l, w] of W.entries()) {
        const y = b[l]!.slice();
        const input = outputs[l]!;
        for (let i = 0; i < input.length; i++)
          for (let j = 0; j < y.length; j++) y[j]! += input[i]! * w[i * y.length + j]!;
        outputs.push(l < W.length - 1 ? y.map((v) => Math.max(v, 0)) : y);
      }
      const total = outputs.at(-1)!.reduce((sum, v) => sum + Math.exp(v), 0);
      loss += (Math.log(total) - outputs.at(-1)![labels[row]!]!) / batch;
      let dout = outputs.at(-1)!.map((v, j) => (Math.exp(v) / total - (j === labels[row] ? 1 : 0)) / batch);
      for (let l = W.length - 1; l >= 0; l--) {
        const input = outputs[l]!;
        const dx = new Float64Array(input.length);
        for (let i = 0; i < input.length; i++) {
          for (let j = 0; j < dout.length; j++) {
            dW[l]![i * dout.length + j]! += input[i]! * dout[j]!;
            dx[i]! += dout[j]! * W[l]![i * dout.length + j]!;
          }
        }
        for (let j = 0; j < dout.length; j++) db[l]![j]! += dout[j]!;
        dout = dx.map((v, i) => (input[i]! > 0 ? v : 0));
      }
    }
    for (const [l, w] of W.entries()) for (let i = 0; i < w.length; i++) w[i]! -= LEARNING_RATE * dW[l]![i]!;
    for (const [l, v] of b.entries()) for (let j = 0; j < v.length; j++) v[j]! -= LEARNING_RATE * db[l]![j]!;
  }
  return { change: difference([...W, ...b], [...start, ...biases]), loss };
}

/** What training changed in the weights, one after the other, and then in the biases. */
function difference(to: (Float32Array | Float64Array)[], from: Float32Array[]): Float64Array {
  return Float64Array.from(to.flatMap((W, l) => Array.from(W as Float64Array, (w, i) => w - from[l]![i]!)));
}

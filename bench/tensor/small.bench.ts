import type { Tensor } from '../../src/index';
import { normal } from '../../test/support/seeds';
import { add, relu, sigmoid } from '../plain/elementwise';
import { matmul } from '../plain/matmul';
import { softmax, softmaxLoss } from '../plain/softmax';
import { within } from '../support/check';
import { bench, free, type Library } from '../support/contender';

const TIMES = 200;
const LABELS = Int32Array.of(0, 1);

interface Operation {
  /** Computes into `out`, or into a tensor that it returns; x and out are [2, 2]. */
  ours(library: Library, x: Tensor, out: Tensor): () => Tensor | null | undefined;
  js(y: Float32Array, x: Float32Array): unknown;
}

/** One of each way into the kernels. The plain loops know their sizes and check nothing. */
const operations = {
  relu: {
    ours:
      ({ relu }, x, out) =>
      () =>
        relu(x, { out }),
    js: relu,
  },
  sigmoid: {
    ours:
      ({ sigmoid }, x, out) =>
      () =>
        sigmoid(x, { out }),
    js: sigmoid,
  },
  add: {
    ours:
      ({ add }, x, out) =>
      () =>
        add(x, x, { out }),
    js: (y, x) => add(y, x, x),
  },
  'add a number': {
    ours:
      ({ add }, x, out) =>
      () =>
        add(x, 2, { out }),
    js: (y, x) => {
      for (let i = 0; i < x.length; i++) y[i] = x[i]! + 2;
    },
  },
  'add a row': {
    ours: ({ add, slice }, x, out) => {
      const row = slice(x, 0, 1).reshape([2]);
      return () => add(x, row, { out });
    },
    js: (y, x) => {
      for (let i = 0; i < x.length; i++) y[i] = x[i]! + x[i & 1]!;
    },
  },
  'add a column': {
    ours: ({ add, slice }, x, out) => {
      const column = slice(x, 0, 1).reshape([2, 1]);
      return () => add(x, column, { out });
    },
    js: (y, x) => {
      for (let i = 0; i < x.length; i++) y[i] = x[i]! + x[i >> 1]!;
    },
  },
  softmax: {
    ours:
      ({ softmax }, x, out) =>
      () =>
        softmax(x, { out }),
    js: (y, x) => softmax(y, x, 2),
  },
  matmul: {
    ours: ({ matmul, tensor }, x, out) => {
      const b = tensor(x);
      return () => matmul(x, b, { out });
    },
    js: (y, x) => matmul(y, x, x, 2, 2, 2),
  },
  'add into a new tensor': {
    ours:
      ({ add }, x, out) =>
      () =>
        out.set(add(x, x)),
    js: (y, x) => y.set(add2(x)),
  },
  'ReLU layer': {
    ours: ({ ReLU }, x) => {
      const layer = new ReLU();
      return () => layer.forward(x);
    },
    js: relu,
  },
  'Affine layer': {
    ours: ({ Affine, tensor }, x) => {
      const layer = new Affine(tensor(x), tensor([0, 0]));
      return () => layer.forward(x);
    },
    js: (y, x) => matmul(y, x, x, 2, 2, 2),
  },
  SoftmaxWithLoss: {
    ours: ({ SoftmaxWithLoss }, x) => {
      const layer = new SoftmaxWithLoss();
      return () => {
        layer.forward(x, LABELS);
        return layer.y;
      };
    },
    js: (y, x) => softmaxLoss(y, x, LABELS),
  },
} satisfies Record<string, Operation>;

function add2(x: Float32Array): Float32Array {
  const y = new Float32Array(x.length);
  add(y, x, x);
  return y;
}

/** Every {@link operations}. */
export const calls = (Object.keys(operations) as (keyof typeof operations)[]).map((op) => ({ op, n: 4 }) as const);

/** What a call costs beside its loop: 4 elements, 200 times in a run. */
export default bench<{ op: keyof typeof operations; n: 4 }>('small', calls, ({ op, n }) => {
  const x = normal(n, { seed: 1 });
  const { ours, js }: Operation = operations[op];
  const exact = new Float32Array(n);
  js(exact, x);
  return {
    shape: `${op} of ${n}`,
    times: TIMES,
    check: (y) => within(y, exact, 4 * 2 ** -23),
    simdgrad(library: Library) {
      const input = library.tensor(x, [2, 2]);
      const out = library.zeros([2, 2]);
      const once = ours(library, input, out);
      return {
        run() {
          library.tidy(() => {
            for (let i = 0; i < TIMES; i++) once();
          });
        },
        result: () => (once() ?? out).toTypedArray(),
        dispose: () => free(input, out),
      };
    },
    js() {
      const y = new Float32Array(n);
      return {
        run() {
          for (let i = 0; i < TIMES; i++) js(y, x);
        },
        result: () => y,
      };
    },
    peers: (peer) => ({ '': () => (op === 'relu' ? peer.small?.(x, TIMES) : undefined) }),
  };
});

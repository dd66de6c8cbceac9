import { normal } from '../../test/support/seeds';
import { add, relu, sigmoid } from '../plain/elementwise';
import { withinUlp } from '../support/check';
import { bench, free, type Library } from '../support/contender';

const TIMES = 200;

interface Size {
  op: 'relu' | 'sigmoid' | 'add';
  n: number;
}

const JS = { relu, sigmoid, add };
const EXACT = {
  relu: (x: number) => Math.max(x, 0),
  sigmoid: (x: number) => 1 / (1 + Math.exp(-x)),
  add: (x: number) => Math.fround(x + x),
};

/** What a call costs beside its loop: 4 elements into an `out`, 200 times in a run. */
export default bench<Size>(
  'small',
  (['relu', 'sigmoid', 'add'] as const).map((op) => ({ op, n: 4 })),
  ({ op, n }) => {
    const x = normal(n, { seed: 1 });
    return {
      shape: `${op} of ${n}`,
      times: TIMES,
      check: (y) => withinUlp(y, Float64Array.from(x, EXACT[op]), 3),
      simdgrad(library: Library) {
        const input = library.tensor(x);
        const out = library.zeros([n]);
        const options = { out };
        const once = op === 'add' ? () => library.add(input, input, options) : () => library[op](input, options);
        return {
          run() {
            for (let i = 0; i < TIMES; i++) once();
          },
          result: () => out.toTypedArray(),
          dispose: () => free(input, out),
        };
      },
      js() {
        const y = new Float32Array(n);
        return {
          run() {
            for (let i = 0; i < TIMES; i++) JS[op](y, x, x);
          },
          result: () => y,
        };
      },
      peers: (peer) => ({ '': () => (op === 'relu' ? peer.small?.(x, TIMES) : undefined) }),
    };
  },
);

import { normal } from '../../test/support/seeds';
import { add, addRow, mul } from '../plain/elementwise';
import { withinUlp } from '../support/check';
import { bench, free } from '../support/contender';

interface Size {
  op: 'add' | 'mul';
  a: [rows: number, cols: number];
  /** [rows, cols], or [cols] to be repeated over the rows. */
  b: number[];
}

const JS = { add, mul, addRow };

/** a ∘ b elementwise, and with b broadcast over the rows. */
export default bench<Size>(
  'arithmetic',
  [
    { op: 'add', a: [100, 100], b: [100, 100] },
    { op: 'add', a: [1000, 1000], b: [1000, 1000] },
    { op: 'mul', a: [1000, 1000], b: [1000, 1000] },
    { op: 'add', a: [128, 1000], b: [1000] },
  ],
  ({ op, a: [rows, cols], b: shape }) => {
    const n = rows * cols;
    const a = normal(n, { seed: 1 });
    const b = normal(shape.length === 1 ? cols : n, { seed: 2 });
    const js = shape.length === 1 ? JS.addRow : JS[op];
    return {
      shape: `${rows}×${cols} ${op === 'add' ? '+' : '·'} ${shape.join('×')}`,
      bytes: 4 * (2 * n + b.length),
      check: (y) =>
        withinUlp(
          y,
          Float32Array.from(a, (x, i) => (op === 'add' ? x + b[i % b.length]! : x * b[i % b.length]!)),
          0,
        ),
      simdgrad(library) {
        const A = library.tensor(a, [rows, cols]);
        const B = library.tensor(b, shape);
        const out = library.zeros([rows, cols]);
        let turn = 0;
        return {
          run: () => library[op](A, B, { out }),
          result: () => out.toTypedArray(),
          dispose: () => free(A, B, out),
          // Each of the two in turn, where both are read whole.
          copy: { run: () => out.set(A.size === B.size && turn++ % 2 === 1 ? B : A), bytes: 8 * n },
        };
      },
      js() {
        const y = new Float32Array(n);
        return { run: () => js(y, a, b), result: () => y };
      },
    };
  },
  // Rows shorter than a few vectors, which go as one flat run.
  [
    { op: 'add', a: [20_000, 3], b: [3] },
    { op: 'add', a: [5000, 12], b: [12] },
    { op: 'add', a: [5000, 20], b: [20] },
  ],
);

import { normal } from '../../test/support/seeds';
import { sum, sumRows } from '../plain/reduce';
import { within } from '../support/check';
import { bench, free } from '../support/contender';

interface Size {
  rows: number;
  cols: number;
  axis?: 0;
}

/** Everything, and over the rows (the gradient of a bias). */
export default bench<Size>(
  'sum',
  [
    { rows: 100, cols: 100 },
    { rows: 1000, cols: 1000 },
    { rows: 128, cols: 1024, axis: 0 },
  ],
  ({ rows, cols, axis }) => {
    const x = normal(rows * cols, { seed: 1, mean: 1 });
    const exact = new Float64Array(axis === 0 ? cols : 1);
    for (let i = 0; i < x.length; i++) exact[i % exact.length]! += x[i]!;
    return {
      shape: `${rows}×${cols}${axis === 0 ? ' axis 0' : ''}`,
      reads: { bytes: 4 * x.length, of: 4 * x.length },
      check: (y) => within(y, exact, 1e-5),
      simdgrad(library) {
        const input = library.tensor(x, [rows, cols]);
        let last = library.zeros([]);
        return {
          run() {
            last.dispose();
            last = library.sum(input, { axis });
          },
          result: () => last.toTypedArray(),
          dispose: () => free(input, last),
        };
      },
      js() {
        const y = new Float32Array(exact.length);
        const run = axis === 0 ? () => sumRows(y, x) : () => (y[0] = sum(x));
        return { run, result: () => y };
      },
    };
  },
);

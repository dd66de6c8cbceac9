import { normal } from '../../test/support/seeds';
import { sum, sumCols, sumRows } from '../plain/reduce';
import { within } from '../support/check';
import { bench, renewing } from '../support/contender';

interface Size {
  rows: number;
  cols: number;
  axis?: 0 | 1;
}

/** Everything, over the rows (the gradient of a bias), and within short rows. */
export default bench<Size>(
  'sum',
  [
    { rows: 100, cols: 100 },
    { rows: 1000, cols: 1000 },
    { rows: 128, cols: 1024, axis: 0 },
  ],
  ({ rows, cols, axis }) => {
    const x = normal(rows * cols, { seed: 1, mean: 1 });
    const exact = new Float64Array(axis === undefined ? 1 : axis === 0 ? cols : rows);
    for (let i = 0; i < x.length; i++) exact[axis === 1 ? Math.floor(i / cols) : i % exact.length]! += x[i]!;
    return {
      shape: `${rows}×${cols}${axis === undefined ? '' : ` axis ${axis}`}`,
      reads: { bytes: 4 * x.length, of: 4 * x.length },
      check: (y) => within(y, exact, 1e-5),
      simdgrad: (library) => renewing(library, x, [rows, cols], (input) => library.sum(input, { axis })),
      js() {
        const y = new Float32Array(exact.length);
        const runs = [() => sumRows(y, x), () => sumCols(y, x)];
        return { run: axis === undefined ? () => (y[0] = sum(x)) : runs[axis]!, result: () => y };
      },
    };
  },
  [
    { rows: 10_000, cols: 10, axis: 0 },
    { rows: 10_000, cols: 10, axis: 1 },
    { rows: 1000, cols: 1000, axis: 0 },
  ],
);

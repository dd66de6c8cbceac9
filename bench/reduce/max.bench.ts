import { normal } from '../../test/support/seeds';
import { maxCols, maxRows } from '../plain/reduce';
import { withinUlp } from '../support/check';
import { bench, renewing } from '../support/contender';

interface Size {
  rows: number;
  cols: number;
  axis: 0 | 1;
}

/** The largest of each row, and of each column of few and of many. */
export default bench<Size>(
  'max',
  [{ rows: 128, cols: 1000, axis: 1 }],
  ({ rows, cols, axis }) => {
    const x = normal(rows * cols, { seed: 1 });
    const exact = new Float32Array(axis === 0 ? cols : rows).fill(-Infinity);
    for (let i = 0; i < x.length; i++) {
      const at = axis === 0 ? i % cols : Math.floor(i / cols);
      exact[at] = Math.max(exact[at]!, x[i]!);
    }
    return {
      shape: `${rows}×${cols} axis ${axis}`,
      reads: { bytes: 4 * x.length, of: 4 * x.length },
      check: (y) => withinUlp(y, exact, 0),
      simdgrad: (library) => renewing(library, x, [rows, cols], (input) => library.max(input, { axis })),
      js() {
        const y = new Float32Array(exact.length);
        const run = axis === 0 ? () => maxRows(y, x) : () => maxCols(y, x);
        return { run, result: () => y };
      },
    };
  },
  [
    { rows: 10_000, cols: 10, axis: 0 },
    { rows: 1000, cols: 1000, axis: 0 },
  ],
);

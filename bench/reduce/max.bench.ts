import { normal } from '../../test/support/seeds';
import { maxCols } from '../plain/reduce';
import { withinUlp } from '../support/check';
import { bench, free } from '../support/contender';

/** The largest of each row. */
export default bench('max', [[128, 1000]] as [number, number][], ([rows, cols]) => {
  const x = normal(rows * cols, { seed: 1 });
  const exact = Float32Array.from({ length: rows }, (_, i) => Math.max(...x.subarray(i * cols, (i + 1) * cols)));
  return {
    shape: `${rows}×${cols} axis 1`,
    reads: { bytes: 4 * x.length, of: 4 * x.length },
    check: (y) => withinUlp(y, exact, 0),
    simdgrad(library) {
      const input = library.tensor(x, [rows, cols]);
      let last = library.zeros([]);
      return {
        run() {
          last.dispose();
          last = library.max(input, { axis: 1 });
        },
        result: () => last.toTypedArray(),
        dispose: () => free(input, last),
      };
    },
    js() {
      const y = new Float32Array(rows);
      return { run: () => maxCols(y, x), result: () => y };
    },
  };
});

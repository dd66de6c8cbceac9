import { normal } from '../../test/support/seeds';
import { argmaxCols } from '../plain/reduce';
import { withinUlp } from '../support/check';
import { bench } from '../support/contender';

/** Where the largest of each row is: the predicted classes of a batch. */
export default bench(
  'argmax',
  [
    [1000, 10],
    [128, 1000],
  ] as [number, number][],
  ([rows, cols]) => {
    const x = normal(rows * cols, { seed: 1 });
    const exact = Array.from({ length: rows }, (_, i) => {
      const row = x.subarray(i * cols, (i + 1) * cols);
      return row.indexOf(Math.max(...row));
    });
    return {
      shape: `${rows}×${cols} axis 1`,
      reads: { bytes: 4 * x.length, of: 4 * x.length },
      check: (y) => withinUlp(y, exact, 0),
      simdgrad(library) {
        const input = library.tensor(x, [rows, cols]);
        let last = new Int32Array();
        return {
          run() {
            last = library.argmax(input, { axis: 1 });
          },
          result: () => last,
          dispose: () => input.dispose(),
        };
      },
      js() {
        const y = new Int32Array(rows);
        return { run: () => argmaxCols(y, x), result: () => y };
      },
    };
  },
);

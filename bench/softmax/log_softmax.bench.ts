import { logSoftmax as reference } from '../../test/reference/log_softmax';
import { normal } from '../../test/support/seeds';
import { logSoftmax } from '../plain/softmax';
import { once, within } from '../support/check';
import { bench, free } from '../support/contender';

type Size = [rows: number, cols: number];

/** y = x − log Σ e^x over each row. */
export default bench<Size>(
  'log_softmax',
  [
    [128, 10],
    [128, 1000],
  ],
  ([rows, cols]) => {
    const x = normal(rows * cols, { seed: 1, std: 3 });
    const exact = once(() => reference(x, cols));
    return {
      shape: `${rows}×${cols}`,
      bytes: 8 * x.length,
      check: (y) => within(y, exact(), 2e-6),
      simdgrad(library) {
        const input = library.tensor(x, [rows, cols]);
        const out = library.zeros([rows, cols]);
        return {
          run: () => library.logSoftmax(input, { out }),
          result: () => out.toTypedArray(),
          dispose: () => free(input, out),
        };
      },
      js() {
        const y = new Float32Array(x.length);
        return { run: () => logSoftmax(y, x, cols), result: () => y };
      },
    };
  },
  [
    [1, 10],
    [1000, 10],
    [128, 100],
    [1024, 4096],
  ],
);

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
    const exact = once(() => exactLogSoftmax(x, cols));
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

/** In float64. */
function exactLogSoftmax(x: Float32Array, cols: number): Float64Array {
  const y = new Float64Array(x.length);
  for (let at = 0; at < x.length; at += cols) {
    const row = x.subarray(at, at + cols);
    const largest = row.reduce((a, b) => Math.max(a, b));
    const shift = largest + Math.log(row.reduce((s, v) => s + Math.exp(v - largest), 0));
    for (let j = 0; j < cols; j++) y[at + j] = row[j]! - shift;
  }
  return y;
}

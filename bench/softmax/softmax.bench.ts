import { softmax as reference } from '../../test/reference/softmax';
import { normal } from '../../test/support/seeds';
import { softmax } from '../plain/softmax';
import { once, within } from '../support/check';
import { bench, free } from '../support/contender';

type Size = [rows: number, cols: number];

/** y = e^x / Σ e^x over each row. */
export default bench<Size>(
  'softmax',
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
      check: (y, by) => within(y, exact(), by === 'peer' ? 2e-5 : 2e-6),
      simdgrad(library) {
        const input = library.tensor(x, [rows, cols]);
        const out = library.zeros([rows, cols]);
        return {
          run: () => library.softmax(input, { out }),
          result: () => out.toTypedArray(),
          dispose: () => free(input, out),
        };
      },
      js() {
        const y = new Float32Array(x.length);
        return { run: () => softmax(y, x, cols), result: () => y };
      },
      peers: (peer) => ({ '': () => peer.softmax?.(x, rows, cols) }),
    };
  },
  [
    [1, 10],
    [1000, 10],
    [128, 100],
    [1024, 4096],
  ],
);

import { generator, normal } from '../../test/support/seeds';
import { takeColumns, takeRows } from '../plain/shape';
import { withinUlp } from '../support/check';
import { bench, free } from '../support/contender';

/** Rows of a data set by their indices, a mini-batch; or columns, a choice of features. */
export default bench(
  'gather',
  [{ rows: 10_000, cols: 784, count: 100, axis: 0 }],
  ({ rows, cols, count, axis }) => {
    const x = normal(rows * cols, { seed: 1 });
    const next = generator(2);
    const indices = Int32Array.from({ length: count }, () => Math.floor(next() * (axis === 0 ? rows : cols)));
    const shape: [number, number] = axis === 0 ? [count, cols] : [rows, count];
    const exact = Float32Array.from({ length: shape[0] * shape[1] }, (_, at) => {
      const i = Math.floor(at / shape[1]);
      const j = at % shape[1];
      return axis === 0 ? x[indices[i]! * cols + j]! : x[i * cols + indices[j]!]!;
    });
    return {
      shape: `${count} of ${rows}×${cols} axis ${axis}`,
      bytes: 8 * exact.length,
      check: (y) => withinUlp(y, exact, 0),
      simdgrad(library) {
        const input = library.tensor(x, [rows, cols]);
        const out = library.zeros(shape);
        return {
          run: () => library.take(input, indices, { axis, out }),
          result: () => out.toTypedArray(),
          dispose: () => free(input, out),
        };
      },
      js() {
        const y = new Float32Array(exact.length);
        return {
          run: axis === 0 ? () => takeRows(y, x, indices) : () => takeColumns(y, x, indices, cols),
          result: () => y,
        };
      },
    };
  },
  [{ rows: 1000, cols: 100, count: 100, axis: 1 }],
);

import { generator, normal } from '../../test/support/seeds';
import { take } from '../plain/shape';
import { withinUlp } from '../support/check';
import { bench, free } from '../support/contender';

/** Rows of a data set by their indices: a mini-batch. */
export default bench('gather', [{ rows: 10_000, cols: 784, batch: 100 }], ({ rows, cols, batch }) => {
  const x = normal(rows * cols, { seed: 1 });
  const next = generator(2);
  const indices = Int32Array.from({ length: batch }, () => Math.floor(next() * rows));
  const exact = Float32Array.from(
    { length: batch * cols },
    (_, at) => x[indices[Math.floor(at / cols)]! * cols + (at % cols)]!,
  );
  return {
    shape: `${batch} of ${rows}×${cols}`,
    bytes: 8 * exact.length,
    check: (y) => withinUlp(y, exact, 0),
    simdgrad(library) {
      const input = library.tensor(x, [rows, cols]);
      const out = library.zeros([batch, cols]);
      return {
        run: () => library.take(input, indices, { axis: 0, out }),
        result: () => out.toTypedArray(),
        dispose: () => free(input, out),
      };
    },
    js() {
      const y = new Float32Array(exact.length);
      return { run: () => take(y, x, indices), result: () => y };
    },
  };
});

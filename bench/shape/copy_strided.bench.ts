import { normal } from '../../test/support/seeds';
import { sliceColumns } from '../plain/shape';
import { withinUlp } from '../support/check';
import { bench, renewing } from '../support/contender';

/** A block of columns, as a copy. */
export default bench(
  'copy_strided',
  [{ rows: 1000, cols: 784, begin: 100, end: 600 }],
  ({ rows, cols, begin, end }) => {
    const x = normal(rows * cols, { seed: 1 });
    const width = end - begin;
    const exact = Float32Array.from(
      { length: rows * width },
      (_, at) => x[Math.floor(at / width) * cols + begin + (at % width)]!,
    );
    return {
      shape: `${rows}×${cols} [${begin}:${end}]`,
      bytes: 8 * exact.length,
      check: (y) => withinUlp(y, exact, 0),
      simdgrad: (library) =>
        renewing(library, x, [rows, cols], (input) => library.slice(input, begin, end, { axis: 1 })),
      js() {
        const y = new Float32Array(exact.length);
        return { run: () => sliceColumns(y, x, cols, begin, end), result: () => y };
      },
    };
  },
);

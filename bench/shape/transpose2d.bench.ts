import { normal } from '../../test/support/seeds';
import { transpose } from '../plain/shape';
import { withinUlp } from '../support/check';
import { bench, renewing } from '../support/contender';

/** y = xᵀ, as a copy. */
export default bench('transpose2d', [[784, 512]] as [number, number][], ([rows, cols]) => {
  const x = normal(rows * cols, { seed: 1 });
  const exact = Float32Array.from(x, (_, at) => x[(at % rows) * cols + Math.floor(at / rows)]!);
  return {
    shape: `${rows}×${cols}`,
    bytes: 8 * x.length,
    check: (y) => withinUlp(y, exact, 0),
    simdgrad: (library) => renewing(library, x, [rows, cols], (input) => library.transpose(input)),
    js() {
      const y = new Float32Array(x.length);
      return { run: () => transpose(y, x, rows, cols), result: () => y };
    },
  };
});

import { normal } from '../../test/support/seeds';
import { rotateAxes } from '../plain/shape';
import { withinUlp } from '../support/check';
import { bench, renewing } from '../support/contender';

/** [a, b, c] → [b, c, a]. */
export default bench('permute', [[64, 56, 56]] as [number, number, number][], ([a, b, c]) => {
  const x = normal(a * b * c, { seed: 1 });
  const exact = Float32Array.from(x, (_, at) => x[(at % a) * b * c + Math.floor(at / a)]!);
  return {
    shape: `${a}×${b}×${c} (1,2,0)`,
    bytes: 8 * x.length,
    check: (y) => withinUlp(y, exact, 0),
    simdgrad: (library) => renewing(library, x, [a, b, c], (input) => library.transpose(input, [1, 2, 0])),
    js() {
      const y = new Float32Array(x.length);
      return { run: () => rotateAxes(y, x, a, b, c), result: () => y };
    },
  };
});

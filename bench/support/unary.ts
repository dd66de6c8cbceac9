import { normal } from '../../test/support/seeds';
import { withinUlp } from './check';
import { type Bench, bench, free, type Library } from './contender';

/** Functions x → y of the package. */
type Name = 'relu' | 'sigmoid' | 'tanh' | 'exp' | 'log' | 'sqrt' | 'neg' | 'abs';

interface Unary {
  /** What y is, in float64. */
  exact: (x: number) => number;
  /** How far from it a right answer may be. */
  ulp: number;
  js: (y: Float32Array, x: Float32Array) => void;
  /** The inputs, from normal draws. */
  input?: (x: number) => number;
}

/** y = f(x), elementwise, in cache and beyond it. */
export function unary(name: Name, { exact, ulp, js, input = (x) => x }: Unary): Bench {
  return bench(
    name,
    [10_000, 1_000_000],
    (n) => {
      const x = normal(n, { seed: n, std: 3 }).map(input);
      return {
        shape: String(n),
        bytes: 8 * n,
        check: (y) => withinUlp(y, Float64Array.from(x, exact), ulp),
        simdgrad(library: Library) {
          const input = library.tensor(x);
          const out = library.zeros([n]);
          return {
            run: () => library[name](input, { out }),
            result: () => out.toTypedArray(),
            dispose: () => free(input, out),
          };
        },
        js() {
          const y = new Float32Array(n);
          return { run: () => js(y, x), result: () => y };
        },
      };
    },
    [64, 1_000, 100_000, 10_000_000],
  );
}

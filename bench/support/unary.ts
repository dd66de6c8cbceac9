import type * as simdgrad from '../../src/index';
import { normal } from '../../test/support/seeds';
import { within, withinUlp } from './check';
import { bench, free, type Library } from './contender';

/** Functions x → y of the package. */
type Name = { [K in keyof Library]: Library[K] extends simdgrad.Unary ? K : never }[keyof Library];

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
export function unary(name: Name, { exact, ulp, js, input = (x) => x }: Unary) {
  return bench(
    name,
    [10_000, 1_000_000],
    (n) => {
      const x = normal(n, { seed: n, std: 3 }).map(input);
      return {
        shape: String(n),
        bytes: 8 * n,
        check: (y, by) =>
          by === 'peer' ? within(y, Float64Array.from(x, exact), 2e-6) : withinUlp(y, Float64Array.from(x, exact), ulp),
        simdgrad(library: Library) {
          const input = library.tensor(x);
          const out = library.zeros([n]);
          return {
            run: () => library[name](input, { out }),
            result: () => out.toTypedArray(),
            dispose: () => free(input, out),
            copy: { run: () => out.set(input), bytes: 8 * n },
          };
        },
        js() {
          const y = new Float32Array(n);
          return { run: () => js(y, x), result: () => y };
        },
        peers: (peer) => ({ '': () => peer.unary?.(name, x) }),
      };
    },
    [64, 1_000, 100_000, 10_000_000],
  );
}

import { parseArgs } from 'node:util';
import { generator } from '../test/support/seeds';
import type { Library } from './support/contender';
import { load } from './support/library';
import { machine } from './support/machine';

// Whether any small shape falls off a cliff: random products with M, N, K in 1 … 40, each timed beside the shape that is
// rounded up to multiples of 4. What takes longer than that would have been faster if the user had padded it.

const USAGE = `npm run bench:odd [-- options]
  --shapes n         random shapes (1000)
  --simd baseline    the kernels of engines without relaxed SIMD`;

const { values: options } = parseArgs({
  options: { shapes: { type: 'string', default: '1000' }, simd: { type: 'string' }, help: { type: 'boolean' } },
});
if (options.help) {
  console.log(USAGE);
  process.exit(0);
}
const MOST = 40;
const ROUNDS = 9;

const library = await load(options.simd as 'baseline' | 'relaxed' | undefined);
for (const [name, value] of machine(library.backendInfo().simd, 1, 'npm run bench:odd')) {
  console.log(`${name.padEnd(8)} ${value}`);
}

const next = generator(1);
const dimension = () => 1 + Math.floor(next() * MOST);
const classes = new Map<string, number[]>();
const slow: [shape: string, ratio: number][] = [];
for (let i = 0; i < Number(options.shapes); i++) {
  const [m, k, n] = [dimension(), dimension(), dimension()];
  const ratio = compare(library, [m, k, n]);
  const name = n < 8 ? `n = ${n}` : `n mod 4 = ${n % 4}`;
  classes.set(name, [...(classes.get(name) ?? []), ratio]);
  slow.push([`${m}×${k}×${n}`, ratio]);
}

console.log(
  '\ntime as a part of the time of the shape rounded up to multiples of 4: median, and what 9 of 10 are under',
);
for (const [name, ratios] of [...classes].sort(([a], [b]) => (a < b ? -1 : 1))) {
  ratios.sort((a, b) => a - b);
  console.log(`${name.padEnd(12)} ${at(ratios, 0.5)}  ${at(ratios, 0.9)}  (${ratios.length} shapes)`);
}
slow.sort(([, a], [, b]) => b - a);
const over = slow.filter(([, ratio]) => ratio > 1.1);
console.log(
  `${over.length} of ${slow.length} took over 10 % longer: ${over
    .slice(0, 8)
    .map(([shape]) => shape)
    .join(', ')}`,
);

/** Best rounds of both, since one disturbed round would look like a cliff. */
function compare({ zeros, matmul, tidy }: Library, shape: [number, number, number]): number {
  return tidy(() => {
    const [ours, padded] = [shape, shape.map((d) => (d + 3) & ~3)].map((dims) => {
      const [m, k, n] = dims as [number, number, number];
      const [a, b, out] = [zeros([m, k]), zeros([k, n]), zeros([m, n])];
      const runs = Math.max(20, Math.round(40_000 / ((m * n * k) / 8 + 100)));
      return () => {
        const start = performance.now();
        for (let i = 0; i < runs; i++) matmul(a, b, { out });
        return (performance.now() - start) / runs;
      };
    }) as [() => number, () => number];
    let [best, bestPadded] = [Infinity, Infinity];
    for (let round = 0; round < ROUNDS; round++) {
      best = Math.min(best, ours());
      bestPadded = Math.min(bestPadded, padded());
    }
    return best / bestPadded;
  });
}

function at(sorted: readonly number[], part: number): string {
  return sorted[Math.floor(part * (sorted.length - 1))]!.toFixed(2);
}

import { generator } from '../test/support/seeds';
import { load } from './support/library';
import { commandOf, printMachine } from './support/machine';
import { countOf, readArguments, simdOf } from './support/options';

// Whether any small shape falls off a cliff: random products with M, N, K in 1 … 40, each timed beside the shape that is
// rounded up to multiples of 4 (what takes longer than that would have been faster if the user had padded it) and beside the
// nearest multiples of 4; and primes about 100 and 500.

const USAGE = `npm run bench:odd [-- options]
  --shapes n         random shapes (1000)
  --rounds n         rounds of each shape, of which the best counts (9)
  --simd baseline    the kernels of engines without relaxed SIMD`;

const { values: options } = readArguments(USAGE, {
  shapes: { type: 'string', default: '1000' },
  rounds: { type: 'string', default: '9' },
  simd: { type: 'string' },
});
const simd = simdOf(options.simd);
const count = countOf('--shapes', options.shapes);
const rounds = countOf('--rounds', options.rounds);
type Shape = [m: number, k: number, n: number];
const MOST = 40;

/** Ratios of shapes, by the class of their n. */
class Classes {
  readonly #ratios = new Map<string, number[]>();
  readonly #all: { shape: string; ratio: number }[] = [];

  add(name: string, shape: Shape, ratio: number): void {
    this.#ratios.set(name, [...(this.#ratios.get(name) ?? []), ratio]);
    this.#all.push({ shape: shape.join('×'), ratio });
  }

  /** The median of each class, and its quantile `edge`. */
  print(edge: number): void {
    for (const [name, ratios] of [...this.#ratios].sort(([a], [b]) => (a < b ? -1 : 1))) {
      ratios.sort((a, b) => a - b);
      const at = (part: number) => ratios[Math.floor(part * (ratios.length - 1))]!.toFixed(2);
      console.log(`${name.padEnd(12)} ${at(0.5)}  ${at(edge)}  (${ratios.length} shapes)`);
    }
  }

  printOutside(what: string, is: (ratio: number) => boolean): void {
    const outside = this.#all
      .filter(({ ratio }) => is(ratio))
      .sort((a, b) => Math.abs(b.ratio - 1) - Math.abs(a.ratio - 1));
    const worst = outside.slice(0, 8).map(({ shape, ratio }) => `${shape} (${ratio.toFixed(2)})`);
    console.log(`${outside.length} of ${this.#all.length} ${what}: ${worst.join(', ')}`);
  }
}

const library = await load(simd);
printMachine(library.backendInfo().simd, 1, commandOf('bench:odd'));

const next = generator(1);
const dimension = () => 1 + Math.floor(next() * MOST);
// Until V8 has tiered up: otherwise the first shapes would look like cliffs.
for (let i = 0; i < 200; i++) times([[dimension(), dimension(), dimension()]]);
const padded = new Classes();
const near = new Classes();
for (let i = 0; i < count; i++) {
  const shape: Shape = [dimension(), dimension(), dimension()];
  const n = shape[2];
  const name = n < 8 ? `n = ${n}` : `n mod 4 = ${n % 4}`;
  const up = shape.map((d) => 4 * Math.ceil(d / 4)) as Shape;
  const nearest = shape.map((d) => 4 * Math.max(1, Math.round(d / 4))) as Shape;
  const [time, timeUp, timeNearest] = times([shape, up, nearest]) as [number, number, number];
  padded.add(name, shape, time / timeUp);
  near.add(name, shape, rate(shape, time) / rate(nearest, timeNearest));
}
console.log('\ntime as a part of that of the shape rounded up to multiples of 4: median, and what 9 of 10 are under');
padded.print(0.9);
padded.printOutside('took over 10 % longer', (ratio) => ratio > 1.1);
console.log('\nGFLOP/s as a part of those of the nearest multiples of 4: median, and what 9 of 10 are over');
near.print(0.1);
near.printOutside('are under 0.7', (ratio) => ratio < 0.7);

console.log('\nprimes: GFLOP/s as a part of those of the nearest multiple of 4');
for (const prime of [97, 101, 103, 499, 503]) {
  const [shape, nearest] = [cube(prime), cube(4 * Math.round(prime / 4))];
  const [time, timeNearest] = times([shape, nearest]) as [number, number];
  console.log(`${shape.join('×').padEnd(12)} ${(rate(shape, time) / rate(nearest, timeNearest)).toFixed(2)}`);
}

function cube(n: number): Shape {
  return [n, n, n];
}

function rate([m, k, n]: Shape, time: number): number {
  return (m * k * n) / time;
}

/** The best round of each shape, since one disturbed round would look like a cliff. */
function times(shapes: Shape[]): number[] {
  const { zeros, matmul, tidy } = library;
  return tidy(() => {
    const contenders = shapes.map(([m, k, n]) => {
      const [a, b, out] = [zeros([m, k]), zeros([k, n]), zeros([m, n])];
      const runs = Math.max(2, Math.round(40_000 / ((m * n * k) / 8 + 100)));
      return () => {
        const start = performance.now();
        for (let i = 0; i < runs; i++) matmul(a, b, { out });
        return (performance.now() - start) / runs;
      };
    });
    const best = contenders.map(() => Infinity);
    for (let round = 0; round < rounds; round++) {
      contenders.forEach((run, i) => {
        best[i] = Math.min(best[i]!, run());
      });
    }
    return best;
  });
}

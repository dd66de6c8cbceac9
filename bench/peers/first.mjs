// node first.mjs <contender> [baseline]: in a fresh process, when the first product of 64×64 is there and when it has its final
// speed. Times in ms; performance.now() counts from the start of the process.
import { createRequire } from 'node:module';

// As esbuild's bundles of the benchmarks have it; one of the peers looks for it.
globalThis.require ??= createRequire(import.meta.url);
const n = 64;
const name = process.argv[2];
const a = Float32Array.from({ length: n * n }, (_, i) => Math.sin(i));
const b = Float32Array.from({ length: n * n }, (_, i) => Math.cos(i));

const { run, answer } = await contender();
let result = run();
const asynchronous = result instanceof Promise;
if (asynchronous) result = await result;
const first = performance.now();

const ends = [];
const times = [];
for (let start = first; times.length < 2000 && start < first + 1500; start = performance.now()) {
  if (asynchronous) await run();
  else run();
  ends.push(performance.now());
  times.push(ends.at(-1) - start);
}
// The final speed is the median of the last quarter of the calls; it is there once the median of a window comes near it.
const window = 15;
const medianAt = (from, to) => times.slice(from, to).sort((x, y) => x - y)[(to - from) >> 1];
const speed = medianAt(times.length - (times.length >> 2 || 1), times.length);
let calls = 0;
while (calls < times.length - window && medianAt(calls, calls + window) > 1.2 * speed) calls++;
check(await answer());
console.log(JSON.stringify({ first, final: (calls === 0 ? first : ends[calls - 1]) - first, calls }));
process.exit(0);

async function contender() {
  if (name === 'plain JS') {
    const c = new Float32Array(n * n);
    return { run: () => plain(c), answer: () => c };
  }
  if (name === 'simdgrad') {
    const { init, tensor, zeros, matmul } = await import('../../dist/node/index.js');
    if (process.argv[3]) await init({ simd: process.argv[3] });
    const [A, B, out] = [tensor(a, [n, n]), tensor(b, [n, n]), zeros([n, n])];
    return { run: () => matmul(A, B, { out }), answer: () => out.toTypedArray() };
  }
  // The adaptor of tfjs is bundled by the run before.
  const { default: load } = await import(name === 'tfjs' ? './node_modules/.bundled/tfjs.mjs' : `./${name}.mjs`);
  const made = await (await load()).matmul({ m: n, n, k: n, a, b });
  return { run: () => made.run(), answer: () => made.result() };
}

/** Every answer is checked; here after it was timed, since what came before would be part of the start. */
function check(c) {
  const exact = new Float64Array(n * n);
  plain(exact);
  const wrong = exact.findIndex((x, i) => !(Math.abs(c[i] - x) <= 1e-5 * n));
  if (wrong >= 0) throw new Error(`wrong answer: element ${wrong} is ${c[wrong]} instead of ${exact[wrong]}`);
}

function plain(c) {
  c.fill(0);
  for (let i = 0; i < n; i++) {
    for (let p = 0; p < n; p++) {
      const x = a[i * n + p];
      for (let j = 0; j < n; j++) c[i * n + j] += x * b[p * n + j];
    }
  }
}

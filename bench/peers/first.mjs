// node first.mjs <contender>: in a fresh process, when the first product of 64×64 is there and when it has its final
// speed. Times in ms; performance.now() counts from the start of the process.
const n = 64;
const name = process.argv[2];
const a = Float32Array.from({ length: n * n }, (_, i) => Math.sin(i));
const b = Float32Array.from({ length: n * n }, (_, i) => Math.cos(i));

const run = await contender();
let result = run();
const asynchronous = result instanceof Promise;
if (asynchronous) result = await result;
const first = performance.now();

const ends = new Float64Array(2000);
const times = new Float64Array(ends.length);
for (let i = 0; i < ends.length; i++) {
  const start = performance.now();
  if (asynchronous) await run();
  else run();
  ends[i] = performance.now();
  times[i] = ends[i] - start;
  if (ends[i] > first + 1500) {
    times.fill(times[i], i);
    ends.fill(ends[i], i);
    break;
  }
}
const window = 15;
const medianAt = (from, to) => times.slice(from, to).sort()[(to - from) >> 1];
const speed = medianAt(ends.length - 500, ends.length);
let calls = 0;
while (calls < ends.length - window && medianAt(calls, calls + window) > 1.2 * speed) calls++;
console.log(JSON.stringify({ first, final: (calls === 0 ? first : ends[calls - 1]) - first, calls }));
process.exit(0);

async function contender() {
  if (name === 'plain JS') {
    const c = new Float32Array(n * n);
    return () => plain(c);
  }
  if (name === 'simdgrad') {
    const { tensor, zeros, matmul } = await import('../../dist/index.js');
    const [A, B, out] = [tensor(a, [n, n]), tensor(b, [n, n]), zeros([n, n])];
    return () => matmul(A, B, { out });
  }
  // The adaptor of tfjs is bundled by the run before.
  const { default: load } = await import(name === 'tfjs' ? './node_modules/.bundled/tfjs.mjs' : `./${name}.mjs`);
  const made = await (await load()).matmul({ m: n, n, k: n, a, b });
  return () => made.run();
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

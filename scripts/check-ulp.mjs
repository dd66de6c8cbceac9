// Walks float32 and reports the largest error of the transcendental kernels in every variant that this engine runs.
//   node scripts/check-ulp.mjs [--stride 1] [--op exp] [--variant relaxed]
// Stride 1, the default, is every one of the 2^32 inputs and takes some minutes. The unit is the real distance
// |y - exact| in spacings of float32 at the exact value, so a correctly rounded result has at most 0.5. The exact
// value is Math.* in float64: its own error, 1e-8 of that unit, does not matter. Exits with 1 beyond the bounds.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

/** @type {Record<string, { exact: (x: number) => number, bound: number }>} */
const OPS = {
  exp: { exact: Math.exp, bound: 2 },
  log: { exact: Math.log, bound: 1 },
  tanh: { exact: Math.tanh, bound: 2 },
  sigmoid: { exact: (x) => 1 / (1 + Math.exp(-x)), bound: 3 },
};

const { values } = parseArgs({
  options: {
    stride: { type: 'string', default: '1' },
    op: { type: 'string', multiple: true, default: Object.keys(OPS) },
    variant: { type: 'string', multiple: true, default: ['baseline', 'relaxed'] },
  },
});
const stride = Number(values.stride);
if (!(Number.isInteger(stride) && stride > 0)) throw new RangeError(`--stride ${values.stride}: not an integer > 0`);
const unknown = values.op.find((op) => !Object.hasOwn(OPS, op));
if (unknown !== undefined) throw new RangeError(`--op ${unknown}: none of ${Object.keys(OPS).join(', ')}`);
const CHUNK = 1 << 20;
const X = 65536;

const kernels = values.variant.flatMap((name) => {
  const bytes = readFileSync(new URL(`../build/kernels.${name}.wasm`, import.meta.url));
  if (!WebAssembly.validate(bytes)) {
    console.log(`${name}: this engine cannot compile it`);
    return [];
  }
  const memory = new WebAssembly.Memory({ initial: (2 * CHUNK * 4 + X) / 65536, maximum: 65535 });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
  return {
    name,
    exports: /** @type {Record<string, (y: number, x: number, n: number) => void>} */ (exports),
    x: new Float32Array(memory.buffer, X, CHUNK),
    y: new Float32Array(memory.buffer, X + CHUNK * 4, CHUNK),
  };
});

if (kernels.length === 0) process.exit(1); // nothing was checked

const double = new Float64Array(1);
const words = new Int32Array(double.buffer);
const spacings = Float64Array.from({ length: 2048 }, (_, e) => 2 ** Math.max(e - 1023 - 23, -149));
/** The spacing of float32 around a float64 value. @param {number} exact */
function spacing(exact) {
  double[0] = exact;
  return spacings[(words[1] >> 20) & 0x7ff];
}

/** From a result to the exact value, in that spacing. @param {number} y @param {number} exact @param {number} rounded */
function distance(y, exact, rounded) {
  if (Object.is(y, -rounded)) return Infinity; // a zero of the wrong sign
  if (!Number.isFinite(y) || !Number.isFinite(rounded)) return Infinity;
  return Math.abs(y - exact) / spacing(exact);
}

let failed = false;
for (const op of values.op) {
  const { exact, bound } = OPS[op];
  const worst = kernels.map(() => ({ max: 0, at: 0, got: 0, beyondRounding: 0 }));
  const bits = new Int32Array(CHUNK);
  const inputs = new Float32Array(bits.buffer);
  const reference = new Float64Array(CHUNK);
  let count = 0;
  for (let first = 0; first < 2 ** 32; first += CHUNK * stride) {
    const n = Math.min(CHUNK, Math.ceil((2 ** 32 - first) / stride));
    for (let i = 0; i < n; i++) bits[i] = first + i * stride;
    for (let i = 0; i < n; i++) reference[i] = exact(inputs[i]);
    count += n;
    kernels.forEach(({ exports, x, y }, k) => {
      x.set(inputs);
      exports[`${op}_forward`](y.byteOffset, x.byteOffset, n);
      const record = worst[k];
      for (let i = 0; i < n; i++) {
        const rounded = Math.fround(reference[i]);
        if (Object.is(y[i], rounded)) continue;
        const d = distance(y[i], reference[i], rounded);
        if (d > 0.5) record.beyondRounding++;
        if (d > record.max) Object.assign(record, { max: d, at: inputs[i], got: y[i] });
      }
    });
  }
  kernels.forEach(({ name }, k) => {
    const { max, at, got, beyondRounding } = worst[k];
    if (max > bound) failed = true;
    const misrounded = ((100 * beyondRounding) / count).toFixed(3);
    console.log(
      `${op.padEnd(8)} ${name.padEnd(9)} max ${max.toFixed(4)} ULP at ${at} (got ${got}, exact ${exact(at)}), ` +
        `${misrounded} % not correctly rounded, ${count} inputs${max > bound ? `, ALLOWED ${bound}` : ''}`,
    );
  });
}
process.exit(failed ? 1 : 0);

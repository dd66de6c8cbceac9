/** A small seeded generator for test data (mulberry32), independent of the library's Random. */
export function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** `n` normal draws as float32. */
export function normal(n: number, { seed = 1, mean = 0, std = 1 } = {}): Float32Array {
  const next = generator(seed);
  return Float32Array.from(
    { length: n },
    () => mean + std * Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
  );
}

const HARD = [
  0,
  -0,
  Infinity,
  -Infinity,
  NaN,
  1e-45,
  -1e-45,
  1e-40,
  -1e-40,
  1.1754944e-38,
  88,
  -88,
  89,
  -89,
  -103.9,
  -104,
  1,
  -1,
  0.5,
  -0.5,
  3.4028235e38,
  -3.4028235e38,
  9,
  -9,
  1e-8,
  16777217,
];

/** Normal draws (std 4) among which the values that break elementwise kernels stand at random places. */
export function hardFloats(n: number, { seed = 1 } = {}): Float32Array {
  const next = generator(seed ^ 0x9e3779b9);
  const x = normal(n, { seed, std: 4 });
  for (let i = 0; i < n; i++) if (next() < 0.4) x[i] = HARD[Math.floor(next() * HARD.length)]!;
  return x;
}

import { checkNumber, checkOptions, integerError } from '../engine/check.js';
import { engine } from '../engine/engine.js';
import { allocateChecked, type Tensor } from './tensor.js';

/**
 * Numbers that are the same for the same seed in every engine and SIMD variant: only integer operations,
 * + - × ÷, sqrt and a logarithm of our own are used, since `Math.log` may differ between engines.
 *
 * Generator: sfc32 (Doty-Humphrey, PractRand), seeded through 20 rounds; normal draws by the polar method
 * (Marsaglia & Bray 1964) in float64.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** @throws TypeError, RangeError when `seed` is no integer in 0 … 2^53 - 1 */
  constructor(seed: number) {
    checkNumber(seed, 'seed', 'Random');
    if (!Number.isSafeInteger(seed) || seed < 0) throw integerError(seed, 'seed', '2^53 - 1', 'Random');
    this.#a = 0;
    this.#b = seed | 0;
    this.#c = Math.floor(seed / 2 ** 32);
    for (let i = 0; i < 20; i++) this.#next();
  }

  /**
   * Normal draws of `mean` and standard deviation `std` (defaults 0 and 1).
   * @throws RangeError for a mean or std that is not finite in float32, or std < 0
   */
  normal(shape: number | ArrayLike<number>, options?: { mean?: number | undefined; std?: number | undefined }): Tensor {
    const where = 'Random.normal';
    checkOptions(options, ['mean', 'std'], where);
    const { mean = 0, std = 1 } = options ?? {};
    checkFinite(mean, 'mean', where);
    checkFinite(std, 'std', where);
    if (std < 0) throw new RangeError(`${where}: expected std ≥ 0, got ${std}`);
    const result = allocateChecked(shape, where);
    const start = result.storage.offset >>> 2;
    const { f32 } = engine;
    for (let i = 0; i < result.size; i += 2) {
      let u: number;
      let v: number;
      let s: number;
      do {
        u = 2 * this.#double() - 1;
        v = 2 * this.#double() - 1;
        s = u * u + v * v;
      } while (s >= 1 || s === 0);
      const scale = Math.sqrt((-2 * engine.raw.log64(s)) / s) * std;
      f32[start + i] = mean + u * scale;
      if (i + 1 < result.size) f32[start + i + 1] = mean + v * scale;
    }
    return result;
  }

  /**
   * Draws from `low` ≤ x < `high` (defaults 0 and 1, `low` rounded to float32), or only `low` where no other float32 is in there:
   * 53 random bits, rounded to float32.
   * @throws RangeError for a bound that is not finite in float32, or low > high
   */
  uniform(
    shape: number | ArrayLike<number>,
    options?: { low?: number | undefined; high?: number | undefined },
  ): Tensor {
    const where = 'Random.uniform';
    checkOptions(options, ['low', 'high'], where);
    const { low = 0, high = 1 } = options ?? {};
    checkFinite(low, 'low', where);
    checkFinite(high, 'high', where);
    if (low > high) throw new RangeError(`${where}: expected low ≤ high, got ${low} and ${high}`);
    const result = allocateChecked(shape, where);
    const start = result.storage.offset >>> 2;
    const { f32 } = engine;
    for (let i = 0; i < result.size; i++) {
      // Rounding to float32 can reach `high`, whose share `low` gets.
      const value = Math.fround(low + (high - low) * this.#double());
      f32[start + i] = value < high ? value : low;
    }
    return result;
  }

  /** The integers 0 … n - 1 in random order (Fisher–Yates). @throws RangeError unless n is an integer in 0 … 2^31 - 1 */
  permutation(n: number): Int32Array<ArrayBuffer> {
    const where = 'Random.permutation';
    checkNumber(n, 'n', where);
    if ((n | 0) !== n || n < 0) throw integerError(n, 'n', '2^31 - 1', where);
    const order = new Int32Array(n);
    for (let i = 0; i < n; i++) order[i] = i;
    for (let i = n - 1; i > 0; i--) {
      const j = this.#below(i + 1);
      const swap = order[i]!;
      order[i] = order[j]!;
      order[j] = swap;
    }
    return order;
  }

  /** An integer in 0 … n - 1 without bias: the incomplete last interval is rejected. */
  #below(n: number): number {
    for (;;) {
      const draw = this.#next();
      const rest = draw % n;
      if (draw - rest + n <= 2 ** 32) return rest;
    }
  }

  /** 53 random bits as a double in [0, 1). */
  #double(): number {
    return ((this.#next() >>> 5) * 2 ** 26 + (this.#next() >>> 6)) * 2 ** -53;
  }

  #next(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }
}

/** @throws TypeError, RangeError unless it is finite in float32 */
function checkFinite(value: unknown, name: string, where: string): void {
  checkNumber(value, name, where);
  if (!Number.isFinite(Math.fround(value))) {
    throw new RangeError(`${where}: expected ${name} to be finite, got ${value}`);
  }
}

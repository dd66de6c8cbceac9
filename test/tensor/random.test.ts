import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { Random } from '../../src/index';
import { expectError, live } from '../support/facade';

/** Mean and standard deviation. */
function moments(values: ArrayLike<number>): [number, number] {
  const n = values.length;
  let mean = 0;
  for (let i = 0; i < n; i++) mean += values[i] / n;
  let variance = 0;
  for (let i = 0; i < n; i++) variance += (values[i] - mean) ** 2 / n;
  return [mean, Math.sqrt(variance)];
}

describe('the same seed gives the same numbers', () => {
  test('for ever: the first draws of seed 42', () => {
    const rng = new Random(42);
    expect(rng.normal([4]).toArray()).toMatchInlineSnapshot(`
      [
        -0.6863263249397278,
        1.232399344444275,
        -1.082945704460144,
        -1.7755458354949951,
      ]
    `);
    expect(rng.uniform([4]).toArray()).toMatchInlineSnapshot(`
      [
        0.8723495602607727,
        0.6873729825019836,
        0.24269114434719086,
        0.4037540555000305,
      ]
    `);
    expect(Array.from(rng.permutation(10))).toMatchInlineSnapshot(`
      [
        4,
        7,
        9,
        0,
        1,
        6,
        8,
        3,
        2,
        5,
      ]
    `);
  });

  test('a long permutation, five of whose draws fall in the incomplete last interval and are drawn again', () => {
    const hash = new Random(42).permutation(300_000).reduce((h, v) => (Math.imul(h, 31) + v) | 0, 0);
    expect(hash).toBe(561960848); // from a model of sfc32 and Fisher–Yates in Python
  });

  test('many normal draws, to the last bit', () => {
    const draws = new Random(42).normal([1001]).toTypedArray();
    const hash = new Int32Array(draws.buffer).reduce((h, bits) => (Math.imul(h, 31) + bits) | 0, 0);
    expect(hash).toBe(-1500969107); // from a model of sfc32 and the polar method in Python
  });

  test('the last of the draws without bias counts', () => {
    const order = new Random(56783).permutation(2 ** 16); // the first draw is 4294931061, among the last 2^16
    expect(order.reduce((h, v) => (Math.imul(h, 31) + v) | 0, 0)).toBe(-1298869424); // from the same model
  });

  test("also where the engine's own functions give others", () => {
    const draws = () => new Random(42).normal([5], { mean: 1, std: 2 }).toArray();
    const expected = draws();
    onTestFinished(() => void vi.restoreAllMocks());
    for (const name of ['log', 'log2', 'log1p', 'exp', 'pow', 'sin', 'cos', 'random'] as const) {
      vi.spyOn(Math, name).mockReturnValue(0.5);
    }
    expect(draws()).toEqual(expected);
  });

  test('twice, and another seed gives others', () => {
    for (const draw of [
      (r: Random) => r.normal([5, 3]).toArray(),
      (r: Random) => r.uniform(17).toArray(),
      (r: Random) => Array.from(r.permutation(50)),
    ]) {
      expect(draw(new Random(7))).toEqual(draw(new Random(7)));
      expect(draw(new Random(7))).not.toEqual(draw(new Random(8)));
      expect(draw(new Random(7))).not.toEqual(draw(new Random(7 + 2 ** 32)));
      const rng = new Random(7);
      expect(draw(rng)).not.toEqual(draw(rng));
    }
  });
});

describe('distributions', () => {
  const n = 100_000;

  test('normal has the mean, the deviation and the tails', () => {
    const values = new Random(1).normal([n], { mean: 3, std: 0.5 }).toTypedArray();
    const [mean, std] = moments(values);
    expect(Math.abs(mean - 3)).toBeLessThan(5 * (0.5 / Math.sqrt(n)));
    expect(Math.abs(std - 0.5)).toBeLessThan(5 * (0.5 / Math.sqrt(2 * n)));
    const beyond = (z: number) => values.reduce((count, v) => count + (Math.abs(v - 3) > z * 0.5 ? 1 : 0), 0) / n;
    expect(beyond(1)).toBeCloseTo(0.3173, 2);
    expect(beyond(2)).toBeCloseTo(0.0455, 2);
    expect(beyond(3)).toBeCloseTo(0.0027, 3);
    expect(new Random(1).normal([3], { std: 0, mean: 2 }).toArray()).toEqual([2, 2, 2]);
  });

  test('uniform stays in low ≤ x < high and fills it evenly', () => {
    const values = new Random(2).uniform([n], { low: -2, high: 6 }).toTypedArray();
    const bins = new Array(8).fill(0);
    for (const v of values) bins[Math.floor(v + 2)]++;
    for (const count of bins) expect(Math.abs(count - n / 8)).toBeLessThan(5 * Math.sqrt(n / 8));
    expect(bins).toHaveLength(8);
    // A range of two neighbouring float32 values leaves only the lower one.
    const low = Math.fround(1);
    expect(new Set(new Random(3).uniform([100], { low, high: 1 + 2 ** -23 }).toTypedArray())).toEqual(new Set([1]));
    expect(new Random(3).uniform([3], { low: 2, high: 2 }).toArray()).toEqual([2, 2, 2]);
  });

  test('uniform between 1 and 2, where floats are as far apart as 2^-23, ends in 0 as often as in 1', () => {
    const bits = new Uint32Array(new Random(6).uniform([n], { low: 1, high: 2 }).toTypedArray().buffer);
    const odd = bits.reduce((count, b) => count + (b & 1), 0);
    expect(Math.abs(odd - n / 2)).toBeLessThan(5 * Math.sqrt(n / 4));
  });

  test('a permutation has each number once, and every order comes up', () => {
    const order = new Random(4).permutation(1000);
    expect(Array.from(order).sort((a, b) => a - b)).toEqual([...Array(1000).keys()]);
    const rng = new Random(5);
    const counts = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const key = rng.permutation(3).join();
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
    expect(rng.permutation(0)).toHaveLength(0);
    expect(Array.from(rng.permutation(1))).toEqual([0]);
  });
});

describe('arguments', () => {
  const rng = new Random(0);
  test.each<[string, () => unknown, typeof TypeError | typeof RangeError, string]>([
    ['seed -1', () => new Random(-1), RangeError, 'Random: expected seed to be an integer in 0 … 2^53 - 1, got -1'],
    ['seed 0.5', () => new Random(0.5), RangeError, 'Random: expected seed'],
    ['seed 2^53', () => new Random(2 ** 53), RangeError, 'Random: expected seed'],
    ['no seed', () => new Random(undefined as never), TypeError, 'Random: expected seed to be a number, got undefined'],
    [
      'std 1e39',
      () => rng.normal([1], { std: 1e39 }),
      RangeError,
      'Random.normal: expected std to be finite, got 1e+39',
    ],
    ['low -1e39', () => rng.uniform([1], { low: -1e39 }), RangeError, 'Random.uniform: expected low to be finite'],
    ['std -1', () => rng.normal([1], { std: -1 }), RangeError, 'Random.normal: expected std ≥ 0, got -1'],
    [
      'std NaN',
      () => rng.normal([1], { std: Number.NaN }),
      RangeError,
      'Random.normal: expected std to be finite, got NaN',
    ],
    [
      'mean a string',
      () => rng.normal([1], { mean: '0' } as never),
      TypeError,
      'Random.normal: expected mean to be a number',
    ],
    [
      'options null',
      () => rng.normal([1], null as never),
      TypeError,
      'Random.normal: expected options to be an object, got null',
    ],
    [
      'sd',
      () => rng.normal([1], { sd: 1 } as never),
      TypeError,
      'Random.normal: unknown option "sd"; known are mean, std',
    ],
    [
      'low above high',
      () => rng.uniform([1], { low: 2 }),
      RangeError,
      'Random.uniform: expected low ≤ high, got 2 and 1',
    ],
    [
      'high Infinity',
      () => rng.uniform([1], { high: Infinity }),
      RangeError,
      'Random.uniform: expected high to be finite',
    ],
    ['min', () => rng.uniform([1], { min: 0 } as never), TypeError, 'Random.uniform: unknown option "min"'],
    ['shape -1', () => rng.normal([-1]), RangeError, 'Random.normal: expected shape[0]'],
    ['no shape', () => rng.uniform(undefined as never), TypeError, 'Random.uniform: expected shape'],
    [
      'permutation of -1',
      () => rng.permutation(-1),
      RangeError,
      'Random.permutation: expected n to be an integer in 0 … 2^31 - 1, got -1',
    ],
    ['permutation of 2^31', () => rng.permutation(2 ** 31), RangeError, 'Random.permutation: expected n'],
    [
      'permutation of a list',
      () => rng.permutation([1] as never),
      TypeError,
      'Random.permutation: expected n to be a number, got an array',
    ],
  ])('%s', (_what, call, type, message) => {
    const before = live();
    expectError(call, type, message);
    expect(live()).toBe(before);
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { byBlocks } from '../../src/threads/blocks';
import type { Name } from '../../src/threads/family';
import { kernelNames, PARTIALS, threaded } from '../../src/threads/partition';
import { cellsOf, type Plan } from '../../src/threads/plan';
import { Pool } from '../../src/threads/pool';
import type { Kernels } from '../../src/wasm/generated/kernels';
import { moduleBytes } from '../../src/wasm/modules';
import { sharedModuleBytes } from '../../src/wasm/shared';
import { normal } from '../support/seeds';
import { variants } from '../support/variants';

const CONTROL = 4096;
const PARTIAL_SUMS = 65536;
const PARTIAL_BYTES = 2 ** 19;
const SCRATCH = PARTIAL_SUMS + PARTIAL_BYTES;
const [A, B, BIAS, C] = [2 ** 22, 2 ** 23, 2 ** 24, 2 ** 24 + 2 ** 18];
const C_BYTES = 2 ** 18;

interface Product {
  m: number;
  n: number;
  k: number;
  /** Elements between two rows of C. */
  gap: number;
  alpha: number;
  beta: number;
  bias: boolean;
  activation: number;
  transposeA: boolean;
}

/** Few rows by gemm, or one by gemv_t, as src/ops/gemm.ts calls them. */
function call(name: Name, { m, n, k, gap, alpha, beta, bias, activation, transposeA }: Product) {
  const ldc = n + gap;
  const follows = [alpha, beta, bias ? BIAS : 0, activation, SCRATCH];
  const lda = transposeA ? m : k;
  return name === 'gemv_t'
    ? {
        args: [C, B, n, A, k, n, ...follows, 0],
        at: { n: 5, k: 4, beta: 7 },
        across: [4, 4],
        along: [0, 4 * n, 0, 4],
        ldc,
      }
    : {
        args: [C, ldc, A, lda, Number(transposeA), B, n, 0, m, n, k, ...follows, 1, 0],
        at: { ldc: 1, n: 9, k: 10, beta: 12 },
        across: [4, 0, 0, 0, 0, 4],
        along: [0, 0, transposeA ? 4 * m : 4, 0, 0, 4 * n],
        ldc,
      };
}

describe.each(variants.map(([name]) => name as 'baseline' | 'relaxed'))('few rows by blocks of k, %s', (simd) => {
  const memory = new WebAssembly.Memory({ initial: 512, maximum: 65535, shared: true });
  const module = new WebAssembly.Module(sharedModuleBytes(moduleBytes(simd)));
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const raw = exports as unknown as Kernels;
  const pool = new Pool(memory, CONTROL, exports, kernelNames, 0);
  const fill = (at: number, bytes: number, seed: number) =>
    new Uint8Array(memory.buffer, at, bytes).set(new Uint8Array(normal(bytes / 4, { seed }).buffer));
  fill(A, 2 ** 18, 1);
  fill(B, 2 ** 23, 2);
  fill(BIAS, 2 ** 15, 3);
  const before = normal(C_BYTES / 4, { seed: 4 });
  const c = new Float32Array(memory.buffer, C, before.length);

  /** The same call on one thread and by blocks, with room for sums of so many bytes; the plans, or undefined for none. */
  function compare(name: Name, product: Product, partialBytes: number): Plan[] | undefined {
    const { args, ...layout } = call(name, product);
    const plans: Plan[] = [];
    const run = (kernel: Name, values: number[], plan: Plan) => {
      plans.push(plan);
      pool.run(kernelNames.indexOf(kernel), values, plan);
    };
    new Uint8Array(memory.buffer, PARTIAL_SUMS, PARTIAL_BYTES).fill(255); // NaN
    c.set(before);
    const done = byBlocks(
      { raw, run, partials: PARTIAL_SUMS, partialBytes },
      { ...product, ...layout, name, args, cost: 1 },
    );
    const beyond = new Uint8Array(memory.buffer, PARTIAL_SUMS + partialBytes, PARTIAL_BYTES - partialBytes);
    expect(
      beyond.every((byte) => byte === 255),
      'sums were written behind their room',
    ).toBe(true);
    const parts = c.slice();
    c.set(before);
    if (done) (raw[name] as (...args: number[]) => void)(...args);
    expect(Buffer.compare(Buffer.from(parts.buffer), Buffer.from(c.slice().buffer)), JSON.stringify(product)).toBe(0);
    return done ? plans : undefined;
  }

  const flag = fc.boolean();
  const products = fc.record({
    m: fc.integer({ min: 1, max: 20 }),
    n: fc.oneof(fc.integer({ min: 64, max: 300 }), fc.integer({ min: 2040, max: 2200 })),
    k: fc.integer({ min: 513, max: 900 }),
    gap: fc.constantFrom(0, 3),
    alpha: fc.constantFrom(1, -0.5),
    beta: fc.constantFrom(0, 1),
    bias: flag,
    activation: fc.constantFrom(0, 1, 2),
    transposeA: flag,
  });

  test('gives the bits of one thread and writes nothing else', () => {
    let groups = 0;
    fc.assert(
      fc.property(products, flag, fc.constantFrom(2, 3, 9), (shape, one, blocks) => {
        const product = { ...shape, m: one ? 1 : shape.m };
        const name = one ? 'gemv_t' : 'gemm';
        // Long sums where B stays small.
        if (product.n < 300) product.k *= 4;
        const sums = 4 * product.m * product.n + 4 * 512;
        const plans = compare(name, product, Math.min(PARTIAL_BYTES, blocks * sums));
        if (plans === undefined) return expect(blocks * sums).toBeGreaterThan(PARTIAL_BYTES);
        groups = Math.max(groups, plans.length);
        expect(plans.reduce((sum, { cost }) => sum + cost, 0)).toBeCloseTo(1);
        for (const { cuts } of plans) expect(cuts[0].size === product.n || cuts[0].size >= 1024).toBe(true);
      }),
      { numRuns: 200 },
    );
    expect(groups).toBeGreaterThan(2);
  });

  const usual: Product = {
    m: 4,
    n: 200,
    k: 2000,
    gap: 0,
    alpha: 1,
    beta: 0,
    bias: true,
    activation: 1,
    transposeA: false,
  };

  test('cells are blocks of 500 terms and all columns', () => {
    const [plan] = compare('gemm', usual, PARTIAL_BYTES)!;
    expect(cellsOf(plan!)).toBe(4);
    expect(plan!.cuts.map(({ size }) => size)).toEqual([200, 500]);
  });

  test('columns are cut too, but no shorter than 1024', () => {
    for (const [n, width] of [
      [2047, 2047],
      [2048, 1024],
    ] as const) {
      const [plan] = compare('gemm', { ...usual, n, k: 600 }, PARTIAL_BYTES)!;
      expect(plan!.cuts.map(({ size }) => size)).toEqual([width, 300]);
    }
  });

  test.each([
    ['one block', { k: 512 }],
    ['another beta', { beta: 2 }],
    ['few columns', { n: 63 }],
  ])('not with %s', (_, change) => {
    expect(compare('gemm', { ...usual, ...change }, PARTIAL_BYTES)).toBeUndefined();
  });

  test('not where there is room for one block only', () => {
    expect(compare('gemm', usual, 2 * 500 * 4)).toBeUndefined();
    expect(compare('gemm', usual, 2 * 500 * 8)).toHaveLength(2);
  });

  test('the sums have the room that a team has for those of a long row', () => {
    const terms: number[] = [];
    const run = (_kernel: number, _args: number[], plan: Plan) => terms.push(plan.cuts[1].total);
    const { args } = call('gemm', { ...usual, m: 20, n: 2048 });
    threaded(raw, PARTIAL_SUMS, { helps: () => true, run }).gemm(...(args as Parameters<Kernels['gemm']>));
    expect(PARTIALS * 8).toBe(PARTIAL_BYTES);
    expect(terms).toEqual([1500, 500]);
  });

  test.each<[Name, transposeA: boolean, scratch: number, k: number]>([
    ['gemv_t', false, 10, 4],
    ['gemm', false, 15, 10],
    ['gemm', true, 15, 10],
  ])('%s of few rows is cut so, each thread with its own scratch (transposeA %s)', (name, transposeA, scratch, k) => {
    const plans: Plan[] = [];
    const kernels = threaded(raw, PARTIAL_SUMS, { helps: () => true, run: (_kernel, _args, plan) => plans.push(plan) });
    const product = { ...usual, m: name === 'gemv_t' ? 1 : 4, n: 1000, transposeA };
    const { args, across, along } = call(name, product);
    (kernels[name] as (...args: number[]) => void)(...args);
    expect(plans).toHaveLength(1);
    expect(plans[0]!.cuts[0].strides).toEqual(across);
    expect(plans[0]!.cuts[1].strides.slice(1)).toEqual(along.slice(1)); // the first is that of the partial sums
    expect(plans[0]!.cuts[1]).toMatchObject({ count: k, total: 2000, size: 500 });
    expect(plans[0]!.scratch).toBe(scratch);
  });
});

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kernelNames, PARTIALS, threaded } from '../../src/threads/partition';
import { cellsOf, limits } from '../../src/threads/plan';
import { Pool } from '../../src/threads/pool';
import { ACTIVATION } from '../../src/wasm/contract';
import type { Kernels } from '../../src/wasm/generated/kernels';
import { moduleBytes } from '../../src/wasm/modules';
import { sharedModuleBytes } from '../../src/wasm/shared';
import { hardFloats, normal } from '../support/seeds';
import { variants } from '../support/variants';

// One thread alone runs every cell of the grid here, one by one or several at a time: whether the cut is right does not
// depend on who runs a part.

const CONTROL = 4096;
const PARTIAL_SUMS = 65536;
const SCRATCH = PARTIAL_SUMS + PARTIALS * 8;
const DATA = SCRATCH + 3 * 2 ** 20;
/** Bytes of an operand. */
const LENGTH = 800_000;
const [P, Q, R, S] = [0, 1, 2, 3].map((i) => DATA + i * LENGTH);

const tame = normal(LENGTH, { seed: 1 });
const hard = hardFloats(LENGTH, { seed: 2 });

const small = { ...limits, least: 0, cell: 0.02, productLeast: 2000 };
const usual = { ...limits };

beforeAll(() => void Object.assign(limits, small));
afterAll(() => void Object.assign(limits, usual));

const dims = fc.integer({ min: 1, max: 70 });
const count = fc.integer({ min: 1, max: 5000 });
const flag = fc.boolean().map(Number);
/** The labels are 0 and 1. */
const classes = fc.integer({ min: 2, max: 70 });
/** Elements between two rows. */
const gap = fc.constantFrom(0, 3);
const activations = fc.constantFrom(...Object.values(ACTIVATION));
/** Terms of a sum over k, which comes in blocks of 512. */
const terms = fc.oneof(fc.integer({ min: 1, max: 600 }), fc.integer({ min: 513, max: 600 }));

/** The arguments of each kernel for random shapes; operands lie at P, Q, R, S, in place where that is allowed. */
const argumentsOf: Partial<Record<keyof Kernels, fc.Arbitrary<number[]>>> = {};
const define = (names: (keyof Kernels)[], args: fc.Arbitrary<number[]>) => {
  for (const name of names) argumentsOf[name] = args;
};

define([
  'relu_forward',
  'sigmoid_forward',
  'tanh_forward',
  'exp_forward',
  'log_forward',
  'sqrt_forward',
  'neg_forward',
  'abs_forward',
], fc.tuple(count, flag).map(([n, inPlace]) => [inPlace ? Q : P, Q, n]));
define(['relu_backward', 'sigmoid_backward'], fc.tuple(count, flag).map(([n, inPlace]) => [inPlace ? Q : P, Q, R, n]));
define(['sgd_update'], count.map((n) => [P, Q, n, 0.1]));
define(['add_forward', 'sub_forward', 'mul_forward', 'div_forward', 'maximum_forward', 'minimum_forward'], fc
  .tuple(dims, dims, fc.constantFrom(0, 1, 2), fc.constantFrom(0, 1, 2), flag)
  .map(([rows, cols, a, b, long]) => {
    const n = long ? cols * 20 : cols;
    const strides = (kind: number) =>
      [
        [n, 1],
        [0, 1],
        [1, 0],
      ][kind]!;
    return [P, Q, R, rows, n, ...strides(a), ...strides(b)];
  }));
define(['softmax_forward', 'log_softmax_forward'], fc.tuple(dims, dims).map(([rows, cols]) => [P, Q, rows, cols]));
define(['softmax_cross_entropy_forward'], fc.tuple(dims, classes).map(([rows, cols]) => [P, R, Q, S, rows, cols]));
define(['softmax_cross_entropy_forward_dense'], fc.tuple(dims, dims).map(([rows, cols]) => [P, R, Q, S, rows, cols]));
define(['softmax_cross_entropy_backward', 'softmax_cross_entropy_backward_dense'], fc
  .tuple(dims, classes)
  .map(([rows, cols]) => [P, Q, S, rows, cols, 0.01]));
define(['sum_reduce'], fc
  .tuple(dims, dims, fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 250, max: 300 })), flag, gap)
  .map(([outer, axis, inner, accumulate, gap]) => {
    const stride = inner === 1 ? 1 : inner + gap; // with 1, the sums are those of whole rows
    return [P, Q, outer, axis, inner, stride, axis, accumulate, SCRATCH];
  }));
define(['max_reduce', 'min_reduce', 'argmax_reduce'], fc
  .tuple(fc.integer({ min: 1, max: 4 }), dims, fc.integer({ min: 1, max: 300 }), gap)
  .map(([outer, axis, inner, gap]) => [P, Q, outer, axis, inner, inner + gap]));
// Several slabs are never cut: half of the shapes would sometimes leave too few that are.
define(['gather'], fc
  .tuple(dims, dims, fc.constantFrom(1, 1, 1, 1, 2))
  .map(([rows, inner, slabs]) => [P, Q, S, rows, slabs, 70, inner]));
define(['transpose2d'], fc
  .tuple(dims, dims, gap, gap)
  .map(([rows, cols, from, to]) => [P, Q, rows, cols, cols + from, rows + to]));
const products = (transposeA: number, transposeB: number, ...mr: number[]) =>
  fc
    .tuple(dims, dims, terms, flag, flag, activations, gap, fc.constantFrom(...mr))
    .map(([m, n, k, beta, bias, activation, gap, mr]) => {
      const [lda, ldb, ldc] = [Math.max(m, k) + gap, Math.max(n, k), n + gap];
      const follows = [beta ? 1 : 0.5, beta, bias ? S : 0, activation, SCRATCH, mr];
      return [P, ldc, Q, lda, transposeA, R, ldb, transposeB, m, n, k, ...follows];
    });
// Few rows (1) are not for Aᵀ·Bᵀ.
define(['gemm'], fc.oneof(
  products(0, 0, 1, 2, 4, 6),
  products(0, 1, 1, 2, 4, 6),
  products(1, 0, 1, 2, 4, 6),
  products(1, 1, 2, 4, 6),
));
const matrixVectors = (last: (n: number, flag: number) => number) =>
  fc.tuple(terms, terms, flag, flag, activations, flag).map(([m, k, beta, bias, activation, some]) => {
    return [P, Q, 600, R, m, k, 1, beta, bias ? S : 0, activation, SCRATCH, last(k, Number(some))];
  });
define(['gemv_n'], matrixVectors((_, step) => step));
define(['gemv_t'], matrixVectors((n, narrow) => (n > 16 ? 0 : narrow)));

describe.each(variants.map(([name]) => name as 'baseline' | 'relaxed'))('cut into cells, %s', (simd) => {
  const memory = new WebAssembly.Memory({ initial: 256, maximum: 65535, shared: true });
  const module = new WebAssembly.Module(sharedModuleBytes(moduleBytes(simd)));
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const raw = exports as unknown as Kernels;
  const bytes = new Uint8Array(memory.buffer);
  const pool = new Pool(memory, CONTROL, exports, kernelNames, 0);
  // No bias is no address: whoever reads there all the same shall find something.
  new Float32Array(memory.buffer, 0, CONTROL / 4).fill(1);
  let cuts = 0;
  /** Cells that a claim takes at most. */
  let most = 1;
  const cutUp = () =>
    threaded(raw, PARTIAL_SUMS, {
      helps: () => true,
      run(kernel, args, plan) {
        // Each thread has its own.
        expect(plan.scratch).toBe(args.indexOf(SCRATCH));
        limits.claim = ((most + 0.5) * plan.cost) / cellsOf(plan);
        pool.run(kernel, args, plan);
        cuts++;
      },
    });

  /** All bytes of the operands after a call; which NaN it is, WebAssembly leaves open. */
  function outcome(call: () => void, dataBefore: Uint8Array): Uint8Array {
    bytes.set(dataBefore, DATA);
    call();
    const after = new Float32Array(bytes.slice(DATA, DATA + dataBefore.length).buffer);
    for (let i = 0; i < after.length; i++) if (Number.isNaN(after[i])) after[i] = Number.NaN;
    return new Uint8Array(after.buffer);
  }

  /** What the operands hold before a call; labels and indices stand at S. */
  function data(name: string): Uint8Array {
    // One NaN would be all that is left of a long sum.
    const sums = /^gem|^softmax_cross_entropy_forward/.test(name);
    const all = new Uint8Array((sums ? tame : hard).buffer.slice(0));
    const indices = new Int32Array(all.buffer, S - DATA, 5000);
    if (name === 'gather') indices.set(Int32Array.from(indices, (_, i) => (i * 31) % 70));
    if (/^softmax_cross_entropy_(for|back)ward$/.test(name))
      indices.set(Int32Array.from(indices, (_, i) => (i % 3) & 1));
    return all;
  }

  test('a call that takes less than is worth it stays whole', () => {
    const kernels = cutUp();
    cuts = 0;
    Object.assign(limits, { least: 20 });
    kernels.relu_forward(P, Q, 99_000); // 2e-4 µs each
    expect(cuts).toBe(0);
    kernels.relu_forward(P, Q, 101_000);
    expect(cuts).toBe(1);
    Object.assign(limits, small);
  });

  test('the scratch of a product ends before the operands', () => {
    expect(raw.gemm_scratch_bytes()).toBeLessThanOrEqual(DATA - SCRATCH);
  });

  test.each(kernelNames.filter((name) => name !== 'sum_partial'))(
    '%s gives the same bits and writes nothing else',
    (name) => {
      const args = argumentsOf[name];
      if (args === undefined) throw new Error(`no shapes for ${name}`);
      const kernels = cutUp();
      // The last argument of gemm, `kept`, is the pool's.
      const parameters = raw[name].length - (name === 'gemm' ? 1 : 0);
      expect(kernels[name].length, `parameters of the threaded ${name}`).toBe(parameters);
      cuts = 0;
      const before = data(name);
      const call = (from: Kernels, values: number[]) => (from[name] as (...args: number[]) => void)(...values);
      fc.assert(
        fc.property(args, fc.constantFrom(1, 3, 1000), (values, cells) => {
          most = cells;
          expect(values.length, `arguments of ${name} here`).toBe(parameters);
          const whole = outcome(() => call(raw, values), before);
          const parts = outcome(() => call(kernels, values), before);
          if (!Buffer.from(whole.buffer).equals(Buffer.from(parts.buffer))) {
            const at = whole.findIndex((byte, i) => byte !== parts[i]);
            expect.fail(
              `${name}(${values.join(', ')}), ${most} cells at a time: differs at byte ${at}, operand ${Math.floor(at / LENGTH)}`,
            );
          }
        }),
        { numRuns: name === 'gemm' ? 240 : 60 }, // four forms
      );
      expect(cuts).toBeGreaterThan(20);
    },
  );

  test('every kernel is cut, or is one of those that need not be', () => {
    const whole = ['copy_strided', 'gemm_tiny', 'permute']; // as fast as the memory, small, rarely large
    const inner = ['gemm_scratch_bytes', 'log64', 'sum_total', 'variant'];
    const functions = Object.keys(raw).filter((name) => typeof raw[name as keyof Kernels] === 'function');
    expect(functions.sort()).toEqual([...kernelNames, ...whole, ...inner].sort());
  });

  test('there is room for the partial sums of the longest row', () => {
    expect(PARTIALS * 16384 * 4).toBeGreaterThan(2 ** 32 - 65536);
  });

  test('a sum over everything is made of the same partial sums', () => {
    const kernels = cutUp();
    for (const n of [16383, 16384, 16385, 100_000, 65536]) {
      for (const accumulate of [0, 1]) {
        const before = new Uint8Array(tame.buffer.slice(0)); // among the others is a NaN, and then so is every sum
        const args = [R, P, 1, n, 1, 1, n, accumulate, SCRATCH] as const;
        [cuts, most] = [0, 1 + accumulate];
        const parts = outcome(() => kernels.sum_reduce(...args), before);
        expect(cuts, `${n}`).toBe(n > 16384 ? 1 : 0);
        const whole = outcome(() => raw.sum_reduce(...args), before);
        expect(Buffer.compare(parts, whole)).toBe(0);
      }
    }
  });
});

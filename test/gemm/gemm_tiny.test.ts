import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ACTIVATION, type ActivationName } from '../../src/wasm/contract';
import * as reference from '../reference/gemm';
import { hardFloats, normal } from '../support/seeds';
import { expectSameBits } from '../support/ulp';
import { variants } from '../support/variants';

const ACTIVATIONS = Object.keys(ACTIVATION) as ActivationName[];

const size = fc.integer({ min: 1, max: 9 });
const cases = fc.record({
  m: size,
  n: size,
  k: fc.integer({ min: 0, max: 9 }),
  transposeA: fc.boolean(),
  transposeB: fc.boolean(),
  beta: fc.constantFrom(0, 1),
  bias: fc.boolean(),
  activation: fc.constantFrom(...Object.values(ACTIVATION)),
  gap: fc.integer({ min: 0, max: 3 }),
  /** NaN, infinities, -0 and numbers that overflow, or those of every day. */
  hard: fc.boolean(),
  seed: fc.nat(1000),
});

describe.each(variants)('gemm_tiny, %s', (_name, { wasm, memory }) => {
  test('the bits of the register tiles, -0 and NaN included, near the exact product, and nothing else is written', () => {
    fc.assert(
      fc.property(cases, ({ m, n, k, transposeA, transposeB, beta, bias, activation, gap, hard, seed }) => {
        const draw = hard ? hardFloats : normal;
        const matrix = (rows: number, columns: number, seed: number) => {
          const ld = columns + gap;
          const data = new Float32Array(rows * ld).fill(-7);
          const values = draw(rows * columns, { seed });
          for (let i = 0; i < rows; i++) data.set(values.subarray(i * columns, (i + 1) * columns), i * ld);
          return { data, ld };
        };
        const a = transposeA ? matrix(k, m, seed) : matrix(m, k, seed);
        const b = transposeB ? matrix(n, k, seed + 1) : matrix(k, n, seed + 1);
        const c = matrix(m, n, seed + 2);
        const d = draw(n, { seed: seed + 3 });
        const compute = (tiny: boolean) => {
          memory.reset();
          const [pa, pb, pc, pd] = [a.data, b.data, c.data, d].map((values) => memory.put(values));
          const bias_ = bias ? pd! : 0;
          const [ta, tb] = [transposeA ? 1 : 0, transposeB ? 1 : 0];
          if (tiny) {
            const scratch = memory.alloc((n + 3) * k * 4);
            wasm.gemm_tiny(pc!, c.ld, pa!, a.ld, ta, pb!, b.ld, tb, m, n, k, beta, bias_, activation, scratch);
          } else {
            const scratch = memory.alloc(wasm.gemm_scratch_bytes());
            wasm.gemm(pc!, c.ld, pa!, a.ld, ta, pb!, b.ld, tb, m, n, k, 1, beta, bias_, activation, scratch, 2, 0);
          }
          memory.checkGuards();
          return memory.f32(pc!, m * c.ld);
        };
        const y = compute(true);
        expectSameBits(y, compute(false));
        for (let i = 0; i < m; i++) for (let j = n; j < c.ld; j++) expect(y[i * c.ld + j]).toBe(-7);
        if (hard) return;
        const exact = reference.gemm({
          ...{ m, n, k, a, b, c, transposeA, transposeB, beta, activation: ACTIVATIONS[activation]! },
          ...(bias && { bias: d }),
        });
        for (let i = 0; i < m * n; i++) {
          const actual = y[Math.floor(i / n) * c.ld + (i % n)]!;
          const own = activation === 2 ? 3 * exact.y[i]! : 0;
          expect(Math.abs(actual - exact.y[i]!)).toBeLessThanOrEqual(2 ** -23 * (4 * exact.magnitude[i]! + own));
        }
      }),
      { numRuns: 1000 },
    );
  });
});

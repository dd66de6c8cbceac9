import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { engine } from '../../src/engine/engine';
import { zeros } from '../../src/index';
import { gemmTiny, TINY } from '../../src/ops/gemm_tiny';
import { hardFloats } from '../support/seeds';
import { variants } from '../support/variants';

/** Products that are small enough, every form of them. */
const cases = fc
  .record({
    m: fc.integer({ min: 1, max: 6 }),
    n: fc.integer({ min: 1, max: 6 }),
    k: fc.integer({ min: 0, max: 6 }),
    transposeA: fc.boolean(),
    transposeB: fc.boolean(),
    beta: fc.constantFrom(0, 1),
    bias: fc.boolean(),
    activation: fc.constantFrom(0, 1),
    seed: fc.nat(1000),
  })
  .filter(({ m, n, k }) => m * n * k <= TINY);

const baseline = variants.find(([name]) => name === 'baseline')![1];

describe('gemmTiny', () => {
  test('has the bits of the baseline kernel, NaN, infinities and overflow included', () => {
    const { wasm, memory } = baseline;
    using space = zeros([256]);
    fc.assert(
      fc.property(cases, ({ m, n, k, transposeA, transposeB, beta, bias, activation, seed }) => {
        const a = hardFloats(m * k, { seed });
        const b = hardFloats(k * n, { seed: seed + 1 });
        const c = hardFloats(m * n, { seed: seed + 2 });
        const d = hardFloats(n, { seed: seed + 3 });
        const [lda, ldb] = [transposeA ? m : k, transposeB ? k : n];
        memory.reset();
        const [pa, pb, pc, pd] = [a, b, c, d].map((values) => memory.put(values));
        const scratch = memory.alloc(wasm.gemm_scratch_bytes());
        const kernel = wasm[`gemm_${transposeA ? 't' : 'n'}${transposeB ? 't' : 'n'}`];
        kernel(pc!, n, pa!, lda, pb!, ldb, m, n, k, 1, beta, bias ? pd! : 0, activation, scratch, 2, 0);
        const expected = memory.f32(pc!, m * n);

        const at = space.storage.offset;
        const offsets = [0, 64, 128, 192].map((element) => at + element * 4);
        for (const [i, values] of [a, b, c, d].entries()) engine.f32.set(values, offsets[i]! >>> 2);
        const [ja, jb, jc, jd] = offsets as [number, number, number, number];
        gemmTiny(transposeA, transposeB, m, n, k, ja, lda, jb, ldb, beta, jc, n, bias ? jd : 0, activation);
        const actual = engine.f32.slice(jc >>> 2, (jc >>> 2) + m * n);
        for (const [i, value] of actual.entries()) expect(Object.is(value + 0, expected[i]! + 0)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

import fc from 'fast-check';
import { describe, test } from 'vitest';
import * as reference from '../reference/permute';
import { normal } from '../support/seeds';
import { expectSameBits } from '../support/ulp';
import { variants } from '../support/variants';

const ORDERS: number[][] = [];
for (let i = 0; i < 256; i++) {
  const order = [i >> 6, (i >> 4) & 3, (i >> 2) & 3, i & 3];
  if (new Set(order).size === 4) ORDERS.push(order);
}

describe.each(variants)('permute, %s', (_name, { wasm, memory }) => {
  function check(x: Float32Array, d: number[], s: number[]): void {
    memory.reset();
    const size = d.reduce((n, dim) => n * dim, 1);
    const px = memory.put(x);
    const y = memory.out(size);
    wasm.permute(y, px, d[0]!, d[1]!, d[2]!, d[3]!, s[0]!, s[1]!, s[2]!, s[3]!);
    expectSameBits(memory.f32(y, size), reference.permute(x, d, s));
    memory.checkGuards();
  }

  test.each(ORDERS)('transposes to axes (%i, %i, %i, %i) for any shape', (...order) => {
    const dim = fc.integer({ min: 0, max: 9 });
    fc.assert(
      fc.property(dim, dim, dim, dim, (...shape) => {
        const strides = [shape[1] * shape[2] * shape[3], shape[2] * shape[3], shape[3], 1];
        const x = normal(
          shape.reduce((n, d) => n * d, 1),
          { seed: 1 },
        );
        check(
          x,
          order.map((axis) => shape[axis]!),
          order.map((axis) => strides[axis]!),
        );
      }),
      { numRuns: 30 },
    );
  });

  test('any strides, 0 (an axis repeated) and none of 1 included', () => {
    const dim = fc.integer({ min: 1, max: 6 });
    const stride = fc.integer({ min: 0, max: 7 });
    fc.assert(
      fc.property(dim, dim, dim, dim, stride, stride, stride, stride, (d0, d1, d2, d3, s0, s1, s2, s3) => {
        const last = (d0 - 1) * s0 + (d1 - 1) * s1 + (d2 - 1) * s2 + (d3 - 1) * s3;
        check(normal(last + 1, { seed: 2 }), [d0, d1, d2, d3], [s0, s1, s2, s3]);
      }),
      { numRuns: 300 },
    );
  });
});

import { expect } from 'vitest';
import type { Kernels } from '../../src/wasm/generated/kernels';
import type { Variant } from './variants';

const CHUNK = 1 << 16;

/** The spacing of float32 numbers around a float64 value, 2^-149 at the least. */
function spacing(exact: number): number {
  double[0] = exact;
  return 2 ** Math.max(((words[1]! >>> 20) & 0x7ff) - 1023 - 23, -149);
}
const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);

/** Every `stride`th float32 by bit pattern, both signs, infinities and NaN included. */
export function everyFloat(stride: number): Float32Array {
  return new Float32Array(Int32Array.from({ length: Math.ceil(2 ** 32 / stride) }, (_, i) => i * stride).buffer);
}

/** The `reach` floats on both sides of each of `points`. */
export function around(points: number[], reach: number): Float32Array {
  const centres = new Int32Array(Float32Array.from(points).buffer);
  const width = 2 * reach + 1;
  return new Float32Array(
    Int32Array.from({ length: points.length * width }, (_, i) => centres[Math.floor(i / width)]! + (i % width) - reach)
      .buffer,
  );
}

/**
 * The largest real distance |y − exact| in float32 spacings at the exact value (0.5 for a correctly rounded result)
 * over `inputs` must be at most `bound`; infinities, NaN and the sign of zero must be right.
 */
export function expectErrorBelow(
  { wasm, memory }: Variant,
  name: keyof Kernels,
  exact: (x: number) => number,
  bound: number,
  inputs: Float32Array,
): void {
  const kernel = wasm[name] as (y: number, x: number, n: number) => void;
  for (let start = 0; start < inputs.length; start += CHUNK) {
    const chunk = inputs.subarray(start, start + CHUNK);
    memory.reset();
    const x = memory.put(chunk);
    const y = memory.out(chunk.length);
    kernel(y, x, chunk.length);
    const got = memory.f32(y, chunk.length);
    for (let i = 0; i < chunk.length; i++) {
      const value = exact(chunk[i]!);
      const rounded = Math.fround(value);
      if (Object.is(got[i], rounded)) continue;
      const finite = Number.isFinite(got[i]) && Number.isFinite(rounded) && !Object.is(got[i], -rounded);
      const error = finite ? Math.abs(got[i]! - value) / spacing(value) : Infinity;
      if (!(error <= bound))
        expect.fail(`${name}(${chunk[i]}) = ${got[i]}, exact ${value}: ${error} ULP, allowed ${bound}`);
    }
  }
}

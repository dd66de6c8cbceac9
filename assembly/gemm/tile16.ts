import { madd4 } from '../math/madd';
import { ADD_C, THEN_RELU } from './params';

/**
 * C ← [C +] A·B [+ bias] [then ReLU], the register tile of 2 × 16 for separate mul and add: as `tile` in tile.ts, in
 * the shape that needs the fewest instructions per product. Fifteen registers are in use; V8 11 has no more.
 *
 * `packed` is a constant at each use: the rows of B are contiguous (64 bytes), bStep is ignored, and B's pointer moves once
 * in four terms. It saves 0.75 of 26 instructions a term in V8 11, 3 % of the time; 6×8, which is bound by the arithmetic
 * units, gains nothing from it.
 */
// @ts-ignore: decorator
@inline
export function tile16(
  packed: bool, kc: i32, a: usize, aRow: usize, b: usize, bStep: usize, c: usize, ldc: usize, bias: usize, flags: i32,
): void {
  const zero = f32x4.splat(0);
  let c00 = zero, c01 = zero, c02 = zero, c03 = zero, c10 = zero, c11 = zero, c12 = zero, c13 = zero;
  let b0 = zero, b1 = zero, b2 = zero, b3 = zero, x = zero;

  let a1 = a + aRow;
  while (kc > 0) {
    b0 = v128.load(b);
    b1 = v128.load(b, 16);
    b2 = v128.load(b, 32);
    b3 = v128.load(b, 48);
    x = v128.load32_splat(a);
    c00 = madd4(x, b0, c00);
    c01 = madd4(x, b1, c01);
    c02 = madd4(x, b2, c02);
    c03 = madd4(x, b3, c03);
    x = v128.load32_splat(a1);
    c10 = madd4(x, b0, c10);
    c11 = madd4(x, b1, c11);
    c12 = madd4(x, b2, c12);
    c13 = madd4(x, b3, c13);
    if (kc == 1) break;
    if (packed) {
      b0 = v128.load(b, 64);
      b1 = v128.load(b, 80);
      b2 = v128.load(b, 96);
      b3 = v128.load(b, 112);
    } else {
      b += bStep;
      b0 = v128.load(b);
      b1 = v128.load(b, 16);
      b2 = v128.load(b, 32);
      b3 = v128.load(b, 48);
    }
    x = v128.load32_splat(a, 4);
    c00 = madd4(x, b0, c00);
    c01 = madd4(x, b1, c01);
    c02 = madd4(x, b2, c02);
    c03 = madd4(x, b3, c03);
    x = v128.load32_splat(a1, 4);
    c10 = madd4(x, b0, c10);
    c11 = madd4(x, b1, c11);
    c12 = madd4(x, b2, c12);
    c13 = madd4(x, b3, c13);
    if (kc == 2) break;
    if (packed) {
      b0 = v128.load(b, 128);
      b1 = v128.load(b, 144);
      b2 = v128.load(b, 160);
      b3 = v128.load(b, 176);
    } else {
      b += bStep;
      b0 = v128.load(b);
      b1 = v128.load(b, 16);
      b2 = v128.load(b, 32);
      b3 = v128.load(b, 48);
    }
    x = v128.load32_splat(a, 8);
    c00 = madd4(x, b0, c00);
    c01 = madd4(x, b1, c01);
    c02 = madd4(x, b2, c02);
    c03 = madd4(x, b3, c03);
    x = v128.load32_splat(a1, 8);
    c10 = madd4(x, b0, c10);
    c11 = madd4(x, b1, c11);
    c12 = madd4(x, b2, c12);
    c13 = madd4(x, b3, c13);
    if (kc == 3) break;
    if (packed) {
      b0 = v128.load(b, 192);
      b1 = v128.load(b, 208);
      b2 = v128.load(b, 224);
      b3 = v128.load(b, 240);
    } else {
      b += bStep;
      b0 = v128.load(b);
      b1 = v128.load(b, 16);
      b2 = v128.load(b, 32);
      b3 = v128.load(b, 48);
    }
    x = v128.load32_splat(a, 12);
    c00 = madd4(x, b0, c00);
    c01 = madd4(x, b1, c01);
    c02 = madd4(x, b2, c02);
    c03 = madd4(x, b3, c03);
    x = v128.load32_splat(a1, 12);
    c10 = madd4(x, b0, c10);
    c11 = madd4(x, b1, c11);
    c12 = madd4(x, b2, c12);
    c13 = madd4(x, b3, c13);
    b += packed ? 256 : bStep;
    a += 16;
    a1 += 16;
    kc -= 4;
  }

  if (flags & ADD_C) {
    c00 = f32x4.add(v128.load(c), c00);
    c01 = f32x4.add(v128.load(c, 16), c01);
    c02 = f32x4.add(v128.load(c, 32), c02);
    c03 = f32x4.add(v128.load(c, 48), c03);
    const p = c + ldc;
    c10 = f32x4.add(v128.load(p), c10);
    c11 = f32x4.add(v128.load(p, 16), c11);
    c12 = f32x4.add(v128.load(p, 32), c12);
    c13 = f32x4.add(v128.load(p, 48), c13);
  }
  if (bias) {
    b0 = v128.load(bias);
    b1 = v128.load(bias, 16);
    b2 = v128.load(bias, 32);
    b3 = v128.load(bias, 48);
    c00 = f32x4.add(c00, b0);
    c01 = f32x4.add(c01, b1);
    c02 = f32x4.add(c02, b2);
    c03 = f32x4.add(c03, b3);
    c10 = f32x4.add(c10, b0);
    c11 = f32x4.add(c11, b1);
    c12 = f32x4.add(c12, b2);
    c13 = f32x4.add(c13, b3);
  }
  if (flags & THEN_RELU) {
    c00 = f32x4.pmax(c00, zero);
    c01 = f32x4.pmax(c01, zero);
    c02 = f32x4.pmax(c02, zero);
    c03 = f32x4.pmax(c03, zero);
    c10 = f32x4.pmax(c10, zero);
    c11 = f32x4.pmax(c11, zero);
    c12 = f32x4.pmax(c12, zero);
    c13 = f32x4.pmax(c13, zero);
  }

  v128.store(c, c00);
  v128.store(c, c01, 16);
  v128.store(c, c02, 32);
  v128.store(c, c03, 48);
  c += ldc;
  v128.store(c, c10);
  v128.store(c, c11, 16);
  v128.store(c, c12, 32);
  v128.store(c, c13, 48);
}

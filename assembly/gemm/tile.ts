import { madd4 } from '../math/madd';
import { ADD_C, THEN_RELU } from './params';

/**
 * C ← [C +] A·B [+ bias] [then ReLU], one register tile of rows × 4·vectors, summed over one block of k.
 * A: [rows][kc], aRow bytes from row to row, contiguous along k; B: panel [kc][4·vectors], bStep bytes a row;
 * C: ldc bytes a row, stored in whole vectors; bias: f32[4·vectors] or 0; flags: ADD_C and THEN_RELU.
 *
 * Every element is one accumulator that starts at zero and takes one madd4 per term in the order of k. All tiles do
 * the same, so which of them computes an element never shows in its bits.
 *
 * The terms and the rows are written out: asc unrolls no loop, and an accumulator stays in a register only as a local, which
 * neither an array nor another function can stand for.
 *
 * `rows`, `vectors` and `turns`, the terms per iteration (2 or 4), are constants at each use. There is an exit after each
 * term: the branch keeps V8 from loading the operands of all terms first, which would not fit the 16 registers; and the
 * constant offsets along A cost one instruction per term for all rows, where moving the row pointers each term would cost
 * one per row. (Read in the machine code of V8 11.3 and 13.6; what it gave is in bench/NOTES.md.)
 */
// @ts-ignore: decorator
@inline
export function tile(
  rows: i32, vectors: i32, turns: i32, kc: i32, a: usize, aRow: usize, b: usize, bStep: usize,
  c: usize, ldc: usize, bias: usize, flags: i32,
): void {
  const zero = f32x4.splat(0);
  let c00 = zero, c01 = zero, c10 = zero, c11 = zero, c20 = zero, c21 = zero;
  let c30 = zero, c31 = zero, c40 = zero, c41 = zero, c50 = zero, c51 = zero;
  let c02 = zero, c12 = zero, c22 = zero;
  let b0 = zero, b1 = zero, b2 = zero, x = zero;

  let a1 = a + aRow;
  let a2 = a1 + aRow;
  let a3 = a2 + aRow;
  let a4 = a3 + aRow;
  let a5 = a4 + aRow;
  while (kc > 0) {
    b0 = v128.load(b);
    if (vectors > 1) b1 = v128.load(b, 16);
    if (vectors > 2) b2 = v128.load(b, 32);
    x = v128.load32_splat(a);
    c00 = madd4(x, b0, c00);
    if (vectors > 1) c01 = madd4(x, b1, c01);
    if (vectors > 2) c02 = madd4(x, b2, c02);
    if (rows > 1) {
      x = v128.load32_splat(a1);
      c10 = madd4(x, b0, c10);
      if (vectors > 1) c11 = madd4(x, b1, c11);
      if (vectors > 2) c12 = madd4(x, b2, c12);
    }
    if (rows > 2) {
      x = v128.load32_splat(a2);
      c20 = madd4(x, b0, c20);
      if (vectors > 1) c21 = madd4(x, b1, c21);
      if (vectors > 2) c22 = madd4(x, b2, c22);
    }
    if (rows > 3) {
      x = v128.load32_splat(a3);
      c30 = madd4(x, b0, c30);
      if (vectors > 1) c31 = madd4(x, b1, c31);
    }
    if (rows > 4) {
      x = v128.load32_splat(a4);
      c40 = madd4(x, b0, c40);
      if (vectors > 1) c41 = madd4(x, b1, c41);
    }
    if (rows > 5) {
      x = v128.load32_splat(a5);
      c50 = madd4(x, b0, c50);
      if (vectors > 1) c51 = madd4(x, b1, c51);
    }
    b += bStep;
    if (kc == 1) break;
    b0 = v128.load(b);
    if (vectors > 1) b1 = v128.load(b, 16);
    if (vectors > 2) b2 = v128.load(b, 32);
    x = v128.load32_splat(a, 4);
    c00 = madd4(x, b0, c00);
    if (vectors > 1) c01 = madd4(x, b1, c01);
    if (vectors > 2) c02 = madd4(x, b2, c02);
    if (rows > 1) {
      x = v128.load32_splat(a1, 4);
      c10 = madd4(x, b0, c10);
      if (vectors > 1) c11 = madd4(x, b1, c11);
      if (vectors > 2) c12 = madd4(x, b2, c12);
    }
    if (rows > 2) {
      x = v128.load32_splat(a2, 4);
      c20 = madd4(x, b0, c20);
      if (vectors > 1) c21 = madd4(x, b1, c21);
      if (vectors > 2) c22 = madd4(x, b2, c22);
    }
    if (rows > 3) {
      x = v128.load32_splat(a3, 4);
      c30 = madd4(x, b0, c30);
      if (vectors > 1) c31 = madd4(x, b1, c31);
    }
    if (rows > 4) {
      x = v128.load32_splat(a4, 4);
      c40 = madd4(x, b0, c40);
      if (vectors > 1) c41 = madd4(x, b1, c41);
    }
    if (rows > 5) {
      x = v128.load32_splat(a5, 4);
      c50 = madd4(x, b0, c50);
      if (vectors > 1) c51 = madd4(x, b1, c51);
    }
    b += bStep;
    if (turns == 2) {
      a += 8;
      if (rows > 1) a1 += 8;
      if (rows > 2) a2 += 8;
      if (rows > 3) a3 += 8;
      if (rows > 4) a4 += 8;
      if (rows > 5) a5 += 8;
      kc -= 2;
      continue;
    }
    if (kc == 2) break;
    b0 = v128.load(b);
    if (vectors > 1) b1 = v128.load(b, 16);
    if (vectors > 2) b2 = v128.load(b, 32);
    x = v128.load32_splat(a, 8);
    c00 = madd4(x, b0, c00);
    if (vectors > 1) c01 = madd4(x, b1, c01);
    if (vectors > 2) c02 = madd4(x, b2, c02);
    if (rows > 1) {
      x = v128.load32_splat(a1, 8);
      c10 = madd4(x, b0, c10);
      if (vectors > 1) c11 = madd4(x, b1, c11);
      if (vectors > 2) c12 = madd4(x, b2, c12);
    }
    if (rows > 2) {
      x = v128.load32_splat(a2, 8);
      c20 = madd4(x, b0, c20);
      if (vectors > 1) c21 = madd4(x, b1, c21);
      if (vectors > 2) c22 = madd4(x, b2, c22);
    }
    if (rows > 3) {
      x = v128.load32_splat(a3, 8);
      c30 = madd4(x, b0, c30);
      if (vectors > 1) c31 = madd4(x, b1, c31);
    }
    if (rows > 4) {
      x = v128.load32_splat(a4, 8);
      c40 = madd4(x, b0, c40);
      if (vectors > 1) c41 = madd4(x, b1, c41);
    }
    if (rows > 5) {
      x = v128.load32_splat(a5, 8);
      c50 = madd4(x, b0, c50);
      if (vectors > 1) c51 = madd4(x, b1, c51);
    }
    b += bStep;
    if (kc == 3) break;
    b0 = v128.load(b);
    if (vectors > 1) b1 = v128.load(b, 16);
    if (vectors > 2) b2 = v128.load(b, 32);
    x = v128.load32_splat(a, 12);
    c00 = madd4(x, b0, c00);
    if (vectors > 1) c01 = madd4(x, b1, c01);
    if (vectors > 2) c02 = madd4(x, b2, c02);
    if (rows > 1) {
      x = v128.load32_splat(a1, 12);
      c10 = madd4(x, b0, c10);
      if (vectors > 1) c11 = madd4(x, b1, c11);
      if (vectors > 2) c12 = madd4(x, b2, c12);
    }
    if (rows > 2) {
      x = v128.load32_splat(a2, 12);
      c20 = madd4(x, b0, c20);
      if (vectors > 1) c21 = madd4(x, b1, c21);
      if (vectors > 2) c22 = madd4(x, b2, c22);
    }
    if (rows > 3) {
      x = v128.load32_splat(a3, 12);
      c30 = madd4(x, b0, c30);
      if (vectors > 1) c31 = madd4(x, b1, c31);
    }
    if (rows > 4) {
      x = v128.load32_splat(a4, 12);
      c40 = madd4(x, b0, c40);
      if (vectors > 1) c41 = madd4(x, b1, c41);
    }
    if (rows > 5) {
      x = v128.load32_splat(a5, 12);
      c50 = madd4(x, b0, c50);
      if (vectors > 1) c51 = madd4(x, b1, c51);
    }
    b += bStep;
    a += 16;
    if (rows > 1) a1 += 16;
    if (rows > 2) a2 += 16;
    if (rows > 3) a3 += 16;
    if (rows > 4) a4 += 16;
    if (rows > 5) a5 += 16;
    kc -= 4;
  }

  if (flags & ADD_C) {
    let p = c;
    c00 = f32x4.add(v128.load(p), c00);
    if (vectors > 1) c01 = f32x4.add(v128.load(p, 16), c01);
    if (vectors > 2) c02 = f32x4.add(v128.load(p, 32), c02);
    if (rows > 1) {
      p += ldc;
      c10 = f32x4.add(v128.load(p), c10);
      if (vectors > 1) c11 = f32x4.add(v128.load(p, 16), c11);
      if (vectors > 2) c12 = f32x4.add(v128.load(p, 32), c12);
    }
    if (rows > 2) {
      p += ldc;
      c20 = f32x4.add(v128.load(p), c20);
      if (vectors > 1) c21 = f32x4.add(v128.load(p, 16), c21);
      if (vectors > 2) c22 = f32x4.add(v128.load(p, 32), c22);
    }
    if (rows > 3) {
      p += ldc;
      c30 = f32x4.add(v128.load(p), c30);
      if (vectors > 1) c31 = f32x4.add(v128.load(p, 16), c31);
    }
    if (rows > 4) {
      p += ldc;
      c40 = f32x4.add(v128.load(p), c40);
      if (vectors > 1) c41 = f32x4.add(v128.load(p, 16), c41);
    }
    if (rows > 5) {
      p += ldc;
      c50 = f32x4.add(v128.load(p), c50);
      if (vectors > 1) c51 = f32x4.add(v128.load(p, 16), c51);
    }
  }
  if (bias) {
    b0 = v128.load(bias);
    c00 = f32x4.add(c00, b0);
    if (rows > 1) c10 = f32x4.add(c10, b0);
    if (rows > 2) c20 = f32x4.add(c20, b0);
    if (rows > 3) c30 = f32x4.add(c30, b0);
    if (rows > 4) c40 = f32x4.add(c40, b0);
    if (rows > 5) c50 = f32x4.add(c50, b0);
    if (vectors > 1) {
      b1 = v128.load(bias, 16);
      c01 = f32x4.add(c01, b1);
      if (rows > 1) c11 = f32x4.add(c11, b1);
      if (rows > 2) c21 = f32x4.add(c21, b1);
      if (rows > 3) c31 = f32x4.add(c31, b1);
      if (rows > 4) c41 = f32x4.add(c41, b1);
      if (rows > 5) c51 = f32x4.add(c51, b1);
    }
    if (vectors > 2) {
      b2 = v128.load(bias, 32);
      c02 = f32x4.add(c02, b2);
      if (rows > 1) c12 = f32x4.add(c12, b2);
      if (rows > 2) c22 = f32x4.add(c22, b2);
    }
  }
  if (flags & THEN_RELU) {
    c00 = f32x4.pmax(c00, zero);
    if (rows > 1) c10 = f32x4.pmax(c10, zero);
    if (rows > 2) c20 = f32x4.pmax(c20, zero);
    if (rows > 3) c30 = f32x4.pmax(c30, zero);
    if (rows > 4) c40 = f32x4.pmax(c40, zero);
    if (rows > 5) c50 = f32x4.pmax(c50, zero);
    if (vectors > 1) {
      c01 = f32x4.pmax(c01, zero);
      if (rows > 1) c11 = f32x4.pmax(c11, zero);
      if (rows > 2) c21 = f32x4.pmax(c21, zero);
      if (rows > 3) c31 = f32x4.pmax(c31, zero);
      if (rows > 4) c41 = f32x4.pmax(c41, zero);
      if (rows > 5) c51 = f32x4.pmax(c51, zero);
    }
    if (vectors > 2) {
      c02 = f32x4.pmax(c02, zero);
      if (rows > 1) c12 = f32x4.pmax(c12, zero);
      if (rows > 2) c22 = f32x4.pmax(c22, zero);
    }
  }

  v128.store(c, c00);
  if (vectors > 1) v128.store(c, c01, 16);
  if (vectors > 2) v128.store(c, c02, 32);
  if (rows > 1) {
    c += ldc;
    v128.store(c, c10);
    if (vectors > 1) v128.store(c, c11, 16);
    if (vectors > 2) v128.store(c, c12, 32);
  }
  if (rows > 2) {
    c += ldc;
    v128.store(c, c20);
    if (vectors > 1) v128.store(c, c21, 16);
    if (vectors > 2) v128.store(c, c22, 32);
  }
  if (rows > 3) {
    c += ldc;
    v128.store(c, c30);
    if (vectors > 1) v128.store(c, c31, 16);
  }
  if (rows > 4) {
    c += ldc;
    v128.store(c, c40);
    if (vectors > 1) v128.store(c, c41, 16);
  }
  if (rows > 5) {
    c += ldc;
    v128.store(c, c50);
    if (vectors > 1) v128.store(c, c51, 16);
  }
}

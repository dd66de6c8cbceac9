import { store_lanes } from '../math/lanes';
import { madd4 } from '../math/madd';
import { activate4 } from './epilogue';
import { pack_along } from './pack';

/**
 * C ← act(op(A)·op(B) + beta·C + bias), beta 0 or 1, for products so small that the loops around a register tile take longer
 * than the arithmetic; larger ones are right, too, but slow. Arguments as for gemm, without alpha (1), mr and kept; the bits
 * are those of the register tiles where k is one block. scratch: (n + 3)·k floats, used where B is transposed.
 */
export function gemm_tiny(
  c: usize, ldc: i32, a: usize, lda: i32, transposeA: bool, b: usize, ldb: i32, transposeB: bool, m: i32, n: i32, k: i32,
  beta: f32, bias: usize, activation: i32, scratch: usize,
): void {
  let bRow = <usize>ldb << 2;
  const cRow = <usize>ldc << 2;
  const aRow: usize = transposeA ? 4 : <usize>lda << 2;
  const aCol: usize = transposeA ? <usize>lda << 2 : 4;
  if (transposeB) {
    const line = <usize>((n + 3) & ~3) << 2;
    pack_along(scratch, line, b, bRow, n, k);
    b = scratch;
    bRow = line;
  }
  // Two rows at a time; the last of an odd number is computed once and stored twice.
  for (; m > 0; m -= 2, a += aRow << 1, c += cRow << 1) {
    const a2 = m > 1 ? aRow : 0;
    const c2 = m > 1 ? cRow : 0;
    for (let j: usize = 0, left = n; left > 0; j += 16, left -= 4) {
      let y = f32x4.splat(0);
      let z = y;
      let p = k, ap = a, bp = b + j;
      if (a2) {
        for (; p > 0; --p, ap += aCol, bp += bRow) {
          const r = v128.load(bp);
          y = madd4(v128.load32_splat(ap), r, y);
          z = madd4(v128.load32_splat(ap + a2), r, z);
        }
      } else {
        for (; p > 0; --p, ap += aCol, bp += bRow) y = madd4(v128.load32_splat(ap), v128.load(bp), y);
        z = y;
      }
      const cj = c + j;
      if (beta != 0) {
        y = f32x4.add(v128.load(cj), y);
        z = f32x4.add(v128.load(cj + c2), z);
      }
      if (bias) {
        const d = v128.load(bias + j);
        y = f32x4.add(y, d);
        z = f32x4.add(z, d);
      }
      if (activation) {
        y = activate4(y, activation);
        z = activate4(z, activation);
      }
      if (left < 4) {
        store_lanes(cj, y, left);
        store_lanes(cj + c2, z, left);
      } else {
        v128.store(cj, y);
        v128.store(cj + c2, z);
      }
    }
  }
}

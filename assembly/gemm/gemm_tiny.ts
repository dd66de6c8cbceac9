import { madd4 } from '../math/madd';
import { activate4, load_lanes, store_lanes } from './epilogue';
import { pack_along } from './pack';

/**
 * C ← act(op(A)·op(B) + beta·C + bias), beta 0 or 1, for products so small that the loops around a register tile take longer
 * than the arithmetic; any other is right, too, but slow. Arguments as those of gemm_nn, with what is transposed; the bits are those
 * of the register tiles where k is one block. scratch: (n + 3)·k floats, used where B is transposed.
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
  for (; m > 0; --m, a += aRow, c += cRow) {
    for (let j: usize = 0, left = n; left > 0; j += 16, left -= 4) {
      let y = f32x4.splat(0);
      for (let p = k, ap = a, bp = b + j; p > 0; --p, ap += aCol, bp += bRow) {
        y = madd4(v128.load32_splat(ap), v128.load(bp), y);
      }
      const cj = c + j;
      if (beta != 0) y = f32x4.add(left < 4 ? load_lanes(cj, left) : v128.load(cj), y);
      if (bias) y = f32x4.add(y, v128.load(bias + j));
      if (activation) y = activate4(y, activation);
      if (left < 4) store_lanes(cj, y, left);
      else v128.store(cj, y);
    }
  }
}

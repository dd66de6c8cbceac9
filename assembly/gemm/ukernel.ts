import { tile } from './tile';
import { tile16 } from './tile16';

export function ukernel_1x8(
  kc: i32, a: usize, aRow: usize, b: usize, bStep: usize, c: usize, ldc: usize, bias: usize, flags: i32,
): void {
  tile(1, 2, 2, kc, a, aRow, b, bStep, c, ldc, bias, flags);
}
function ukernel_2x8(
  kc: i32, a: usize, aRow: usize, b: usize, bStep: usize, c: usize, ldc: usize, bias: usize, flags: i32,
): void {
  tile(2, 2, 2, kc, a, aRow, b, bStep, c, ldc, bias, flags);
}
function ukernel_3x8(
  kc: i32, a: usize, aRow: usize, b: usize, bStep: usize, c: usize, ldc: usize, bias: usize, flags: i32,
): void {
  tile(3, 2, 2, kc, a, aRow, b, bStep, c, ldc, bias, flags);
}
function ukernel_4x8(
  kc: i32, a: usize, aRow: usize, b: usize, bStep: usize, c: usize, ldc: usize, bias: usize, flags: i32,
): void {
  tile(4, 2, 4, kc, a, aRow, b, bStep, c, ldc, bias, flags);
}
function ukernel_5x8(
  kc: i32, a: usize, aRow: usize, b: usize, bStep: usize, c: usize, ldc: usize, bias: usize, flags: i32,
): void {
  tile(5, 2, 2, kc, a, aRow, b, bStep, c, ldc, bias, flags);
}
function ukernel_6x8(
  kc: i32, a: usize, aRow: usize, b: usize, bStep: usize, c: usize, ldc: usize, bias: usize, flags: i32,
): void {
  tile(6, 2, 4, kc, a, aRow, b, bStep, c, ldc, bias, flags);
}
function ukernel_3x12(
  kc: i32, a: usize, aRow: usize, b: usize, bStep: usize, c: usize, ldc: usize, bias: usize, flags: i32,
): void {
  tile(3, 3, 2, kc, a, aRow, b, bStep, c, ldc, bias, flags);
}
export function ukernel_2x16(
  kc: i32, a: usize, aRow: usize, b: usize, bStep: usize, c: usize, ldc: usize, bias: usize, flags: i32,
): void {
  tile16(false, kc, a, aRow, b, bStep, c, ldc, bias, flags);
}
function ukernel_2x16_packed(
  kc: i32, a: usize, aRow: usize, b: usize, bStep: usize, c: usize, ldc: usize, bias: usize, flags: i32,
): void {
  tile16(true, kc, a, aRow, b, 64, c, ldc, bias, flags);
}
function ukernel_1x4(
  kc: i32, a: usize, aRow: usize, b: usize, bStep: usize, c: usize, ldc: usize, bias: usize, flags: i32,
): void {
  tile(1, 1, 2, kc, a, aRow, b, bStep, c, ldc, bias, flags);
}
function ukernel_2x4(
  kc: i32, a: usize, aRow: usize, b: usize, bStep: usize, c: usize, ldc: usize, bias: usize, flags: i32,
): void {
  tile(2, 1, 2, kc, a, aRow, b, bStep, c, ldc, bias, flags);
}
function ukernel_3x4(
  kc: i32, a: usize, aRow: usize, b: usize, bStep: usize, c: usize, ldc: usize, bias: usize, flags: i32,
): void {
  tile(3, 1, 2, kc, a, aRow, b, bStep, c, ldc, bias, flags);
}
function ukernel_4x4(
  kc: i32, a: usize, aRow: usize, b: usize, bStep: usize, c: usize, ldc: usize, bias: usize, flags: i32,
): void {
  tile(4, 1, 2, kc, a, aRow, b, bStep, c, ldc, bias, flags);
}
function ukernel_5x4(
  kc: i32, a: usize, aRow: usize, b: usize, bStep: usize, c: usize, ldc: usize, bias: usize, flags: i32,
): void {
  tile(5, 1, 2, kc, a, aRow, b, bStep, c, ldc, bias, flags);
}
function ukernel_6x4(
  kc: i32, a: usize, aRow: usize, b: usize, bStep: usize, c: usize, ldc: usize, bias: usize, flags: i32,
): void {
  tile(6, 1, 2, kc, a, aRow, b, bStep, c, ldc, bias, flags);
}

/**
 * Rows of 12 columns, three at a time; the rest in tiles of 4 and of 8 columns, the last four columns first: what their
 * stores spill over may be the start of the next row, which the tile of 8 then writes.
 */
function ukernel_12(
  rows: i32, kc: i32, a: usize, aRow: usize, b: usize, bStep: usize, c: usize, ldc: usize, bias: usize, flags: i32,
): void {
  for (; rows > 5 || rows == 3; rows -= 3, a += aRow * 3, c += ldc * 3) {
    ukernel_3x12(kc, a, aRow, b, bStep, c, ldc, bias, flags);
  }
  const b4 = b + 32;
  const c4 = c + 32;
  const bias4 = bias ? bias + 32 : 0;
  if (rows == 5) {
    ukernel_5x4(kc, a, aRow, b4, bStep, c4, ldc, bias4, flags);
    ukernel_5x8(kc, a, aRow, b, bStep, c, ldc, bias, flags);
  } else if (rows == 4) {
    ukernel_4x4(kc, a, aRow, b4, bStep, c4, ldc, bias4, flags);
    ukernel_4x8(kc, a, aRow, b, bStep, c, ldc, bias, flags);
  } else if (rows == 2) {
    ukernel_2x4(kc, a, aRow, b4, bStep, c4, ldc, bias4, flags);
    ukernel_2x8(kc, a, aRow, b, bStep, c, ldc, bias, flags);
  } else if (rows == 1) {
    ukernel_1x4(kc, a, aRow, b4, bStep, c4, ldc, bias4, flags);
    ukernel_1x8(kc, a, aRow, b, bStep, c, ldc, bias, flags);
  }
}

/**
 * The register tile of rows (1 … 6, any number for 3 or 4 vectors) × 4·vectors (1 … 4); see `tile`.
 * Inlined at two places, so that every tile has two callers and the optimizer leaves it a function of its own: only then
 * does V8 keep its accumulators in registers, and tier it up from its first, slow code between two calls.
 */
// @ts-ignore: decorator
@inline
export function ukernel(
  rows: i32, vectors: i32, kc: i32, a: usize, aRow: usize, b: usize, bStep: usize,
  c: usize, ldc: usize, bias: usize, flags: i32,
): void {
  if (vectors == 2) {
    switch (rows) {
      case 6: ukernel_6x8(kc, a, aRow, b, bStep, c, ldc, bias, flags); break;
      case 5: ukernel_5x8(kc, a, aRow, b, bStep, c, ldc, bias, flags); break;
      case 4: ukernel_4x8(kc, a, aRow, b, bStep, c, ldc, bias, flags); break;
      case 3: ukernel_3x8(kc, a, aRow, b, bStep, c, ldc, bias, flags); break;
      case 2: ukernel_2x8(kc, a, aRow, b, bStep, c, ldc, bias, flags); break;
      default: ukernel_1x8(kc, a, aRow, b, bStep, c, ldc, bias, flags);
    }
  } else if (vectors == 1) {
    switch (rows) {
      case 6: ukernel_6x4(kc, a, aRow, b, bStep, c, ldc, bias, flags); break;
      case 5: ukernel_5x4(kc, a, aRow, b, bStep, c, ldc, bias, flags); break;
      case 4: ukernel_4x4(kc, a, aRow, b, bStep, c, ldc, bias, flags); break;
      case 3: ukernel_3x4(kc, a, aRow, b, bStep, c, ldc, bias, flags); break;
      case 2: ukernel_2x4(kc, a, aRow, b, bStep, c, ldc, bias, flags); break;
      default: ukernel_1x4(kc, a, aRow, b, bStep, c, ldc, bias, flags);
    }
  } else if (vectors == 3) {
    ukernel_12(rows, kc, a, aRow, b, bStep, c, ldc, bias, flags);
  } else {
    for (; rows > 1; rows -= 2, a += aRow << 1, c += ldc << 1) {
      if (bStep == 64) ukernel_2x16_packed(kc, a, aRow, b, bStep, c, ldc, bias, flags);
      else ukernel_2x16(kc, a, aRow, b, bStep, c, ldc, bias, flags);
    }
    if (rows > 0) {
      ukernel_1x8(kc, a, aRow, b, bStep, c, ldc, bias, flags);
      ukernel_1x8(kc, a, aRow, b + 32, bStep, c + 32, ldc, bias ? bias + 32 : 0, flags);
    }
  }
}

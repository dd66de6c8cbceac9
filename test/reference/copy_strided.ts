/** `count` runs of `length` elements from x, `xStride` apart, into y, `yStride` apart. */
export function copyStrided(
  y: { [index: number]: number },
  yStride: number,
  x: ArrayLike<number>,
  xStride: number,
  length: number,
  count: number,
): void {
  for (let c = 0; c < count; c++) {
    for (let i = 0; i < length; i++) y[c * yStride + i] = x[c * xStride + i]!;
  }
}

/** Rows o0 … o1 - 1, columns i0 … i1 - 1. */
type Range = readonly [o0: number, o1: number, i0: number, i1: number];

/**
 * The four parts of [outer, inner] that a cut across and a cut along make, at random places by `next`; fewer where a part has no
 * columns. A single column is not cut.
 */
export function quarters(next: () => number, outer: number, inner: number): Range[] {
  const o = Math.floor(next() * (outer + 1));
  const i = inner === 1 ? 1 : Math.floor(next() * (inner + 1));
  const parts: Range[] = [
    [0, o, 0, i],
    [0, o, i, inner],
    [o, outer, 0, i],
    [o, outer, i, inner],
  ];
  return parts.filter(([, , i0, i1]) => i0 < i1);
}

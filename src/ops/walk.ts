import type { Shape } from '../tensor/shape.js';

/**
 * The strides, along the axes of `to`, of an array of shape `from` that broadcasts to it: 0 where it is repeated. The last
 * `behind` axes of `from` are left out: they are the unit in which strides count (elements by default, matrices with 2).
 */
export function stridesIn(from: Shape, to: Shape, behind = 0): number[] {
  const strides: number[] = new Array(to.length);
  let stride = 1;
  for (let i = 1; i <= to.length; i++) {
    const axis = from.length - behind - i;
    const dimension = axis < 0 ? 1 : from[axis]!;
    strides[to.length - i] = dimension === 1 ? 0 : stride;
    stride *= dimension;
  }
  return strides;
}

/**
 * Iterates over two strided arrays at once, in blocks of the last `inner` axes of `shape`, which must not be empty. Axes are
 * collapsed first: those of length 1 are dropped, and neighbours with strides as of one axis, in both arrays, are merged.
 */
export class Walk {
  /** Lengths of the axes, from the last on, at least `inner`; then the strides of both arrays along them. */
  readonly dims: number[] = [];
  readonly p: number[] = [];
  readonly q: number[] = [];
  /** Where the block begins in both arrays. */
  pStart = 0;
  qStart = 0;
  readonly #index: number[] = [];
  readonly #inner: number;

  /** `p` and `q`: strides of the arrays, in elements. */
  constructor(shape: Shape, p: readonly number[], q: readonly number[], inner: number) {
    const { dims } = this;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const dimension = shape[axis]!;
      const last = dims.length - 1;
      if (dimension === 1) continue;
      if (last >= 0 && p[axis] === this.p[last]! * dims[last]! && q[axis] === this.q[last]! * dims[last]!)
        dims[last]! *= dimension;
      else this.#push(dimension, p[axis]!, q[axis]!);
    }
    while (dims.length < inner) this.#push(1, 0, 0);
    this.#inner = inner;
  }

  /** To the next block; false behind the last. */
  next(): boolean {
    const { dims, p, q } = this;
    const index = this.#index;
    for (let d = this.#inner; d < dims.length; d++) {
      this.pStart += p[d]!;
      this.qStart += q[d]!;
      if (++index[d]! < dims[d]!) return true;
      this.pStart -= p[d]! * dims[d]!;
      this.qStart -= q[d]! * dims[d]!;
      index[d] = 0;
    }
    return false;
  }

  #push(dimension: number, p: number, q: number): void {
    this.dims.push(dimension);
    this.p.push(p);
    this.q.push(q);
    this.#index.push(0);
  }
}

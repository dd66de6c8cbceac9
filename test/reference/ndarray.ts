/** Plain float64 arrays with a shape, and NumPy's semantics on them in plain loops. */
export interface NdArray {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

export function ndarray(shape: readonly number[], data: ArrayLike<number>): NdArray {
  return { shape, data: Float64Array.from(data) };
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

/** The position of each element: [0, 0], [0, 1], … in row-major order. */
function* indices(shape: readonly number[]): Generator<number[]> {
  const size = sizeOf(shape);
  for (let i = 0; i < size; i++) {
    const index: number[] = [];
    let rest = i;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index.unshift(rest % shape[axis]);
      rest = Math.floor(rest / shape[axis]);
    }
    yield index;
  }
}

function at(x: NdArray, index: readonly number[]): number {
  return x.data[index.reduce((offset, i, axis) => offset * x.shape[axis] + i, 0)];
}

/** The element that broadcasting x puts at `index`: missing leading axes and ones are repeated. */
function broadcastAt(x: NdArray, index: readonly number[]): number {
  const own = index.slice(index.length - x.shape.length);
  return at(
    x,
    own.map((i, axis) => (x.shape[axis] === 1 ? 0 : i)),
  );
}

/** From a function of the position. */
function build(shape: readonly number[], f: (index: number[]) => number): NdArray {
  return { shape, data: Float64Array.from(indices(shape), f) };
}

export function broadcastShape(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const p = a[axis - rank + a.length] ?? 1;
    const q = b[axis - rank + b.length] ?? 1;
    if (p !== q && p !== 1 && q !== 1) throw new Error('shapes do not broadcast');
    return p === 1 ? q : p;
  });
}

/** op(a, b), elementwise with broadcasting. */
export function elementwise(op: (a: number, b: number) => number, a: NdArray, b: NdArray): NdArray {
  return build(broadcastShape(a.shape, b.shape), (index) => op(broadcastAt(a, index), broadcastAt(b, index)));
}

/** op over the elements along `axes`, in row-major order of the elements. */
export function reduce(
  op: (values: number[]) => number,
  x: NdArray,
  axes: readonly number[],
  keepDims: boolean,
): NdArray {
  const reduced = new Set(axes.map((axis) => (axis < 0 ? axis + x.shape.length : axis)));
  const kept = x.shape.map((d, axis) => (reduced.has(axis) ? 1 : d));
  const groups = Array.from({ length: sizeOf(kept) }, (): number[] => []);
  for (const index of indices(x.shape)) {
    const group = index.reduce((offset, i, axis) => offset * kept[axis] + (reduced.has(axis) ? 0 : i), 0);
    groups[group].push(at(x, index));
  }
  const shape = keepDims ? kept : x.shape.filter((_, axis) => !reduced.has(axis));
  return ndarray(shape, groups.map(op));
}

/** Σ over the axes that broadcasting `shape` to x's shape repeats. */
export function sumTo(x: NdArray, shape: readonly number[]): NdArray {
  const added = x.shape.length - shape.length;
  const axes = x.shape.flatMap((d, axis) => (axis < added || (shape[axis - added] === 1 && d !== 1) ? [axis] : []));
  return ndarray(shape, reduce((values) => values.reduce((a, b) => a + b, 0), x, axes, true).data);
}

/** The last two axes swapped; a vector stays. */
export function swapLast(x: NdArray): NdArray {
  const rank = x.shape.length;
  return rank < 2 ? x : transpose(x, [...Array(rank - 2).keys(), rank - 1, rank - 2]);
}

/** NumPy's matmul, and for each element Σ|a||b|, which its error bound is a multiple of. */
export function matmul(a: NdArray, b: NdArray): { y: NdArray; magnitude: NdArray } {
  const p = a.shape.length === 1 ? ndarray([1, ...a.shape], a.data) : a;
  const q = b.shape.length === 1 ? ndarray([...b.shape, 1], b.data) : b;
  const [m, k] = p.shape.slice(-2);
  const n = q.shape[q.shape.length - 1];
  const batch = broadcastShape(p.shape.slice(0, -2), q.shape.slice(0, -2));
  const term = (index: number[], i: number): number => {
    const lead = index.slice(0, -2);
    const [row, column] = index.slice(-2);
    const matrix = (x: NdArray, r: number, c: number): number => {
      const own = lead.slice(lead.length - (x.shape.length - 2)).map((v, axis) => (x.shape[axis] === 1 ? 0 : v));
      return at(x, [...own, r, c]);
    };
    return matrix(p, row, i) * matrix(q, i, column);
  };
  const full = [...batch, m, n];
  const over = (f: (v: number) => number): NdArray =>
    build(full, (index) => {
      let sum = 0;
      for (let i = 0; i < k; i++) sum += f(term(index, i));
      return sum;
    });
  const shape = [...batch, ...(a.shape.length > 1 ? [m] : []), ...(b.shape.length > 1 ? [n] : [])];
  return { y: ndarray(shape, over((v) => v).data), magnitude: ndarray(shape, over(Math.abs).data) };
}

/** y[…, i, …] = x[…, indices[i], …] along `axis`. */
export function take(x: NdArray, chosen: readonly number[], axis: number): NdArray {
  return build(x.shape.with(axis, chosen.length), (index) => at(x, index.with(axis, chosen[index[axis]])));
}

export function transpose(x: NdArray, axes: readonly number[]): NdArray {
  return build(
    axes.map((axis) => x.shape[axis]),
    (index) => {
      const source: number[] = [];
      axes.forEach((axis, i) => {
        source[axis] = index[i];
      });
      return at(x, source);
    },
  );
}

export function concat(xs: readonly NdArray[], axis: number): NdArray {
  const length = xs.reduce((total, x) => total + x.shape[axis], 0);
  return build(xs[0].shape.with(axis, length), (index) => {
    let i = index[axis];
    for (const x of xs) {
      if (i < x.shape[axis]) return at(x, index.with(axis, i));
      i -= x.shape[axis];
    }
    return Number.NaN;
  });
}

export function slice(x: NdArray, begin: number, end: number | undefined, axis: number): NdArray {
  return take(x, [...Array(x.shape[axis]).keys()].slice(begin, end), axis);
}

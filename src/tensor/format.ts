import { formatShape, type Shape } from './shape.js';

/** Larger tensors are abbreviated, as NumPy does. */
const THRESHOLD = 1000;
const EDGE = 3;

/** Significant digits that float32 carries. */
function formatNumber(v: number): string {
  if (Number.isNaN(v)) return 'nan';
  if (!Number.isFinite(v)) return v > 0 ? 'inf' : '-inf';
  if (Object.is(v, -0)) return '-0.';
  const short = Number(v.toPrecision(8));
  return Number.isInteger(short) && Math.abs(short) < 1e16 ? `${short}.` : String(short);
}

/** `Tensor([2, 2]) [[1., 2.],\n [3., 4.]]`, with `…` in place of what is left out. */
export function formatTensor(shape: Shape, values: Float32Array | undefined): string {
  const head = `Tensor(${formatShape(shape)})`;
  if (values === undefined) return `${head} (no longer readable)`;
  const abbreviated = values.length > THRESHOLD;
  const indices = (length: number): number[] => {
    if (!abbreviated || length <= 2 * EDGE) return Array.from({ length }, (_, i) => i);
    return [0, 1, 2, -1, length - 3, length - 2, length - 1];
  };
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const cells = new Map<number, string>();
  const visit = (axis: number, at: number): void => {
    if (axis === shape.length) cells.set(at, formatNumber(values[at]!));
    else for (const i of indices(shape[axis]!)) if (i >= 0) visit(axis + 1, at + i * strides[axis]!);
  };
  if (values.length > 0) visit(0, 0);
  const width = Math.max(0, ...Array.from(cells.values(), (cell) => cell.length));
  const render = (axis: number, at: number): string => {
    if (axis === shape.length) return cells.get(at)!.padStart(width);
    const last = axis === shape.length - 1;
    const separator = last ? ', ' : `,${'\n'.repeat(shape.length - axis - 1)}${' '.repeat(axis + 1)}`;
    const parts = indices(shape[axis]!).map((i) => (i < 0 ? '...' : render(axis + 1, at + i * strides[axis]!)));
    return `[${parts.join(separator)}]`;
  };
  return `${head}\n${values.length === 0 ? '[]' : render(0, 0)}`;
}

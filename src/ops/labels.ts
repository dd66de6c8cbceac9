import { typeError } from '../engine/check.js';
import { engine } from '../engine/engine.js';
import type { ShapeError } from '../engine/errors.js';
import { shapeOf, write } from '../tensor/create.js';
import { type Shape, sameShape, shapeError } from '../tensor/shape.js';
import { Tensor, type TensorLike, valuesOf } from '../tensor/tensor.js';
import { readIndices } from './indices.js';

/** Class labels for N samples of C classes: [N] indices in 0 … C - 1, or [N, C] rows of probabilities (one-hot or soft). */
export type Labels = Exclude<TensorLike, number> | ArrayLike<number>;

/**
 * Labels that were checked against logits of [rows, cols]. Indices are a copy, which the caller cannot change: the first `rows`
 * of `indices`, until the next check.
 */
export type CheckedLabels =
  | { readonly kind: 'indices'; readonly indices: Int32Array; readonly shape: Shape }
  | { readonly kind: 'rows'; readonly source: TensorLike; readonly shape: Shape };

/**
 * Checks labels for `rows` samples of `cols` classes.
 * @throws TypeError for the wrong kind of thing
 * @throws ShapeError for another number of labels
 * @throws RangeError for a label that is no integer in 0 … cols - 1, with its row
 */
export function checkLabels(t: Labels, rows: number, cols: number, where: string): CheckedLabels {
  if (t === null || typeof t !== 'object') {
    throw typeError(where, 'labels t as an array or a Tensor', t);
  }
  if ((Array.isArray(t) && typeof t[0] !== 'object') || (t instanceof Int32Array && t.length === rows)) {
    // The usual cases, once over the array: what is no number here is reported as the label that it is not.
    return { kind: 'indices', indices: checkIndices(t, rows, cols, where), shape: [rows] };
  }
  const shape = shapeOf(t as TensorLike, where, 't');
  if (shape.length === 1) {
    const source = t instanceof Tensor ? valuesOf(t) : (t as ArrayLike<number>);
    return { kind: 'indices', indices: checkIndices(source, rows, cols, where), shape: [rows] };
  }
  if (!sameShape(shape, [rows, cols])) throw labelsError(rows, cols, shape, where);
  return { kind: 'rows', source: t as TensorLike, shape };
}

/** Copies checked labels to the byte offset `at`: int32 indices or float32 rows. */
export function writeLabels(labels: CheckedLabels, at: number): void {
  if (labels.kind === 'rows') {
    write(labels.source, labels.shape, at);
    return;
  }
  const { i32 } = engine;
  const { indices } = labels;
  const rows = labels.shape[0]!;
  // For a few labels faster than the view that `set` needs, and little beside the softmax of many.
  for (let i = 0, start = at >>> 2; i < rows; i++) i32[start + i] = indices[i]!;
}

/** Where indices wait between check and copy; the next check overwrites them. */
let staging = new Int32Array(256);
const NONE = new Int32Array(0);

/** Takes the staging out of use while it is filled: reading an element of a Proxy may call the library again. */
function takeStaging(rows: number): Int32Array<ArrayBuffer> {
  const indices = staging.length >= rows ? staging : new Int32Array(2 * rows);
  staging = NONE;
  return indices;
}

function checkIndices(t: ArrayLike<number>, rows: number, cols: number, where: string): Int32Array {
  if (t.length !== rows) throw labelsError(rows, cols, [t.length], where);
  const indices = takeStaging(rows);
  readIndices(t, rows, indices, cols, 'label', where, (i) => ` (row ${i}, C = ${cols})`);
  staging = indices;
  return indices;
}

function labelsError(rows: number, cols: number, got: Shape, where: string): ShapeError {
  return shapeError(where, `labels t of shape [${rows}] or [${rows}, ${cols}]`, got);
}

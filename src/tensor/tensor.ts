import { checkNumber, typeError } from '../engine/check.js';
import { dispose } from '../engine/dispose.js';
import { engine } from '../engine/engine.js';
import { DisposedError, ShapeError } from '../engine/errors.js';
import { formatTensor } from './format.js';
import { isNumericArray, type NestedArray, type NumericArray, nest, shapeOfNested, takeValues } from './nested.js';
import { own } from './scope.js';
import { checkedSize, formatShape, inferShape, lengthOf, type Shape, shapeError, sizeOf, toShape } from './shape.js';
import { Storage } from './storage.js';

/**
 * A handle on float32 values in WebAssembly memory: row-major, contiguous. Made by {@link tensor},
 * {@link zeros}, … and by every function and layer; never by `new`.
 *
 * A training loop of layers has nothing to free: layers reuse their buffers, and the handle that a layer returned before
 * turns *stale*; using it throws `StaleTensorError`. What functions return is freed by `dispose()`,
 * `using` or `tidy()`, or at last after a garbage collection, between turns of the event loop.
 */
export class Tensor {
  // Behind getters: who changed one would read and write other tensors. Not private, for which a Proxy has no way.
  /** @internal */
  readonly dims: Shape;
  /** @internal */
  readonly count: number;
  /** @internal */
  readonly storage: Storage;
  /** @internal */
  readonly generation: number;
  /** @internal */
  released = false;
  /** Whether no tidy() owns it. @internal */
  kept = false;
  /** @internal */
  view: Float32Array<ArrayBufferLike> | undefined;

  /** Never by `new`: by `tensor`, `zeros` and the other functions. */
  constructor(never: never);
  /** @internal */
  constructor(storage: Storage, shape: Shape, size: number, generation: number);
  constructor(storage: Storage, shape?: Shape, size?: number, generation?: number) {
    this.storage = storage;
    this.dims = shape!;
    this.count = size!;
    this.generation = generation!;
  }

  /** Dimensions, outermost first; `[]` for a 0-d tensor. To give it another: {@link reshape}. */
  get shape(): Shape {
    return this.dims;
  }

  /** Number of elements. */
  get size(): number {
    return this.count;
  }

  /** Number of dimensions. */
  get rank(): number {
    return this.shape.length;
  }

  /** Whether `dispose()` was called on this handle or on the layer that owns it; a handle that was stale by then may say `false`. */
  get disposed(): boolean {
    return this.released || this.storage.disposed;
  }

  /**
   * For experts: a live view of the values, valid only while the tensor itself is reachable. Any library call that allocates
   * may detach it, even within one statement (`t.data[0] = f()`), and posting it sends the whole memory: read `data` anew each
   * time, or use {@link toTypedArray}. `setDebug({ detachViews: true })` exposes code that holds on to a view. A write through
   * it is not noticed by a layer that has kept this tensor for `backward`.
   * @throws StaleTensorError, DisposedError
   */
  get data(): Float32Array<ArrayBufferLike> {
    const offset = offsetOf(this, 'Tensor.data');
    if (this.view?.buffer !== engine.f32.buffer) {
      this.view = new Float32Array(engine.f32.buffer, offset, this.size);
      engine.lent = true;
    }
    return this.view!;
  }

  /** The values as a new array, to keep, post or transfer. */
  toTypedArray(): Float32Array<ArrayBuffer> {
    offsetOf(this, 'Tensor.toTypedArray');
    return new Float32Array(valuesOf(this));
  }

  /**
   * Copies the values, in row-major order, to `dst` from index `offset` on, and returns `dst`.
   * @throws ShapeError when they do not fit, RangeError unless `offset` is an integer ≥ 0
   * @throws TypeError unless `dst` is a typed array of numbers
   */
  copyTo<T extends NumericArray>(dst: T, offset = 0): T {
    const where = 'Tensor.copyTo';
    const start = offsetOf(this, where) >>> 2;
    if (!isNumericArray(dst, where)) {
      throw typeError(where, 'a typed array of numbers', dst);
    }
    checkRange(offset, this.size, lengthOf(dst), where);
    dst.set(engine.view(start, this.size), offset);
    return dst;
  }

  /** The values as nested arrays; a number for a 0-d tensor. */
  toArray(): NestedArray | number {
    offsetOf(this, 'Tensor.toArray');
    return nest(valuesOf(this), this.shape);
  }

  /** For `JSON.stringify`: {@link toArray}. NaN and ±Infinity are `null` in JSON. */
  toJSON(): NestedArray | number {
    return this.toArray();
  }

  /** The value of a tensor of size 1. @throws ShapeError for any other size */
  item(): number {
    const offset = offsetOf(this, 'Tensor.item');
    if (this.size !== 1) {
      throw new ShapeError(`Tensor.item: expected a tensor of size 1, got shape ${formatShape(this.shape)}`);
    }
    return engine.f32[offset >>> 2]!;
  }

  /**
   * Overwrites elements in place, from element `offset` on, with those of a Tensor, a typed array (another tensor's `data`,
   * too), nested arrays or a number, in row-major order whatever their shape. Returns this tensor. A number is one element;
   * `t.set(full(t.shape, x))` fills.
   * @throws ShapeError when they do not fit, RangeError unless `offset` is an integer ≥ 0, TypeError for ragged arrays
   */
  set(src: Tensor | NumericArray | NestedArray | number, offset = 0): this {
    const where = 'Tensor.set';
    if (src instanceof Tensor) {
      const from = offsetOf(src, where);
      engine.copy(4 * room(this, offset, src.size), from, src.size);
    } else if (isNumericArray(src, where)) {
      engine.f32.set(src, room(this, offset, lengthOf(src)));
    } else {
      const shape = shapeOfNested(src, where, 'src');
      const start = room(this, offset, sizeOf(shape));
      if (typeof src === 'number') engine.f32[start] = src;
      else engine.f32.set(takeValues(shape), start);
    }
    this.storage.version++;
    return this;
  }

  /** A copy with memory of its own. @throws OutOfMemoryError */
  clone(): Tensor {
    const from = offsetOf(this, 'Tensor.clone');
    const copy = allocate(this.shape, this.size, 'Tensor.clone');
    engine.copy(copy.storage.offset, from, this.size);
    return copy;
  }

  /**
   * A second handle on the same memory (no copy), with another shape of the same size. One dimension may be -1: it is inferred.
   * Disposing one handle does not free the memory of the other.
   * @throws ShapeError when the sizes differ or -1 cannot be inferred, RangeError for a dimension that is no integer in 0 … 2^32 - 1
   */
  reshape(shape: number | ArrayLike<number>): Tensor {
    const where = 'Tensor.reshape';
    const next = inferShape(shape, this.size, where);
    offsetOf(this, where); // last: reading an element of a Proxy may dispose it
    if (sizeOf(next) !== this.size) {
      throw shapeError(where, `a shape of ${this.size} elements as ${formatShape(this.shape)} has`, next);
    }
    if (this.storage.owner === undefined) this.storage.references++;
    return own(new Tensor(this.storage, next, this.size, this.generation));
  }

  /** Ends this handle; the last handle on the memory frees it, unless it is a layer's. A second call does nothing. */
  dispose(): void {
    if (this.released) return;
    this.released = true;
    // Layers own the storage of their outputs: there, a handle only stops being usable.
    if (this.storage.owner === undefined) this.storage.release();
  }

  [dispose](): void {
    this.dispose();
  }

  /**
   * Vue's `reactive` leaves alone what is no `[object Object]`. It would wrap the storage, too, and what is disposed of through a
   * Proxy stays registered: the collector would free the memory a second time.
   */
  get [Symbol.toStringTag](): string {
    return 'Tensor';
  }

  /** As NumPy prints an array, abbreviated over 1,000 elements. */
  toString(): string {
    return formatTensor(this.shape, isValid(this) ? valuesOf(this) : undefined);
  }

  /** Node's console.log. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}

/**
 * What every public function and layer reads: numbers are copied to WebAssembly memory, a Tensor is used in place. (What is to be
 * changed or adopted has to be a Tensor.)
 */
export type TensorLike = Tensor | NestedArray | NumericArray | number;

/**
 * The byte offset of a tensor that may be read.
 * @internal
 * @throws StaleTensorError, DisposedError
 */
export function offsetOf(t: Tensor, where: string): number {
  if (!isValid(t)) {
    throw t.released ? new DisposedError(`${where}: this tensor was disposed`) : t.storage.error(where);
  }
  return t.storage.offset;
}

/** Neither stale nor disposed. A layer's next output is ahead of its storage until the computation begins. @internal */
export function isValid(t: Tensor): boolean {
  return t.generation >= t.storage.generation && !t.released;
}

/**
 * A view to read before the next allocation. Unlike `data` it does not set `engine.lent`, after which `sgemm` has to test
 * whether each array is a view of our memory.
 * @internal
 */
export function valuesOf(t: Tensor): Float32Array {
  return engine.view(t.storage.offset >>> 2, t.size);
}

/**
 * A new tensor with undefined contents, owned by the running tidy().
 * @internal
 * @throws OutOfMemoryError
 */
export function allocate(shape: Shape, size: number, where: string): Tensor {
  return own(new Tensor(new Storage(size * 4, where), shape, size, 0));
}

/** {@link allocate} for a shape that nobody has checked yet. @internal */
export function allocateChecked(shape: number | ArrayLike<number>, where: string): Tensor {
  const checked = toShape(shape, where);
  return allocate(checked, checkedSize(checked, where), where);
}

/** The index in the memory from which `count` elements of `t` are to be set, from element `offset` on. */
function room(t: Tensor, offset: number, count: number): number {
  const start = offsetOf(t, 'Tensor.set') >>> 2;
  checkRange(offset, count, t.size, 'Tensor.set');
  return start + offset;
}

/** @throws TypeError, RangeError, ShapeError unless `count` elements from `offset` on are among those `available` */
function checkRange(offset: number, count: number, available: number, where: string): void {
  checkNumber(offset, 'offset', where);
  if (!Number.isInteger(offset) || offset < 0) {
    throw new RangeError(`${where}: expected offset to be an integer ≥ 0, got ${offset}`);
  }
  if (offset + count > available) {
    throw new ShapeError(`${where}: ${count} elements at offset ${offset} do not fit into ${available}`);
  }
}

import { typeError } from '../engine/check.js';
import { dispose } from '../engine/dispose.js';
import { DisposedError } from '../engine/errors.js';
import { checkedSize, type Shape, toShape } from './shape.js';
import { Storage } from './storage.js';
import { Tensor } from './tensor.js';

/**
 * Memory that a layer reuses for one of its outputs: it only grows, and serves smaller shapes too, so
 * that alternating batch sizes allocate nothing. Each new handle turns the one before stale, so reuse is
 * never a silent alias.
 *
 * `name` is the operation whose output this is, such as `'ReLU.forward'`, for the error of a stale handle.
 */
export class LayerBuffer {
  readonly name: string;
  #storage: Storage | undefined;
  /** What {@link reserve} allocated because the storage was too small, until a computation into it succeeds. */
  #larger: Storage | undefined;
  /** Never reused, so that a handle of a computation that failed can never become valid again. */
  #generation = 0;
  #disposed = false;

  constructor(name: string) {
    if (typeof name !== 'string') throw typeError('LayerBuffer', 'name to be a string', name);
    this.name = name;
  }

  /**
   * A new handle of `shape`, its contents undefined; the previous handle becomes stale.
   * @throws OutOfMemoryError; the previous handle then stays valid
   * @throws TypeError, RangeError for a malformed shape, DisposedError after dispose()
   */
  get(shape: number | ArrayLike<number>): Tensor {
    const checked = toShape(shape, this.name);
    const output = this.reserve(checked, checkedSize(checked, this.name));
    this.commit(output);
    return output;
  }

  /**
   * A handle to compute into. Older handles stay valid until {@link begin}, so that a call can still be refused without
   * any effect, and they can be inputs of the computation.
   * @internal
   */
  reserve(shape: Shape, size: number): Tensor {
    return new Tensor(this.room(size), shape, size, ++this.#generation);
  }

  /** The memory of the next {@link reserve} of `size` elements, so that it will not be what fails. @internal */
  room(size: number): Storage {
    const bytes = size * 4;
    let storage = this.#storage;
    if (storage === undefined || storage.byteLength < bytes) {
      storage = this.#larger;
      if (storage === undefined || storage.byteLength < bytes) {
        if (this.#disposed) throw new DisposedError(`${this.name}: this layer was disposed`);
        this.#larger = undefined; // first: the stack may end in what follows
        storage?.release();
        storage = this.#larger = new Storage(bytes, this.name, this.name);
      }
    }
    return storage;
  }

  /**
   * The computation into `output` begins: what older handles had on that memory is lost even when a thread fails in it.
   * @internal
   */
  begin(output: Tensor): Tensor {
    const { storage } = output;
    if (storage === this.#storage) {
      storage.generation = output.generation;
      storage.version++;
    }
    return output;
  }

  /** The computation into `output` succeeded: it is now the valid handle. @internal */
  commit(output: Tensor): Tensor {
    const { storage } = output;
    if (storage !== this.#storage) {
      const old = this.#storage;
      this.#storage = storage;
      this.#larger = undefined;
      old?.retire();
    }
    storage.generation = output.generation;
    return output;
  }

  /** Turns the last handle stale without a new one: a fused forward does not compute this output. @internal */
  invalidate(): void {
    if (this.#storage !== undefined) this.#storage.generation = ++this.#generation;
  }

  /** Frees the memory; handles on it are disposed, and there are no new ones. */
  dispose(): void {
    this.#disposed = true;
    this.#storage?.release();
    this.#larger?.release();
    this.#storage = undefined;
    this.#larger = undefined;
  }

  [dispose](): void {
    this.dispose();
  }
}

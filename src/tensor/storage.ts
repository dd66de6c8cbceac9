import { engine } from '../engine/engine.js';
import { DisposedError, StaleTensorError } from '../engine/errors.js';
import { unwatch, watch } from './forgotten.js';

/** A symbol cannot be cloned, and its text is what the error then says. */
export const NOT_CLONEABLE = Symbol(
  'a simdgrad Tensor, which lives in WebAssembly memory: post tensor.toTypedArray() instead,',
);

/**
 * A piece of linear memory and who may read it. Handles ({@link Tensor}) stand on it; the last one
 * that is disposed frees it. The buffers of a layer own theirs and count no handles.
 */
export class Storage {
  /** Handles that keep this storage alive; the owner of a buffer counts as one. */
  references = 1;
  /** Counts writes by library calls, so that a layer can tell that its input was changed under it. */
  version = 0;
  /** Handles of an older generation are stale; `Infinity` once nothing may be read any more. */
  generation = 0;
  /** The error of a handle whose generation has passed, where it is not the usual one. */
  failure: ((where: string) => Error) | undefined;
  readonly offset: number;
  readonly byteLength: number;
  /** @internal for {@link watch} */
  young = -1;
  /** The operation whose output this is, for the error of a stale handle. */
  readonly owner: string | undefined;
  /** Makes structured clone throw instead of copying an object of numbers. */
  readonly notCloneable = NOT_CLONEABLE;

  /** @throws OutOfMemoryError */
  constructor(byteLength: number, where: string, owner?: string) {
    this.byteLength = byteLength;
    this.owner = owner;
    this.offset = engine.allocate(byteLength, where);
    watch(this);
  }

  /** Takes one reference back; the last one frees the memory. */
  release(): void {
    if (--this.references > 0) return;
    this.generation = Infinity;
    unwatch(this);
    engine.release(this.offset, this.byteLength);
  }

  /** Frees the memory because a larger storage takes its place: handles are stale, not disposed. */
  retire(): void {
    this.failure = (where) => this.#stale(where);
    this.release();
  }

  get disposed(): boolean {
    return this.generation === Infinity && this.failure === undefined;
  }

  /** The error for a handle whose generation has passed. */
  error(where: string): Error {
    if (this.disposed) return new DisposedError(`${where}: this tensor was disposed`);
    return this.failure?.(where) ?? this.#stale(where);
  }

  #stale(where: string): StaleTensorError {
    const owner = this.owner ?? 'a layer';
    // 'Affine.forward' ends in its method. A LayerBuffer of the user's may have any name, and `get` overwrites it.
    const operation = owner.split('.').slice(1).pop() ?? 'get';
    const advice =
      operation === 'forward'
        ? 'use predict() for inference, share() to use a layer twice in one pass, or clone() what you keep'
        : 'clone() what you keep';
    return new StaleTensorError(
      `${where}: this output of ${owner} was overwritten by a later ${operation}(); ${advice}`,
    );
  }
}

import { checkOptions, flag } from '../engine/check.js';
import { BackwardError, DisposedError, StaleTensorError } from '../engine/errors.js';
import { LayerBuffer } from '../tensor/buffer.js';
import { write } from '../tensor/create.js';
import { checkedSize, type Shape } from '../tensor/shape.js';
import { Storage } from '../tensor/storage.js';
import { isValid, offsetOf, Tensor, type TensorLike } from '../tensor/tensor.js';
import type { BackwardOptions } from './layer.js';

/** An input of a layer: a Tensor passes through, arrays land in a grow-only buffer of the layer's own. */
export class Staged {
  readonly #buffer: LayerBuffer;

  constructor(name: string) {
    this.#buffer = new LayerBuffer(name);
  }

  /** `shape` is what shapeOf gave for x: everything is checked already. */
  stage(x: TensorLike, shape: Shape): Tensor {
    return this.fill(this.reserve(x, shape), x, shape);
  }

  /** x, or room for it: a layer with two inputs can so run out of memory before either of them has changed. */
  reserve(x: TensorLike, shape: Shape): Tensor {
    const { name } = this.#buffer;
    if (!(x instanceof Tensor)) return this.#buffer.reserve(shape, checkedSize(shape, name));
    offsetOf(x, name); // again, as in operand
    return x;
  }

  /** The second half of {@link stage}: can fail only for a typed array whose buffer went since it was checked. */
  fill(staged: Tensor, x: TensorLike, shape: Shape): Tensor {
    if (staged === x) return staged;
    write(x, shape, staged.storage.offset);
    return this.#buffer.commit(staged);
  }

  dispose(): void {
    this.#buffer.dispose();
  }
}

/**
 * What a layer keeps between forward and backward: a handle, and the version its contents had. A change by a library
 * call in between is detected; a write through `data` cannot be.
 */
export class Retained {
  readonly #what: string;
  #tensor: Tensor | undefined;
  #version = 0;

  /** `what`: such as `'x of Affine.forward'`. */
  constructor(what: string) {
    this.#what = what;
  }

  keep(t: Tensor): void {
    this.#tensor = t;
    this.#version = t.storage.version;
  }

  /** @throws StaleTensorError, DisposedError when it is no longer what it was */
  get(where: string): Tensor {
    const t = this.#tensor!;
    if (!isValid(t)) offsetOf(t, `${where}: ${this.#what}`); // throws the reason
    if (t.storage.version !== this.#version) {
      throw new StaleTensorError(`${where}: ${this.#what} was overwritten since; clone() what the layer must keep`);
    }
    return t;
  }
}

/** One backward for each forward, how many forwards there were, and none of either after dispose. */
export class Passes {
  readonly #layer: string;
  /** Grows with every forward. */
  count = 0;
  disposed = false;
  #pending = false;

  constructor(layer: string) {
    this.#layer = layer;
  }

  /** @throws DisposedError */
  alive(where: string): void {
    if (this.disposed) throw new DisposedError(`${where}: this layer was disposed`);
  }

  forward(): void {
    this.count++;
    this.#pending = true;
  }

  /** @throws BackwardError unless a forward waits for its backward, DisposedError after dispose */
  check(): void {
    if (this.#pending && !this.disposed) return;
    const where = `${this.#layer}.backward`;
    this.alive(where);
    throw new BackwardError(
      this.count === 0
        ? `${where}: call forward() first`
        : `${where}: this forward had its backward already; share() to use a layer twice in one pass`,
    );
  }

  backward(): void {
    this.#pending = false;
  }
}

/** What backward was asked for, checked: a network hands it on to its layers, which need not check it again. */
class Asked {
  constructor(
    readonly inputGrad: boolean,
    readonly accumulate: boolean,
  ) {}
}

const ASKED = [new Asked(false, false), new Asked(true, false), new Asked(false, true), new Asked(true, true)];

export function asked(inputGrad: boolean, accumulate: boolean): Asked {
  return ASKED[(inputGrad ? 1 : 0) + (accumulate ? 2 : 0)]!;
}

/** `inputGrad`: the layer's default. @throws TypeError for unknown options and for values that are no booleans */
export function backwardOptions(options: BackwardOptions | undefined, inputGrad: boolean, where: string): Asked {
  if (options === undefined) return asked(inputGrad, false);
  if (options instanceof Asked) return options;
  checkOptions(options, ['inputGrad', 'accumulate'], where);
  return asked(
    flag(options.inputGrad, inputGrad, 'inputGrad', where),
    flag(options.accumulate, false, 'accumulate', where),
  );
}

let nothing: Storage | undefined;

/** In place of a gradient that was not asked for: a tensor of that shape that says so on any read. */
export function withheld(shape: Shape, size: number): Tensor {
  if (nothing === undefined) {
    nothing = new Storage(0, 'backward', 'backward');
    nothing.generation = Infinity;
    nothing.failure = (where) =>
      new BackwardError(`${where}: the gradient of the input was not computed; pass {inputGrad: true} to backward()`);
  }
  return new Tensor(nothing, shape, size, 0);
}

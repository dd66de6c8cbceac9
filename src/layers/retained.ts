import { StaleTensorError } from '../engine/errors.js';
import { isValid, offsetOf, type Tensor } from '../tensor/tensor.js';

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

import { BackwardError, DisposedError } from '../engine/errors.js';
import { NOT_CLONEABLE } from '../tensor/storage.js';

/** One backward for each forward, how many forwards there were, and none of either after dispose. */
export class Passes {
  readonly #layer: string;
  /** Grows with every forward. */
  count = 0;
  disposed = false;
  #pending = false;
  /** A clone of a layer, as of a tensor, would lack what is in our memory. */
  readonly notCloneable = NOT_CLONEABLE;

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
        : `${where}: this forward had its backward already; add the gradients of its output, or share() to use a layer twice in one pass`,
    );
  }

  backward(): void {
    this.#pending = false;
  }
}

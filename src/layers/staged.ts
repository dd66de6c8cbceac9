import { LayerBuffer } from '../tensor/buffer.js';
import { write } from '../tensor/create.js';
import { checkedSize, type Shape } from '../tensor/shape.js';
import { offsetOf, Tensor, type TensorLike } from '../tensor/tensor.js';

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

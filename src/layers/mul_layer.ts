import { applyBinary } from '../ops/arithmetic.js';
import { applySumTo } from '../ops/reduce.js';
import { LayerBuffer } from '../tensor/buffer.js';
import { sameShape } from '../tensor/shape.js';
import type { Tensor } from '../tensor/tensor.js';
import { BinaryArithmetic } from './binary.js';

/** x · y. Backward: dx = dout · y, dy = dout · x (book, 5.4.1), summed over axes that were broadcast. */
export class MulLayer extends BinaryArithmetic {
  /** dout · y in the shape of the output, before it is summed to that of x. */
  readonly #product = new LayerBuffer('MulLayer.backward');

  /** @internal */
  protected readonly readsInputs = true;

  constructor() {
    super('MulLayer', 'mul_forward');
  }

  override dispose(): void {
    super.dispose();
    this.#product.dispose();
  }

  protected forwardNumbers(x: number, y: number): number {
    return x * y;
  }

  protected backwardNumbers(dout: number): [dx: number, dy: number] {
    return [dout * this.y.value, dout * this.x.value];
  }

  protected override prepare({ shape }: Tensor, dx: Tensor, dy: Tensor): void {
    if (!sameShape(dx.shape, shape) || !sameShape(dy.shape, shape)) this.#product.get(shape);
  }

  protected backwardTensors(dx: Tensor, dy: Tensor, dout: Tensor, [x, y]: readonly [Tensor, Tensor]): void {
    this.#gradient(dx, dout, y);
    this.#gradient(dy, dout, x);
  }

  #gradient(dv: Tensor, dout: Tensor, other: Tensor): void {
    const broadcast = !sameShape(dv.shape, dout.shape);
    const product = broadcast ? this.#product.get(dout.shape) : dv;
    applyBinary('mul_forward', product, dout, other);
    if (broadcast) applySumTo(dv, product, 'MulLayer.backward');
  }
}

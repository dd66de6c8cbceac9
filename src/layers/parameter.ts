import { typeError } from '../engine/check.js';
import { engine } from '../engine/engine.js';
import { done, operand } from '../ops/argument.js';
import { applyBinary } from '../ops/arithmetic.js';
import { LayerBuffer } from '../tensor/buffer.js';
import { shapeOf, write } from '../tensor/create.js';
import type { NestedArray } from '../tensor/nested.js';
import { checkShape } from '../tensor/shape.js';
import { isValid, offsetOf, Tensor, type TensorLike } from '../tensor/tensor.js';

/** How many parameters hold a tensor: the last one that is disposed frees it. */
const holders = new WeakMap<Tensor, number>();

/**
 * A learnable tensor, `value`, which optimizers update in place, and its gradient `grad`, of the same shape. Adopts `value`:
 * the tensor now belongs to the parameter, and `tidy` leaves it alone.
 */
export class Parameter {
  /** Not private: an object without it could be cloned, posted and equal to any other in a test. @internal */
  readonly tensor: Tensor;
  /** The name it was made with; `name` adds where it stands in a network. @internal */
  readonly ownName: string;
  #name: string;
  readonly #buffer: LayerBuffer;
  #grad: Tensor | null = null;
  #users = 1;

  /** @throws TypeError unless `value` is a Tensor */
  constructor(name: string, value: Tensor) {
    if (typeof name !== 'string') throw typeError('Parameter', 'name to be a string', name);
    if (!(value instanceof Tensor)) throw typeError('Parameter', 'value to be a Tensor', value);
    offsetOf(value, 'Parameter');
    value.kept = true;
    holders.set(value, (holders.get(value) ?? 0) + 1);
    this.tensor = value;
    this.ownName = name;
    this.#name = name;
    this.#buffer = new LayerBuffer(`d${name}.backward`);
  }

  /** The same tensor for life: to give it other values, `value.set()`. */
  get value(): Tensor {
    return this.tensor;
  }

  /** For `JSON.stringify`: the value, as nested arrays. */
  toJSON(): NestedArray | number {
    return this.value.toJSON();
  }

  /** `W`; in a Sequential `0.W`, or `Affine1.W` where its layers have names. */
  get name(): string {
    return this.#name;
  }

  /**
   * The gradient of the last backward: the newest handle, which the next backward, `accumulate` or `zeroGrad` turns stale. `null`
   * before the first, and after dispose().
   */
  get grad(): Tensor | null {
    return this.#grad;
  }

  /** Adds `g`, of the value's shape, to the gradient; for layers of your own. @throws ShapeError for another shape */
  accumulate(g: TensorLike): void {
    const where = 'Parameter.accumulate';
    const shape = shapeOf(g, where, 'g');
    checkShape(shape, this.value.shape, 'g', where);
    const first = !this.hasGrad(where);
    const grad = this.reserve();
    if (first) write(g, shape, grad.storage.offset);
    else {
      const addend = operand(g, shape, where);
      try {
        this.begin(grad);
        applyBinary('add_forward', grad, grad, addend);
      } finally {
        done(addend, g);
      }
    }
    this.commit(grad);
  }

  /** Sets the gradient to zero; nothing where there is none. */
  zeroGrad(): void {
    if (this.#grad === null) return;
    const grad = this.reserve();
    const start = grad.storage.offset >>> 2;
    engine.f32.fill(0, start, start + grad.size);
    this.commit(grad);
  }

  /** Where the value begins. @throws DisposedError, StaleTensorError with the parameter's name @internal */
  offset(where: string): number {
    const { value } = this;
    return isValid(value) ? value.storage.offset : offsetOf(value, `${where}: ${this.#name}`);
  }

  /** Whether there is one to add to. @throws StaleTensorError when the backward that computed it failed @internal */
  hasGrad(where: string): boolean {
    if (this.#grad !== null) offsetOf(this.#grad, where);
    return this.#grad !== null;
  }

  /** A handle to compute the next gradient into, on the memory of the last. @internal */
  reserve(): Tensor {
    return this.#buffer.reserve(this.value.shape, this.value.size);
  }

  /** @internal */
  begin(grad: Tensor): void {
    this.#buffer.begin(grad);
  }

  /** @internal */
  commit(grad: Tensor): void {
    this.#grad = this.#buffer.commit(grad);
  }

  /** @internal */
  rename(name: string): void {
    this.#name = name;
  }

  /** A twin uses it too. @internal */
  retain(): this {
    this.#users++;
    return this;
  }

  /**
   * For the parameters of layers of your own: frees the gradient, and the value with the last parameter that holds it, even if
   * layers still use them. (`Affine` frees its own with its last twin.)
   */
  dispose(): void {
    this.#users = Math.min(this.#users, 1);
    this.release();
  }

  /** One layer less uses it: the last one disposes it. @internal */
  release(): void {
    if (--this.#users !== 0) return;
    this.#buffer.dispose();
    this.#grad = null;
    const left = holders.get(this.value)! - 1;
    holders.set(this.value, left);
    if (left === 0) this.value.dispose();
  }
}

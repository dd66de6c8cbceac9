import { typeError } from '../engine/check.js';
import { dispose } from '../engine/dispose.js';
import { AliasError } from '../engine/errors.js';
import { applyBinary } from '../ops/arithmetic.js';
import { LayerBuffer } from '../tensor/buffer.js';
import { shapeOf } from '../tensor/create.js';
import { broadcastShapes, checkedSize, checkShape, type Shape, sizeOf } from '../tensor/shape.js';
import { Tensor, type TensorLike } from '../tensor/tensor.js';
import type { BinaryLayer } from './layer.js';
import { Passes } from './passes.js';
import { Retained } from './retained.js';
import { Staged } from './staged.js';

/** An operand between forward and backward: a number in float64, or a tensor. */
class Operand {
  readonly staged: Staged;
  readonly kept: Retained;
  readonly gradient: LayerBuffer;
  shape: Shape = [];
  value = 0;

  constructor(layer: string, name: string) {
    this.staged = new Staged(`${layer}.forward`);
    this.kept = new Retained(`${name} of ${layer}.forward`);
    this.gradient = new LayerBuffer(`${layer}.backward`);
  }

  /** Room for the gradient, undone of broadcasting. */
  reserve(): Tensor {
    return this.gradient.reserve(this.shape, sizeOf(this.shape));
  }

  dispose(): void {
    this.staged.dispose();
    this.gradient.dispose();
  }
}

/**
 * The frame of {@link AddLayer} and {@link MulLayer}: numbers are computed in float64, as in the book's shopping
 * example; tensors broadcast in forward, and backward sums over what was repeated.
 */
export abstract class BinaryArithmetic implements BinaryLayer {
  readonly #name: string;
  readonly #kernel: 'add_forward' | 'mul_forward';
  /** @internal */
  protected readonly x: Operand;
  /** @internal */
  protected readonly y: Operand;
  readonly #output: LayerBuffer;
  readonly #dout: Staged;
  readonly #passes: Passes;
  #numbers = false;
  #shape: Shape = [];

  protected constructor(name: string, kernel: 'add_forward' | 'mul_forward') {
    this.#name = name;
    this.#kernel = kernel;
    this.x = new Operand(name, 'x');
    this.y = new Operand(name, 'y');
    this.#output = new LayerBuffer(`${name}.forward`);
    this.#dout = new Staged(`${name}.backward`);
    this.#passes = new Passes(name);
  }

  /** Number in, number out. */
  forward(x: number, y: number): number;
  /** Tensors of shapes that broadcast; the output belongs to the layer. */
  forward(x: TensorLike, y: TensorLike): Tensor;
  forward(x: TensorLike, y: TensorLike): Tensor | number {
    const where = this.#output.name;
    this.#passes.alive(where);
    if (typeof x === 'number' && typeof y === 'number') {
      this.#numbers = true;
      this.x.value = x;
      this.y.value = y;
      this.#passes.forward();
      return this.forwardNumbers(x, y);
    }
    const shapeX = shapeOf(x, where, 'x');
    const shapeY = shapeOf(y, where, 'y');
    const shape = broadcastShapes(shapeX, shapeY, where);
    const out = this.#output.reserve(shape, checkedSize(shape, where));
    checkInPlace(out, x, where);
    checkInPlace(out, y, where);
    const roomX = this.x.staged.reserve(x, shapeX);
    const roomY = this.y.staged.reserve(y, shapeY);
    const left = this.x.staged.fill(roomX, x, shapeX);
    const right = this.y.staged.fill(roomY, y, shapeY);
    applyBinary(this.#kernel, this.#output.begin(out), left, right);
    this.x.kept.keep(left);
    this.y.kept.keep(right);
    this.x.shape = shapeX;
    this.y.shape = shapeY;
    this.#numbers = false;
    this.#shape = shape;
    this.#passes.forward();
    return this.#output.commit(out);
  }

  /** The gradients of both inputs, each in the shape of its input; numbers after a forward of numbers. */
  backward(dout: number): [dx: number, dy: number];
  backward(dout: TensorLike): [dx: Tensor, dy: Tensor];
  backward(dout: TensorLike): [dx: Tensor, dy: Tensor] | [dx: number, dy: number] {
    const where = `${this.#name}.backward`;
    const shape = typeof dout === 'number' ? [] : shapeOf(dout, where, 'dout');
    this.#passes.check(); // after what may run a caller's getters
    if (this.#numbers) {
      if (typeof dout !== 'number') {
        throw typeError(where, 'dout to be a number, as forward was given numbers', dout);
      }
      this.#passes.backward();
      return this.backwardNumbers(dout);
    }
    checkShape(shape, this.#shape, 'dout', where);
    const inputs = this.readsInputs ? [this.x.kept.get(where), this.y.kept.get(where)] : [];
    const dx = this.x.reserve();
    const dy = this.y.reserve();
    for (const read of [dout, ...inputs]) {
      if (read instanceof Tensor && (read.storage === dx.storage || read.storage === dy.storage)) {
        throw new AliasError(
          `${where}: ${read === dout ? 'dout' : 'an input of forward'} is a gradient that this layer computed before; clone() it`,
        );
      }
    }
    const staged = this.#dout.stage(dout, shape);
    this.prepare(staged, dx, dy);
    this.backwardTensors(this.x.gradient.begin(dx), this.y.gradient.begin(dy), staged, inputs);
    this.#passes.backward();
    return [this.x.gradient.commit(dx), this.y.gradient.commit(dy)];
  }

  dispose(): void {
    this.#passes.disposed = true;
    for (const part of [this.x, this.y, this.#output, this.#dout]) part.dispose();
  }

  [dispose](): void {
    this.dispose();
  }

  protected abstract forwardNumbers(x: number, y: number): number;
  protected abstract backwardNumbers(dout: number): [dx: number, dy: number];
  /** Whether backward reads the inputs of forward; they may be gone where it does not. @internal */
  protected abstract readonly readsInputs: boolean;
  /** Reserves room for a product of dout's shape before anything is overwritten: running out of memory then loses nothing. */
  protected prepare(_dout: Tensor, _dx: Tensor, _dy: Tensor): void {}
  protected abstract backwardTensors(dx: Tensor, dy: Tensor, dout: Tensor, inputs: readonly Tensor[]): void;
}

/** An operand that is broadcast is read again after its first elements were overwritten. */
function checkInPlace(out: Tensor, input: TensorLike, where: string): void {
  if (!(input instanceof Tensor) || out.storage !== input.storage || out.size === input.size) return;
  throw new AliasError(`${where}: the output has the memory of an operand that is broadcast; clone() it`);
}

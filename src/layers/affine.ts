import { checkNotNegative, checkOptions, typeError } from '../engine/check.js';
import { dispose } from '../engine/dispose.js';
import { AliasError, ShapeError } from '../engine/errors.js';
import { checkAlias, checkOut, intoFrom, type Out } from '../ops/argument.js';
import { gemm } from '../ops/gemm.js';
import { applyColumnSum } from '../ops/reduce.js';
import { transpose } from '../ops/shape.js';
import { LayerBuffer } from '../tensor/buffer.js';
import { adopted, shapeOf, write, zeros } from '../tensor/create.js';
import { Random } from '../tensor/random.js';
import { checkedSize, checkShape, formatShape, type Shape, shapeError, sizeOf, toShape } from '../tensor/shape.js';
import { Tensor, type TensorLike } from '../tensor/tensor.js';
import { tidy } from '../tensor/tidy.js';
import { ACTIVATION, type ActivationName } from '../wasm/contract.js';
import type { Activation } from './activation.js';
import { backwardOptions } from './backward_options.js';
import type { BackwardOptions, Layer, PredictOptions } from './layer.js';
import { Parameter } from './parameter.js';
import { Passes } from './passes.js';
import { Retained } from './retained.js';
import { Staged } from './staged.js';
import { withheld } from './withheld.js';

export interface AffineInit {
  /** The generator of the initial weights. */
  rng: Random;
  /** Standard deviation: `'he'` √(2 / in) (the default), `'xavier'` √(1 / in) as in the book (6.2), or a number. */
  init?: 'he' | 'xavier' | number | undefined;
}

/** x as the product reads it: how many rows, and the shape that dx gets back. */
interface Input {
  shape: Shape;
  rows: number;
}

/** y [rows, out]; one for all calls with as many rows, which then need not check it again. */
interface Output {
  rows: number;
  shape: Shape;
  size: number;
}

/**
 * y = x·W + b. x [N, …] is read as [N, in], W [in, out], b [out] → y [N, out] (book, 5.6).
 *
 * Backward: dx = dout·Wᵀ in the shape of x, dW = xᵀ·dout [in, out], db = Σₙ dout [out]. dx uses W as it is when backward
 * runs: update W after backward, not between forward and backward.
 */
export class Affine implements Layer {
  #W: Parameter;
  #b: Parameter;
  readonly #x = new Staged('Affine.forward');
  readonly #kept = new Retained('x of Affine.forward');
  readonly #y = new LayerBuffer('Affine.forward');
  readonly #dout = new Staged('Affine.backward');
  readonly #dx = new LayerBuffer('Affine.backward');
  #output: Output = { rows: -1, shape: [], size: 0 };
  /** @internal */
  readonly passes = new Passes('Affine');

  /**
   * Adopts the Tensors `W` [in, out] and `b` [out]: `layer.W === W`, and the layer now owns them. Arrays are copied.
   * @throws ShapeError when they do not fit each other
   */
  constructor(W: TensorLike, b: TensorLike) {
    const shapeW = shapeOf(W, 'Affine', 'W');
    const shapeB = shapeOf(b, 'Affine', 'b');
    if (shapeW.length !== 2) {
      throw shapeError('Affine', 'W of shape [in, out]', shapeW);
    }
    checkShape(shapeB, [shapeW[1]!], 'b', 'Affine');
    // Both or neither: what was made before the memory ended is given back.
    [this.#W, this.#b] = tidy(() => {
      const weight = adopted(W, shapeW, 'Affine');
      const bias = adopted(b, shapeB, 'Affine');
      return [new Parameter('W', weight), new Parameter('b', bias)];
    });
  }

  /**
   * W [fanIn, fanOut] drawn from a normal distribution of mean 0, b [fanOut] zero.
   * @throws RangeError for a dimension that is no integer in 0 … 2^32 - 1, or a number `init` that is negative or not finite
   * @throws TypeError unless `rng` is a Random, OutOfMemoryError
   */
  static init(fanIn: number, fanOut: number, options: AffineInit): Affine {
    const where = 'Affine.init';
    checkOptions(options, ['rng', 'init'], where);
    const { rng, init = 'he' }: { rng?: unknown; init?: unknown } = options ?? {};
    if (!(rng instanceof Random)) {
      throw typeError(where, 'rng to be a Random', rng);
    }
    const shape = toShape([fanIn, fanOut], where);
    checkedSize(shape, where);
    const std = init === 'he' ? Math.sqrt(2 / fanIn) : init === 'xavier' ? Math.sqrt(1 / fanIn) : init;
    if (typeof std !== 'number') {
      throw typeError(where, "init to be 'he', 'xavier' or a number", init);
    }
    if (fanIn > 0) checkNotNegative(std, 'init', where);
    return tidy(() => {
      const b = zeros([fanOut]); // first: where it fails, the generator has drawn nothing
      return new Affine(rng.normal(shape, { std: fanIn === 0 ? 0 : std }), b);
    });
  }

  /**
   * From PyTorch's `Linear`, whose weight is [out, in]; both are copied. Without `bias`, b is zero.
   * @throws ShapeError when they do not fit each other
   */
  static fromLinear(weight: TensorLike, bias?: TensorLike | null): Affine {
    const where = 'Affine.fromLinear';
    const shape = shapeOf(weight, where, 'weight');
    if (shape.length !== 2) {
      throw shapeError(where, 'weight of shape [out, in]', shape);
    }
    const given = bias !== undefined && bias !== null;
    const shapeB = given ? shapeOf(bias, where, 'bias') : [shape[0]!];
    checkShape(shapeB, [shape[0]!], 'bias', where);
    return tidy(() => {
      const b = zeros(shapeB);
      if (given) write(bias, shapeB, b.storage.offset);
      return new Affine(transpose(adopted(weight, shape, where)), b);
    });
  }

  /** The weights [in, out]: the same tensor for life. */
  get W(): Tensor {
    return this.#W.value;
  }

  /** The bias [out]: the same tensor for life. */
  get b(): Tensor {
    return this.#b.value;
  }

  /** The gradient of W, [in, out]; `null` before the first backward. */
  get dW(): Tensor | null {
    return this.#W.grad;
  }

  /** The gradient of b, [out]; `null` before the first backward. */
  get db(): Tensor | null {
    return this.#b.grad;
  }

  forward(x: TensorLike): Tensor {
    return this.forwardFused(x, undefined, 'none');
  }

  /**
   * forward of this layer and of the activation `next`, if there is one, in one pass: the product is written straight into the
   * output of `next`. The same bits as one after the other.
   * @internal
   */
  forwardFused(x: TensorLike, next: Activation | undefined, activation: ActivationName): Tensor {
    const where = 'Affine.forward';
    const input = this.#input(x, where);
    const output = this.#outputOf(input.rows, where);
    const buffer = next === undefined ? this.#y : next.output;
    const y = buffer.reserve(output.shape, output.size);
    if (x instanceof Tensor && x.storage === y.storage) {
      if (next !== undefined) return next.forward(this.forward(x));
      throw new AliasError(`${where}: x is the output of this layer, which is to be overwritten; clone() it`);
    }
    const staged = this.#x.stage(x, input.shape);
    this.#product(buffer.begin(y), staged, input.rows, activation);
    this.#kept.keep(staged);
    this.passes.forward();
    this.#output = output;
    if (next === undefined) return buffer.commit(y);
    this.#y.invalidate();
    return next.retain(y);
  }

  /** What backward needs is there, x for one: returns that. @internal */
  ready(accumulate: boolean, inputGrad: boolean): Tensor {
    const where = 'Affine.backward';
    this.passes.check();
    const x = this.#kept.get(where);
    this.#W.offset(where);
    if (accumulate) for (const parameter of [this.#W, this.#b]) parameter.hasGrad(where);
    // So that a network does not run out of memory for them half-way.
    if (inputGrad) this.#dx.room(x.size);
    if (this.db === null) for (const parameter of [this.#W, this.#b]) parameter.reserve();
    if (x.storage === this.dW?.storage) {
      throw new AliasError(`${where}: x of Affine.forward is a gradient that this layer computed before; clone() it`);
    }
    return x;
  }

  backward(dout: TensorLike, options?: BackwardOptions): Tensor {
    const where = 'Affine.backward';
    const { inputGrad, accumulate } = backwardOptions(options, true, where);
    const shape = shapeOf(dout, where, 'dout');
    const x = this.ready(accumulate, false); // after what may run a caller's getters; dx is reserved below
    const output = this.#output;
    checkShape(shape, output.shape, 'dout', where);
    const beta = accumulate && this.dW ? 1 : 0;
    const addB = accumulate && this.db !== null;
    const W = this.W.storage.offset;
    const fanIn = this.W.shape[0]!;
    const fanOut = this.W.shape[1]!;
    const { rows } = output;
    const dx = inputGrad ? this.#dx.reserve(x.shape, x.size) : withheld(x.shape, x.size);
    const dW = this.#W.reserve();
    const db = this.#b.reserve();
    const given = dout instanceof Tensor ? dout.storage : undefined;
    if (given !== undefined && (given === dx.storage || given === dW.storage || given === db.storage)) {
      throw new AliasError(`${where}: dout is a gradient that this layer computed before; clone() it`);
    }
    const incoming = this.#dout.stage(dout, shape).storage.offset;
    const left = x.storage.offset;
    this.#W.begin(dW);
    this.#b.begin(db);
    if (inputGrad) this.#dx.begin(dx);
    gemm(true, false, fanIn, fanOut, rows, 1, left, fanIn, incoming, fanOut, beta, dW.storage.offset, fanOut, 0, 0);
    applyColumnSum(db.storage.offset, incoming, rows, fanOut, addB);
    if (inputGrad) {
      gemm(false, true, rows, fanIn, fanOut, 1, incoming, fanOut, W, fanOut, 0, dx.storage.offset, fanIn, 0, 0);
      this.#dx.commit(dx);
    }
    this.#W.commit(dW);
    this.#b.commit(db);
    this.passes.backward();
    return dx;
  }

  predict(x: TensorLike, options?: PredictOptions): Tensor;
  predict(x: TensorLike, options: PredictOptions<Float32Array>): Float32Array;
  predict(x: TensorLike, options?: PredictOptions<Out>): Out;
  predict(x: TensorLike, options?: PredictOptions<Out>): Out {
    return this.predictFused(x, 'none', options);
  }

  /** @internal */
  predictFused(x: TensorLike, activation: ActivationName, options?: PredictOptions<Out>): Out {
    const where = 'Affine.predict';
    checkOptions(options, ['out'], where);
    const out = options?.out;
    const input = this.#input(x, where);
    const { shape, size } = this.#outputOf(input.rows, where);
    checkOut(out, shape, size, where);
    for (const read of [x, this.W, this.b]) checkAlias(out, read, where);
    return intoFrom(x, input.shape, out, shape, size, where, (y, staged) =>
      this.#product(y, staged, input.rows, activation),
    );
  }

  parameters(): Parameter[] {
    return [this.#W, this.#b];
  }

  share(): Affine {
    this.passes.alive('Affine.share');
    const twin: Affine = Reflect.construct(Affine, [this.W, this.b], this.constructor);
    for (const parameter of [twin.#W, twin.#b]) parameter.release();
    twin.#W = this.#W.retain();
    twin.#b = this.#b.retain();
    return twin;
  }

  dispose(): void {
    if (this.passes.disposed) return;
    this.passes.disposed = true;
    for (const part of [this.#x, this.#y, this.#dout, this.#dx]) part.dispose();
    this.#W.release();
    this.#b.release();
  }

  [dispose](): void {
    this.dispose();
  }

  #input(x: TensorLike, where: string): Input {
    const shape = shapeOf(x, where, 'x');
    this.passes.alive(where);
    const fanIn = this.W.shape[0]!;
    const features = shape.length === 2 ? shape[1]! : sizeOf(shape.slice(1));
    if (shape.length === 0 || features !== fanIn) {
      throw new ShapeError(
        `${where}: expected x of shape [N, ${fanIn}], got ${formatShape(shape)}; ${this.#W.name} is ${formatShape(this.W.shape)}`,
      );
    }
    this.#W.offset(where);
    this.#b.offset(where);
    return { shape, rows: shape[0]! };
  }

  #outputOf(rows: number, where: string): Output {
    if (rows === this.#output.rows) return this.#output;
    const shape = Object.freeze([rows, this.W.shape[1]!]);
    return { rows, shape, size: checkedSize(shape, where) };
  }

  #product(y: Tensor, x: Tensor, rows: number, activation: ActivationName): void {
    const fanIn = this.W.shape[0]!;
    const fanOut = this.W.shape[1]!;
    const left = x.storage.offset;
    const right = this.W.storage.offset;
    const bias = this.b.storage.offset;
    const to = y.storage.offset;
    gemm(false, false, rows, fanOut, fanIn, 1, left, fanIn, right, fanOut, 0, to, fanOut, bias, ACTIVATION[activation]);
  }
}

import { checkOptions } from '../engine/check.js';
import { dispose } from '../engine/dispose.js';
import type { Out } from '../ops/argument.js';
import { elementwise } from '../ops/elementwise.js';
import { LayerBuffer } from '../tensor/buffer.js';
import { shapeOf } from '../tensor/create.js';
import { checkedSize, checkShape } from '../tensor/shape.js';
import { Tensor, type TensorLike } from '../tensor/tensor.js';
import { backwardOptions } from './backward_options.js';
import type { BackwardOptions, Layer, PredictOptions } from './layer.js';
import type { Parameter } from './parameter.js';
import { Passes } from './passes.js';
import { Retained } from './retained.js';
import { Staged } from './staged.js';
import { withheld } from './withheld.js';

/** The mathematics of an elementwise layer, on checked tensors. */
export interface ActivationOps {
  readonly name: string;
  /** y = f(x) */
  forward(y: Tensor, x: Tensor): void;
  /** dx = dout · f′, from the output y */
  backward(dx: Tensor, dout: Tensor, y: Tensor): void;
}

/** An elementwise layer whose derivative follows from its output, which is all it keeps. `Twin` is what {@link share} makes. */
export abstract class Activation<Twin extends Layer = Layer> implements Layer {
  readonly #ops: ActivationOps;
  readonly #x: Staged;
  readonly #dout: Staged;
  readonly #dx: LayerBuffer;
  readonly #kept: Retained;
  /** @internal */
  readonly output: LayerBuffer;
  /** @internal */
  readonly passes: Passes;

  protected constructor(ops: ActivationOps) {
    const { name } = ops;
    this.#ops = ops;
    this.#x = new Staged(`${name}.forward`);
    this.#dout = new Staged(`${name}.backward`);
    this.#dx = new LayerBuffer(`${name}.backward`);
    this.#kept = new Retained(`the output of ${name}.forward`);
    this.output = new LayerBuffer(`${name}.forward`);
    this.passes = new Passes(name);
  }

  share(): Twin {
    return Reflect.construct(Activation, [this.#ops], this.constructor);
  }

  forward(x: TensorLike): Tensor {
    const where = this.output.name;
    const shape = shapeOf(x, where, 'x');
    const y = this.output.reserve(shape, x instanceof Tensor ? x.size : checkedSize(shape, where));
    const staged = this.#x.stage(x, shape);
    this.#ops.forward(this.output.begin(y), staged);
    return this.retain(y);
  }

  /** The product before this layer has computed y into {@link output}: the rest of forward. @internal */
  retain(y: Tensor): Tensor {
    this.output.commit(y);
    this.#kept.keep(y);
    this.passes.forward();
    return y;
  }

  /** What backward needs is there, the output for one: returns that. @internal */
  ready(_accumulate: boolean, inputGrad: boolean): Tensor {
    this.passes.check();
    const y = this.#kept.get(this.#dx.name);
    if (inputGrad) this.#dx.room(y.size); // so that a network does not run out of memory for it half-way
    return y;
  }

  backward(dout: TensorLike, options?: BackwardOptions): Tensor {
    const where = this.#dx.name;
    const { inputGrad } = backwardOptions(options, true, where);
    const shape = shapeOf(dout, where, 'dout');
    const y = this.ready(false, false); // after what may run a caller's getters; dx is reserved below
    checkShape(shape, y.shape, 'dout', where);
    if (!inputGrad) {
      this.passes.backward();
      return withheld(y.shape, y.size);
    }
    const dx = this.#dx.reserve(y.shape, y.size);
    const staged = this.#dout.stage(dout, shape);
    this.#ops.backward(this.#dx.begin(dx), staged, y);
    this.passes.backward();
    return this.#dx.commit(dx);
  }

  predict(x: TensorLike, options?: PredictOptions): Tensor;
  predict(x: TensorLike, options: PredictOptions<Float32Array>): Float32Array;
  predict(x: TensorLike, options?: PredictOptions<Out>): Out;
  predict(x: TensorLike, options?: PredictOptions<Out>): Out {
    const where = `${this.#ops.name}.predict`;
    checkOptions(options, ['out'], where);
    this.passes.alive(where);
    return elementwise(where, x, options?.out, this.#ops.forward);
  }

  parameters(): Parameter[] {
    return [];
  }

  dispose(): void {
    this.passes.disposed = true;
    this.output.dispose();
    this.#dx.dispose();
    this.#x.dispose();
    this.#dout.dispose();
  }

  [dispose](): void {
    this.dispose();
  }
}

import { checkOptions, isRecord, typeError } from '../engine/check.js';
import { dispose } from '../engine/dispose.js';
import { BackwardError } from '../engine/errors.js';
import { checkOut, into, type Out } from '../ops/argument.js';
import { shapeOf } from '../tensor/create.js';
import { isFloat32Array, notice, retake } from '../tensor/nested.js';
import { lengthOf, sizeOf } from '../tensor/shape.js';
import { Tensor, type TensorLike } from '../tensor/tensor.js';
import type { ActivationName } from '../wasm/contract.js';
import type { Activation } from './activation.js';
import { Affine } from './affine.js';
import { asked, backwardOptions } from './backward_options.js';
import { type BackwardOptions, checkLayer, type Layer, type PredictOptions } from './layer.js';
import { Parameter } from './parameter.js';
import { Passes } from './passes.js';
import { ReLU } from './relu.js';
import { Sigmoid } from './sigmoid.js';

/**
 * Layers in order: an array, or a record like the book's ordered dictionary. As in every JavaScript object, keys that are integers
 * come first, in ascending order, wherever they were written.
 */
export type Layers = readonly Layer[] | Readonly<Record<string, Layer>>;

interface Own extends Layer {
  /** @throws what backward would throw for want of a forward or of what it kept */
  ready(accumulate: boolean, inputGrad: boolean): unknown;
}

/** One layer, or a pair that runs as one product. */
interface Step {
  layer: Layer;
  /** The activation that runs in the product of the layer, an Affine. */
  next: Activation | undefined;
  activation: ActivationName;
  /** Of the layer, in the network. */
  index: number;
}

/**
 * Layers one after the other. `backward` does not compute the gradient of the network's input unless asked with
 * `{inputGrad: true}`. An Affine and the activation behind it run as one product, which does not change one bit. After a forward
 * that threw in a later layer, backward is refused: the layers before have run.
 */
export class Sequential<const L extends Layers = Layers> implements Layer {
  /** A frozen copy of what the constructor was given: `net.layers[0]`, or `net.layers.Affine1`. */
  readonly layers: Readonly<L>;
  readonly #entries: readonly [name: string, layer: Layer][];
  readonly #steps: readonly Step[];
  readonly #names = new Map<Parameter, string>();
  readonly #parameters: Parameter[];
  /** What `#passes` had counted after our last forward: if it differs now, the layer ran elsewhere since. */
  readonly #counts: number[] = [];
  /** The counter of forwards of each layer of ours, subclasses included; `undefined` for other layers. */
  readonly #passes: (Passes | undefined)[];
  /** Each layer whose class is exactly one of ours; `undefined` for other layers. */
  readonly #own: (Own | undefined)[];
  /** Of each step, in the last forward; fewer where a layer threw. */
  #outputs: readonly Tensor[] = [];
  /**
   * For each layer, by index, that shares parameters with a later one: its other parameters. The later layer's backward runs
   * first, so this one has to accumulate, and only these other parameters are set to zero before it.
   */
  readonly #twins = new Map<number, readonly Parameter[]>();
  /** @internal */
  readonly passes = new Passes('Sequential');

  /** @throws TypeError for no layers at all, a value that is not a layer, or an instance used twice, in nested networks too */
  constructor(layers: L) {
    const given = Array.isArray(layers) ? [...layers] : isRecord(layers) ? { ...layers } : {};
    const entries = Object.entries<Layer>(given);
    if (entries.length === 0) {
      throw typeError('Sequential', 'an array or a record of layers', layers);
    }
    checkLayers(entries);
    this.layers = Object.freeze(given) as L;
    this.#entries = entries;
    this.#steps = fuse(entries.map(([, layer]) => layer));
    this.#passes = entries.map(([, layer]) => passesOf(layer));
    this.#own = entries.map(([, layer]) => (isOwn(layer) ? layer : undefined));
    for (const [name, layer] of entries) this.#nameParameters(name, layer);
    this.#parameters = [...this.#names.keys()];
    this.#findTwins();
    for (const [parameter, name] of this.#names) parameter.rename(name);
  }

  forward(x: TensorLike): Tensor {
    const outputs: Tensor[] = [];
    let current = x;
    for (let i = 0; i < this.#steps.length; i++) {
      const { layer, next, activation } = this.#steps[i]!;
      if (next === undefined) current = layer.forward(current);
      else current = (layer as Affine).forwardFused(current, next, activation);
      outputs[i] = current;
      this.#outputs = outputs;
    }
    for (let i = 0; i < this.#passes.length; i++) this.#counts[i] = this.#passes[i]?.count ?? 0;
    this.passes.forward();
    return current as Tensor;
  }

  backward(dout: TensorLike, options?: BackwardOptions): Tensor {
    const { inputGrad, accumulate } = backwardOptions(options, false, 'Sequential.backward');
    this.ready(accumulate, inputGrad);
    let current = dout;
    for (let i = this.#entries.length - 1; i >= 0; i--) {
      this.#unmoved(i); // a getter in dout, or a layer that is not ours, may have called another forward
      const own = this.#twins.size > 0 && !accumulate ? this.#twins.get(i) : undefined;
      if (own !== undefined) for (const parameter of own) parameter.zeroGrad();
      current = this.#entries[i]![1].backward(current, asked(i > 0 || inputGrad, accumulate || own !== undefined));
    }
    this.passes.backward();
    return current as Tensor;
  }

  predict(x: TensorLike, options?: PredictOptions): Tensor;
  predict(x: TensorLike, options: PredictOptions<Float32Array>): Float32Array;
  predict(x: TensorLike, options?: PredictOptions<Out>): Out;
  predict(x: TensorLike, options?: PredictOptions<Out>): Out {
    const where = 'Sequential.predict';
    checkOptions(options, ['out'], where);
    let y: TensorLike = x;
    let out = options?.out;
    const length = isFloat32Array(out, where) ? lengthOf(notice(out)) : 0;
    try {
      for (const [i, { layer, next, activation }] of this.#steps.entries()) {
        const last = (i === this.#steps.length - 1 && out instanceof Tensor ? options : undefined) as PredictOptions;
        const input: TensorLike = y;
        y = next === undefined ? layer.predict(input, last) : (layer as Affine).predictFused(input, activation, last);
        // A layer that does nothing in inference may give back what it got.
        if (input !== y && input !== x) (input as Partial<Tensor>).dispose?.();
      }
      if (out !== undefined && out !== y) {
        const result: TensorLike = y;
        const shape = shapeOf(result, where, 'y');
        // The layers may have made the memory grow, which detaches views of it.
        if (length > 0) out = retake(out as Float32Array, length);
        checkOut(out, shape, sizeOf(shape), where);
        y = into(out, shape, sizeOf(shape), where, (copy) => copy.set(result));
        if (result !== x) (result as Partial<Tensor>).dispose?.();
      }
    } catch (error) {
      if (y !== x) (y as Partial<Tensor> | undefined)?.dispose?.();
      throw error;
    }
    return y as Out;
  }

  parameters(): Parameter[] {
    return [...this.#parameters];
  }

  share(): Sequential<L> {
    const names = this.#parameters.map(({ name }) => name);
    const twins: (readonly [string, Layer])[] = [];
    try {
      for (const [name, layer] of this.#entries) twins.push([name, layer.share()]);
    } catch (error) {
      for (const [, twin] of twins) twin.dispose();
      throw error;
    }
    const layers = Array.isArray(this.layers) ? twins.map(([, twin]) => twin) : Object.fromEntries(twins);
    const twin: Sequential<L> = Reflect.construct(Sequential, [layers], this.constructor);
    // The parameters are the same ones, and keep the names that a network around this one gave them.
    for (const [i, parameter] of this.#parameters.entries()) parameter.rename(names[i]!);
    return twin;
  }

  dispose(): void {
    this.passes.disposed = true;
    for (const [, layer] of this.#entries) layer.dispose();
  }

  [dispose](): void {
    this.dispose();
  }

  /** Checks beforehand, as far as possible, that every layer can run backward, so that it does not fail half-way. @internal */
  ready(accumulate: boolean, inputGrad: boolean): void {
    this.passes.check();
    if (this.#outputs.length < this.#steps.length) throw ranElsewhere(this.#entries[0]![0]);
    for (let i = 0; i < this.#entries.length; i++) {
      this.#unmoved(i);
      this.#own[i]?.ready(accumulate, i > 0 || inputGrad);
    }
    for (let step = 0; step < this.#steps.length; step++) {
      const { index } = this.#steps[step]!;
      if (this.#passes[index]) continue;
      // Of other layers, the next forward turns the output stale; whatever it was that they returned.
      const output: Partial<Tensor> | undefined = this.#outputs[step];
      const storage = output?.storage;
      if (storage && storage.generation !== output?.generation && !storage.disposed) {
        throw ranElsewhere(this.#entries[index]![0]);
      }
    }
  }

  /** Names the parameters of a layer that no layer before it has. @throws TypeError for what is no Parameter */
  #nameParameters(name: string, layer: Layer): void {
    const parameters = layer.parameters();
    for (const parameter of parameters) {
      if (!(parameter instanceof Parameter)) {
        throw typeError('Sequential', `the parameters of layer ${name} to be Parameters`, parameter);
      }
      if (this.#names.has(parameter)) continue;
      const { ownName } = parameter;
      // A layer of the user's may hold a network, which named them apart.
      const alike = parameters.some((other) => other !== parameter && other.ownName === ownName);
      const inner = layer instanceof Sequential ? layer.#names.get(parameter) : alike ? parameter.name : ownName;
      this.#names.set(parameter, `${name}.${inner}`);
    }
  }

  #findTwins(): void {
    const later = new Set<Parameter>();
    for (let i = this.#entries.length - 1; i >= 0; i--) {
      const parameters = this.#entries[i]![1].parameters();
      const others = parameters.filter((parameter) => !later.has(parameter));
      if (others.length < parameters.length) this.#twins.set(i, others);
      for (const parameter of parameters) later.add(parameter);
    }
  }

  /** @throws BackwardError when this layer ran another forward since that of the network */
  #unmoved(i: number): void {
    const passes = this.#passes[i];
    if (passes !== undefined && passes.count !== this.#counts[i]) throw ranElsewhere(this.#entries[i]![0]);
  }
}

/** @throws TypeError for a value that is not a layer, or an instance used twice, in nested networks too */
function checkLayers(entries: readonly (readonly [name: string, layer: Layer])[]): void {
  const seen = new Map<Layer, string>();
  for (const [name, layer] of entries) {
    checkLayer(layer, `layer ${name}`, 'Sequential');
    for (const part of partsOf(layer)) {
      if (seen.has(part)) {
        throw new TypeError(
          `Sequential: layers ${seen.get(part)} and ${name} are one instance; share() to use a layer twice in one pass`,
        );
      }
      seen.set(part, name);
    }
  }
}

/** The count of forwards that layers of ours keep, not other people's. */
function passesOf(layer: Layer): Passes | undefined {
  const { passes } = layer as { passes?: unknown };
  return passes instanceof Passes ? passes : undefined;
}

/** The layer and, of a network, all in it. */
function partsOf(layer: Layer): Layer[] {
  return [layer, ...(layer instanceof Sequential ? Object.values<Layer>(layer.layers).flatMap(partsOf) : [])];
}

function ranElsewhere(name: string): BackwardError {
  return new BackwardError(
    `Sequential.backward: layer ${name} ran another forward since, outside this network or in one that threw; use predict() for inference, share() to use a layer twice in one pass`,
  );
}

/** A subclass may need something else for its backward. */
function isOwn(layer: Layer): layer is Own {
  return ([Affine, ReLU, Sigmoid, Sequential] as unknown[]).includes(layer.constructor);
}

/** Pairs of neighbours that run as one. Only our own classes: a subclass may compute something else. */
function fuse(layers: readonly Layer[]): Step[] {
  const steps: Step[] = [];
  for (let index = 0; index < layers.length; index++) {
    const layer = layers[index]!;
    const next = layers[index + 1];
    const activation = next?.constructor === ReLU ? 'relu' : next?.constructor === Sigmoid ? 'sigmoid' : undefined;
    if (layer.constructor === Affine && activation !== undefined) {
      steps.push({ layer, next: next as Activation, activation, index });
      index++;
    } else {
      steps.push({ layer, next: undefined, activation: 'none', index });
    }
  }
  return steps;
}

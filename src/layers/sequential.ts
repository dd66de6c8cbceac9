import { checkOptions, isRecord, typeError } from '../engine/check.js';
import { dispose } from '../engine/dispose.js';
import { BackwardError } from '../engine/errors.js';
import type { Out } from '../ops/argument.js';
import type { Activation as ActivationName } from '../ops/gemm.js';
import { notice, retake } from '../tensor/nested.js';
import { lengthOf } from '../tensor/shape.js';
import { isValid, type Tensor, type TensorLike } from '../tensor/tensor.js';
import type { Activation } from './activation.js';
import { Affine } from './affine.js';
import { asked, backwardOptions } from './backward_options.js';
import { type BackwardOptions, checkLayer, type Layer, type PredictOptions } from './layer.js';
import { Parameter } from './parameter.js';
import { Passes } from './passes.js';
import { ReLU } from './relu.js';
import { Sigmoid } from './sigmoid.js';

/** Layers in order: an array, or a record as the book's ordered dictionary. */
export type Layers = readonly Layer[] | Readonly<Record<string, Layer>>;

interface Own extends Layer {
  /** @throws what backward would throw for want of a forward or of what it kept */
  ready(accumulate: boolean): unknown;
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
  /** How many forwards each layer of ours had had after the last one here: to tell what ran elsewhere since. */
  readonly #counts: number[] = [];
  /** Of each layer of ours, which count their forwards. */
  readonly #passes: (Passes | undefined)[];
  /** Of each layer that is of one of our classes, the layer. */
  readonly #own: (Own | undefined)[];
  /** Other layers, and which step runs them: their next forward turns the output of that step stale. */
  readonly #others: { name: string; step: number }[] = [];
  /** Of each step, in the last forward; fewer where a layer threw. */
  #outputs: readonly Tensor[] = [];
  /**
   * Of the layers that share parameters with later ones, whose gradients backward computes first: what they have of their
   * own. They add to what is there.
   */
  readonly #twins = new Map<number, readonly Parameter[]>();
  /** @internal */
  readonly passes = new Passes('Sequential');

  /** @throws TypeError for no layers, for what is no layer, or the same instance twice, in networks inside this one too */
  constructor(layers: L) {
    const entries = isRecord(layers) ? Object.entries<Layer>(layers as Record<string, Layer>) : [];
    if (entries.length === 0) {
      throw typeError('Sequential', 'an array or a record of layers', layers);
    }
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
    this.layers = (Array.isArray(layers) ? Object.freeze([...layers]) : Object.freeze({ ...layers })) as L;
    this.#entries = entries;
    this.#steps = fuse(entries.map(([, layer]) => layer));
    this.#passes = entries.map(([, layer]) => passesOf(layer));
    this.#own = entries.map(([, layer]) => (isOwn(layer) ? layer : undefined));
    for (const [i, [name]] of entries.entries()) {
      if (!this.#passes[i]) this.#others.push({ name, step: this.#steps.findIndex(({ index }) => index === i) });
    }
    for (const [name, layer] of entries) {
      for (const parameter of layer.parameters()) {
        if (!(parameter instanceof Parameter)) {
          throw typeError('Sequential', `the parameters of layer ${name} to be Parameters`, parameter);
        }
        if (this.#names.has(parameter)) continue;
        const inner = layer instanceof Sequential ? layer.#names.get(parameter) : undefined;
        this.#names.set(parameter, `${name}.${inner ?? parameter.ownName}`);
      }
    }
    this.#parameters = [...this.#names.keys()];
    const later = new Set<Parameter>();
    for (let i = entries.length - 1; i >= 0; i--) {
      const parameters = entries[i]![1].parameters();
      if (parameters.some((parameter) => later.has(parameter))) {
        this.#twins.set(
          i,
          parameters.filter((parameter) => !later.has(parameter)),
        );
      }
      for (const parameter of parameters) later.add(parameter);
    }
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
    const where = 'Sequential.backward';
    const { inputGrad, accumulate } = backwardOptions(options, false, where);
    this.ready(accumulate, where);
    let current = dout;
    for (let i = this.#entries.length - 1; i >= 0; i--) {
      this.#unmoved(i, where); // a getter in dout, or a layer that is not ours, may have called another forward
      const own = this.#twins.size > 0 && !accumulate ? this.#twins.get(i) : undefined;
      if (own !== undefined) for (const parameter of own) parameter.zeroGrad();
      current = this.#entries[i]![1].backward(current, asked(i > 0 || inputGrad, accumulate || own !== undefined));
    }
    this.passes.backward();
    return current as Tensor;
  }

  predict(x: TensorLike, options?: PredictOptions): Tensor;
  predict(x: TensorLike, options: PredictOptions<Float32Array>): Float32Array;
  predict(x: TensorLike, options: PredictOptions<Out>): Out;
  predict(x: TensorLike, options?: PredictOptions<Out>): Out {
    checkOptions(options, ['out'], 'Sequential.predict');
    let y: TensorLike = x;
    const out = options?.out;
    const length = out instanceof Float32Array ? lengthOf(notice(out)) : 0;
    try {
      for (const [i, { layer, next, activation }] of this.#steps.entries()) {
        let last = i === this.#steps.length - 1 ? options : undefined;
        // The layers before may have made the memory grow, which detaches views of it.
        if (last !== undefined && length > 0) last = { out: retake(out as Float32Array, length) };
        const input: TensorLike = y;
        y = (
          next === undefined
            ? layer.predict(input, last as PredictOptions)
            : (layer as Affine).predictFused(input, activation, last)
        ) as Tensor;
        // A layer that does nothing in inference may give back what it got.
        if (input !== y && input !== x) (input as Partial<Tensor>).dispose?.();
      }
    } catch (error) {
      if (y !== x) (y as Partial<Tensor> | undefined)?.dispose?.();
      throw error;
    }
    return y as Tensor;
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
    const twin = new Sequential(
      (Array.isArray(this.layers) ? twins.map(([, twin]) => twin) : Object.fromEntries(twins)) as unknown as L,
    );
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

  /** What backward needs of every layer is there, as far as it can be told before: else it would fail in the middle. @internal */
  ready(accumulate: boolean, where = 'Sequential.backward'): void {
    this.passes.check();
    if (this.#outputs.length < this.#steps.length) throw ranElsewhere(where, this.#entries[0]![0]);
    for (let i = 0; i < this.#entries.length; i++) {
      this.#unmoved(i, where);
      this.#own[i]?.ready(accumulate);
    }
    for (let i = 0; i < this.#others.length; i++) {
      const { name, step } = this.#others[i]!;
      if (!isValid(this.#outputs[step]!)) throw ranElsewhere(where, name);
    }
  }

  /** @throws BackwardError when this layer ran another forward since that of the network */
  #unmoved(i: number, where: string): void {
    const passes = this.#passes[i];
    if (passes !== undefined && passes.count !== this.#counts[i]) throw ranElsewhere(where, this.#entries[i]![0]);
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

function ranElsewhere(where: string, name: string): BackwardError {
  return new BackwardError(
    `${where}: layer ${name} ran another forward since, outside this network or in one that threw; use predict() for inference, share() to use a layer twice in one pass`,
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

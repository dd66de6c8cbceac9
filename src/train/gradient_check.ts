import { checkOptions } from '../engine/check.js';
import { ShapeError } from '../engine/errors.js';
import { checkLayer, type Layer } from '../layers/layer.js';
import { SoftmaxWithLoss } from '../layers/softmax_with_loss.js';
import type { Labels } from '../ops/labels.js';
import { adopted, shapeOf, tensor } from '../tensor/create.js';
import { Random } from '../tensor/random.js';
import { checkShape, type Shape } from '../tensor/shape.js';
import type { Tensor, TensorLike } from '../tensor/tensor.js';
import { tidy } from '../tensor/tidy.js';
import { checkArguments, checkStep, difference, type Objective } from './numerical_gradient.js';

/** Where analytic and numeric gradient differ most. */
export interface GradientMismatch {
  /** The parameter's name, or `x`. */
  parameter: string;
  /** Position of the element, an index for each axis. */
  index: number[];
  analytic: number;
  numeric: number;
}

export interface GradientCheck {
  /** The largest |analytic − numeric|, each relative to the largest magnitude in the gradient of its own parameter (or x). */
  maxError: number;
  worst: GradientMismatch;
}

/** Mismatches above this share of the gradient are looked at again: with smaller steps they may be a kink, with a larger one rounding. */
const SUSPECT = 1e-3;
const OTHER_STEPS = [1 / 4, 1 / 16, 8];

/**
 * Compares a gradient with central differences of `f` at `x`, of step `h` (default 1e-3). Where they are far apart, the
 * difference is repeated with smaller steps, in case of a kink (of ReLU, say), and with a larger one in case of rounding; that
 * one counts only if the smaller ones scatter as they do by rounding. The result closest to `analytic` counts.
 * @throws ShapeError unless `analytic` has the shape of x and x has elements, RangeError for h as {@link numericalGradient}
 */
export function gradientCheck(
  f: Objective,
  x: Tensor,
  analytic: TensorLike,
  options?: { h?: number | undefined },
): GradientCheck {
  const where = 'gradientCheck';
  const h = checkArguments(f, x, options, where);
  const shape = shapeOf(analytic, where, 'analytic');
  checkShape(shape, x.shape, 'analytic', where);
  const gradient = tidy(() => adopted(analytic, shape, where).toTypedArray());
  return compare([{ name: 'x', value: x, gradient }], f, h, where);
}

/**
 * Checks every gradient of a layer at x: of its parameters and of its input, with central differences of step `h` (default
 * 1e-3). The loss is `SoftmaxWithLoss` where `labels` are given, else the sum of the outputs times normal draws of `seed`
 * (default 0). Check at the initial weights: near a minimum the gradient sinks below the rounding of float32, and maxError
 * says nothing; nor where a gradient is zero by construction, as that of a bias before a batch normalization (see `worst`).
 * Where several parameters hold one tensor, the sum of their gradients is checked, under the name of the first.
 * Several ReLUs: first give the biases small values (`b.set(rng.normal(b.shape, { std: 0.1 }))`). While they are zero, a row of x
 * for which all units of a layer are off makes the sums of the next layer exactly 0, a kink at every step, and maxError is
 * large although the gradient is right.
 * `forward` is called many times: it has to be deterministic, and what it updates, such as running statistics, has changed
 * afterwards, as have the gradients that the layer holds.
 * @throws ShapeError when x has no elements, RangeError for h as {@link numericalGradient} and for a `seed` that `Random` refuses;
 * and what the layer and `SoftmaxWithLoss` throw
 */
export function gradientCheckLayer(
  layer: Layer,
  x: TensorLike,
  options?: { labels?: Labels | undefined; seed?: number | undefined; h?: number | undefined },
): GradientCheck {
  const where = 'gradientCheckLayer';
  checkOptions(options, ['labels', 'seed', 'h'], where);
  const { labels, seed = 0 } = options ?? {};
  const h = checkStep(options?.h, where);
  checkLayer(layer, 'layer', where);
  const random = new Random(seed);
  shapeOf(x, where, 'x');
  const input = tensor(x);
  const criterion = labels === undefined ? undefined : new SoftmaxWithLoss();
  let weights: Tensor | undefined;
  try {
    const y = layer.forward(input);
    weights = random.normal(y.shape);
    const weighing = weights.toTypedArray();
    criterion?.forward(y, labels!);
    const dx = layer.backward(criterion?.backward() ?? weights, { inputGrad: true });
    const loss = (): number => {
      const output = layer.forward(input);
      return (
        criterion?.forward(output, labels!) ?? output.toTypedArray().reduce((sum, y, i) => sum + y * weighing[i]!, 0)
      );
    };
    const checked = [{ name: 'x', value: input, gradient: dx.toTypedArray() }];
    for (const { name, value, grad } of layer.parameters()) {
      if (grad === null) continue;
      const gradient = grad.toTypedArray();
      // Of tied weights the loss changes by all.
      const tied = checked.find((other) => other.value === value);
      if (tied) tied.gradient = tied.gradient.map((g, i) => g + gradient[i]!);
      else checked.push({ name, value, gradient });
    }
    return compare(checked, loss, h, where);
  } finally {
    criterion?.dispose();
    weights?.dispose();
    input.dispose();
  }
}

interface Checked {
  name: string;
  value: Tensor;
  gradient: Float32Array;
}

function compare(checked: Checked[], f: Objective, h: number, where: string): GradientCheck {
  let maxError = -1;
  let worst: GradientMismatch | undefined;
  for (const { name, value, gradient } of checked) {
    const numeric = Float64Array.from(gradient, (_, i) => difference(f, value, i, h, where));
    const scale = Math.max(largest(gradient), largest(numeric));
    for (let i = 0; i < gradient.length; i++) {
      const analytic = gradient[i]!;
      numeric[i] = nearest(analytic, numeric[i]!, SUSPECT * scale, (factor) =>
        difference(f, value, i, h * factor, where),
      );
      const distance = Math.abs(analytic - numeric[i]!);
      const error = distance === 0 ? 0 : distance / scale;
      // A NaN is the worst of all, and is kept.
      if (!(error <= maxError || Number.isNaN(maxError))) {
        maxError = error;
        worst = { parameter: name, index: position(i, value.shape), analytic, numeric: numeric[i]! };
      }
    }
  }
  if (worst === undefined) throw new ShapeError(`${where}: no element to check`);
  return { maxError, worst };
}

/**
 * Of the difference `first` and those with other steps, which `again` gives by the factor of the step, the one nearest to
 * `analytic`; no more are tried once one is within `near` of it. Where the results of smaller steps scatter, it is rounding that
 * errs, and a larger step may count. Where they agree, it is a kink or a wrong gradient, which a larger step could hide.
 */
function nearest(analytic: number, first: number, near: number, again: (factor: number) => number): number {
  let result = first;
  let scatter = 0;
  for (const factor of OTHER_STEPS) {
    if (!(Math.abs(analytic - result) > near)) break;
    let other = NaN;
    try {
      other = again(factor);
    } catch {} // a smaller step may be lost in float32, a larger one leave the domain of f
    const apart = Math.abs(other - first);
    if (factor < 1) scatter = Math.max(scatter, apart);
    else if (!(apart <= 16 * scatter)) break; // by h² in a smooth f it would be 63 times
    if (Math.abs(analytic - other) < Math.abs(analytic - result)) result = other;
  }
  return result;
}

/** The largest magnitude; NaN does not count. */
function largest(values: ArrayLike<number>): number {
  let result = 0;
  for (let i = 0; i < values.length; i++) if (Math.abs(values[i]!) > result) result = Math.abs(values[i]!);
  return result;
}

function position(i: number, shape: Shape): number[] {
  const index: number[] = [];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    index.unshift(i % shape[axis]!);
    i = Math.floor(i / shape[axis]!);
  }
  return index;
}

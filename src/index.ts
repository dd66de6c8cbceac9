// biome-ignore-all assist/source/organizeImports: from the engine up, and within a folder as gzip makes least of it: bundles keep
// this order, which decides what text is near enough to be repeated (ARCHITECTURE.md, "… the text they travel in").
/// <reference lib="esnext.disposable" preserve="true" />
/**
 * simdgrad: WebAssembly SIMD numerics for JavaScript. The public face; everything here is documented where it is defined.
 * There, "the book" is Koki Saitoh's Deep Learning from Scratch.
 */
export { type BackendInfo, backendInfo, type InitOptions, init, ready, setDebug } from './engine/backend.js';
export {
  AliasError,
  BackwardError,
  DisposedError,
  OutOfMemoryError,
  ShapeError,
  SimdgradError,
  StaleTensorError,
  ThreadError,
} from './engine/errors.js';
export { keep, tidy } from './tensor/tidy.js';
export { full, ones, tensor, toTensor, zeros } from './tensor/create.js';
export type { NestedArray, NumericArray } from './tensor/nested.js';
export type { Shape } from './tensor/shape.js';
export { Tensor, type TensorLike } from './tensor/tensor.js';
export { LayerBuffer } from './tensor/buffer.js';
export { Random } from './tensor/random.js';
export { type SgemmOptions, sgemm } from './ops/sgemm.js';
export { abs, exp, log, neg, relu, sigmoid, sqrt, tanh, type Unary } from './ops/elementwise.js';
export type { Out } from './ops/argument.js';
export type { Labels } from './ops/labels.js';
export { add, type Binary, div, maximum, minimum, mul, sub } from './ops/arithmetic.js';
export { type ArgmaxOptions, argmax, max, mean, min, type ReduceOptions, sum, sumTo } from './ops/reduce.js';
export { concat, slice, take, transpose } from './ops/shape.js';
export { logSoftmax, softmax } from './ops/softmax.js';
export { accuracy, crossEntropy } from './ops/loss.js';
export { type MatmulOptions, matmul } from './ops/matmul.js';
export { Parameter } from './layers/parameter.js';
export { Sigmoid } from './layers/sigmoid.js';
export { MulLayer } from './layers/mul_layer.js';
export { AddLayer } from './layers/add_layer.js';
export { ReLU } from './layers/relu.js';
export { SoftmaxWithLoss, type SoftmaxWithLossOptions } from './layers/softmax_with_loss.js';
export type { BackwardOptions, BinaryLayer, Criterion, Layer, PredictOptions } from './layers/layer.js';
export { type Layers, Sequential } from './layers/sequential.js';
export { Affine, type AffineInit } from './layers/affine.js';
export { SGD } from './optim/sgd.js';
export { Optimizer } from './optim/optimizer.js';
export { numericalGradient, type Objective } from './train/numerical_gradient.js';
export {
  type GradientCheck,
  type GradientMismatch,
  gradientCheck,
  gradientCheckLayer,
} from './train/gradient_check.js';
export type { Simd } from './wasm/simd.js';

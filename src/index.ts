/**
 * simdgrad: WebAssembly SIMD numerics for JavaScript. The public face; everything here is documented where it is defined.
 */
export { type BackendInfo, backendInfo, type InitOptions, init, ready, setDebug } from './engine/backend';
export {
  AliasError,
  BackwardError,
  DisposedError,
  OutOfMemoryError,
  ShapeError,
  SimdgradError,
  StaleTensorError,
  ThreadError,
} from './engine/errors';
export { AddLayer } from './layers/add_layer';
export { Affine, type AffineInit } from './layers/affine';
export type { BackwardOptions, BinaryLayer, Criterion, Layer, PredictOptions } from './layers/layer';
export { MulLayer } from './layers/mul_layer';
export { Parameter } from './layers/parameter';
export { ReLU } from './layers/relu';
export { type Layers, Sequential } from './layers/sequential';
export { Sigmoid } from './layers/sigmoid';
export { SoftmaxWithLoss, type SoftmaxWithLossOptions } from './layers/softmax_with_loss';
export type { Out } from './ops/argument';
export { add, type Binary, div, maximum, minimum, mul, sub } from './ops/arithmetic';
export { abs, exp, log, neg, relu, sigmoid, sqrt, tanh, type Unary } from './ops/elementwise';
export type { Labels } from './ops/labels';
export { accuracy, crossEntropy } from './ops/loss';
export { type MatmulOptions, matmul } from './ops/matmul';
export { argmax, max, mean, min, type ReduceOptions, sum, sumTo } from './ops/reduce';
export { concat, slice, take, transpose } from './ops/shape';
export { logSoftmax, softmax } from './ops/softmax';
export { Optimizer } from './optim/optimizer';
export { SGD } from './optim/sgd';
export { LayerBuffer } from './tensor/buffer';
export { full, ones, tensor, toTensor, zeros } from './tensor/create';
export type { NestedArray, NumericArray } from './tensor/nested';
export { Random } from './tensor/random';
export type { Shape } from './tensor/shape';
export { Tensor, type TensorLike } from './tensor/tensor';
export { keep, tidy } from './tensor/tidy';
export { type GradientCheck, type GradientMismatch, gradientCheck, gradientCheckLayer } from './train/gradient_check';
export { numericalGradient } from './train/numerical_gradient';

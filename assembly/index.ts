// The list of kernels that the module exports, nothing else.
export { relu_forward, relu_backward } from './elementwise/relu';
export { sigmoid_forward, sigmoid_backward } from './elementwise/sigmoid';
export { tanh_forward, tanh_backward } from './elementwise/tanh';
export { exp_forward } from './elementwise/exp';
export { log_forward } from './elementwise/log';
export { sqrt_forward } from './elementwise/sqrt';
export { neg_forward } from './elementwise/neg';
export { abs_forward } from './elementwise/abs';
export { log64 } from './math/log64';
export { sgd_update } from './optim/sgd';
export { softmax_forward, log_softmax_forward } from './softmax/softmax';
export {
  softmax_cross_entropy_forward,
  softmax_cross_entropy_forward_dense,
  softmax_cross_entropy_backward,
  softmax_cross_entropy_backward_dense,
} from './loss/softmax_cross_entropy';

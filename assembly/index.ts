// The list of kernels that the module exports, nothing else.
export { relu_forward, relu_backward } from './elementwise/relu';
export { variant } from './variant';
export { exp_forward } from './elementwise/exp';
export { sigmoid_forward, sigmoid_backward } from './elementwise/sigmoid';

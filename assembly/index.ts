// The list of kernels that the module exports, nothing else.
export { relu_forward, relu_backward } from './elementwise/relu';
export { variant } from './variant';
export {
  add_forward, sub_forward, mul_forward, div_forward, maximum_forward, minimum_forward,
} from './elementwise/arithmetic';
export { sum_reduce, sum_partial, sum_total } from './reduce/sum';
export { max_reduce, min_reduce } from './reduce/max';
export { argmax_reduce } from './reduce/argmax';
export { transpose2d } from './shape/transpose2d';
export { permute } from './shape/permute';
export { gather } from './shape/gather';
export { copy_strided } from './shape/copy_strided';
export { gemm, gemm_scratch_bytes } from './gemm/blocking';
export { gemv_n, gemv_t } from './gemm/gemv';
export { gemm_tiny } from './gemm/gemm_tiny';
export { sigmoid_forward, sigmoid_backward } from './elementwise/sigmoid';
export { tanh_forward } from './elementwise/tanh';
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

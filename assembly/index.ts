// The list of kernels that the module exports, nothing else.
export { relu_forward, relu_backward } from './elementwise/relu';
export { gemm_nn, gemm_nt, gemm_tn, gemm_tt, gemm_scratch_bytes } from './gemm/blocking';
export { gemv_n, gemv_t } from './gemm/gemv';
export { sigmoid_forward } from './elementwise/sigmoid';

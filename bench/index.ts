import abs from './elementwise/abs.bench';
import arithmetic from './elementwise/arithmetic.bench';
import exp from './elementwise/exp.bench';
import log from './elementwise/log.bench';
import neg from './elementwise/neg.bench';
import relu from './elementwise/relu.bench';
import sigmoid from './elementwise/sigmoid.bench';
import sqrt from './elementwise/sqrt.bench';
import tanh from './elementwise/tanh.bench';
import forms from './gemm/forms.bench';
import gemm from './gemm/gemm.bench';
import gemv from './gemm/gemv.bench';
import sgemm from './gemm/sgemm.bench';
import softmaxCrossEntropy from './loss/softmax_cross_entropy.bench';
import sgd from './optim/sgd.bench';
import argmax from './reduce/argmax.bench';
import max from './reduce/max.bench';
import sum from './reduce/sum.bench';
import copyStrided from './shape/copy_strided.bench';
import gather from './shape/gather.bench';
import permute from './shape/permute.bench';
import transpose2d from './shape/transpose2d.bench';
import logSoftmax from './softmax/log_softmax.bench';
import softmax from './softmax/softmax.bench';
import type { Bench } from './support/contender';
import small from './tensor/small.bench';
import step from './train/step.bench';

/** Every bench, by family: what `npm run bench -- <family or name>` accepts. */
export const families: Record<string, Bench[]> = {
  gemm: [gemm, forms, gemv, sgemm],
  elementwise: [relu, sigmoid, tanh, exp, log, sqrt, neg, abs, arithmetic],
  softmax: [softmax, logSoftmax, softmaxCrossEntropy],
  reduce: [sum, max, argmax],
  shape: [transpose2d, permute, gather, copyStrided],
  optim: [sgd],
  train: [step],
  tensor: [small],
};

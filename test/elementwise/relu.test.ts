import { describe } from 'vitest';
import * as reference from '../reference/relu';
import { backwardCases, unaryCases } from '../support/kernels';
import { hardFloats } from '../support/seeds';
import { variants } from '../support/variants';

describe.each(variants)('relu, %s', (_name, variant) => {
  unaryCases(variant, 'relu_forward', reference.relu, 0);

  const outputs = (n: number) => hardFloats(n, { seed: n + 1 });
  backwardCases(variant, 'relu_backward', reference.reluBackward, outputs, 0);
});

import { sigmoid } from '../plain/elementwise';
import { unary } from '../support/unary';

export default unary('sigmoid', { exact: (x) => 1 / (1 + Math.exp(-x)), ulp: 3, js: sigmoid });

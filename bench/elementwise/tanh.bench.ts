import { tanh } from '../plain/elementwise';
import { unary } from '../support/unary';

export default unary('tanh', { exact: Math.tanh, ulp: 2, js: tanh });

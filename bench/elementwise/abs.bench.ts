import { abs } from '../plain/elementwise';
import { unary } from '../support/unary';

export default unary('abs', { exact: Math.abs, ulp: 0, js: abs });

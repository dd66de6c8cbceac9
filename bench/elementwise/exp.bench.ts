import { exp } from '../plain/elementwise';
import { unary } from '../support/unary';

export default unary('exp', { exact: Math.exp, ulp: 2, js: exp });

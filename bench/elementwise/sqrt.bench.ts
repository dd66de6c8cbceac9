import { sqrt } from '../plain/elementwise';
import { unary } from '../support/unary';

export default unary('sqrt', { exact: Math.sqrt, ulp: 0, js: sqrt, input: Math.abs });

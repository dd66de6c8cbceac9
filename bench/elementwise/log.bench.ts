import { log } from '../plain/elementwise';
import { unary } from '../support/unary';

export default unary('log', { exact: Math.log, ulp: 1, js: log, input: Math.abs });

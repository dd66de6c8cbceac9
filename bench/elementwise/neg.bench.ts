import { neg } from '../plain/elementwise';
import { unary } from '../support/unary';

export default unary('neg', { exact: (x) => -x, ulp: 0, js: neg });

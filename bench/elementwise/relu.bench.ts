import { relu } from '../plain/elementwise';
import { unary } from '../support/unary';

export default unary('relu', { exact: (x) => Math.max(x, 0), ulp: 0, js: relu });

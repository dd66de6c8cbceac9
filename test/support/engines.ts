/**
 * There a function may need more stack once it was compiled anew, an overflow of the stack is no RangeError, and garbage is collected in
 * slices.
 */
export const inFirefox = /firefox/i.test(globalThis.navigator?.userAgent ?? '');

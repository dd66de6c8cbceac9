/** Its code needs more stack the second time where it was compiled anew in between, and what it throws at its end is no RangeError. */
export const inFirefox = /firefox/i.test(globalThis.navigator?.userAgent ?? '');

// Contenders, as tables and results call them; a way of several follows behind a comma.

export const OURS = 'simdgrad';
/** In the table of downloads: all exports of ours. */
export const EVERYTHING = `${OURS}, everything`;
export const PLAIN = 'plain JS';
export const NATIVE = 'NumPy (native)';
/** {@link Roof.busy}, in the rounds of the others. */
export const BUSY = 'roof, in company';

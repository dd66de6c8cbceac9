/**
 * What `using` calls. Where an engine does not have it yet, esbuild's translation of `using` looks for the registered symbol
 * instead; that of tsc wants the program to define `Symbol.dispose` so.
 */
export const dispose: typeof Symbol.dispose = Symbol.dispose ?? Symbol.for('Symbol.dispose');

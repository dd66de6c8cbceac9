/**
 * What `using` calls. Where an engine does not have it yet, compilers that translate `using` look for the registered
 * symbol instead.
 */
export const dispose: typeof Symbol.dispose = Symbol.dispose ?? Symbol.for('Symbol.dispose');

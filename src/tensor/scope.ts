import type { Tensor } from './tensor.js';

/** The innermost tidy() that runs, as the list of what was made in it. */
let scope: Set<Tensor> | undefined;

/** Makes the running tidy() the owner of a function's result. */
export function own(t: Tensor): Tensor {
  scope?.add(t);
  return t;
}

/** Takes a tensor out of every tidy(): it now belongs to the caller, or to the layer that adopted it. */
export function disown(t: Tensor): void {
  for (let s: Set<Tensor> | undefined = scope; s !== undefined; s = outer.get(s)) s.delete(t);
}

const outer = new WeakMap<Set<Tensor>, Set<Tensor>>();

export function enter(): Set<Tensor> {
  const inner = new Set<Tensor>();
  if (scope !== undefined) outer.set(inner, scope);
  scope = inner;
  return inner;
}

export function leave(inner: Set<Tensor>): void {
  scope = outer.get(inner);
}

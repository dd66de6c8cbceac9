/** A tensor, which imports this module. */
interface Owned {
  dispose(): void;
}

/** The innermost tidy() that runs, as the list of what was made in it. */
let scope: Set<Owned> | undefined;

/** Makes the running tidy() the owner of a function's result. */
export function own<T extends Owned>(t: T): T {
  scope?.add(t);
  return t;
}

/** Takes a tensor out of every tidy(): it now belongs to the caller, or to the layer that adopted it. */
export function disown(t: Owned): void {
  for (let s: Set<Owned> | undefined = scope; s !== undefined; s = outer.get(s)) s.delete(t);
}

const outer = new WeakMap<Set<Owned>, Set<Owned>>();

export function enter(): Set<Owned> {
  const inner = new Set<Owned>();
  if (scope !== undefined) outer.set(inner, scope);
  scope = inner;
  return inner;
}

export function leave(inner: Set<Owned>): void {
  scope = outer.get(inner);
}

/** No tidy() runs when a turn of the event loop has ended: one that was stopped from outside (node:vm, a REPL) did not leave. */
export function leaveAll(): void {
  scope = undefined;
}

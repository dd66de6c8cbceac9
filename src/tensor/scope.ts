/** A tensor, which imports this module. */
interface Owned {
  /** Whether no tidy() owns it. */
  kept: boolean;
  dispose(): void;
}

/** The innermost tidy() that runs, as the list of what was made in it. A set would take longer than a small operation. */
let scope: Owned[] | undefined;

/** Makes the running tidy() the owner of a function's result. */
export function own<T extends Owned>(t: T): T {
  scope?.push(t);
  return t;
}

const outer = new WeakMap<Owned[], Owned[]>();

export function enter(): Owned[] {
  const inner: Owned[] = [];
  if (scope !== undefined) outer.set(inner, scope);
  scope = inner;
  return inner;
}

export function leave(inner: Owned[]): void {
  scope = outer.get(inner);
}

/** No tidy() runs when a turn of the event loop has ended: one that was stopped from outside (node:vm, a REPL) did not leave. */
export function leaveAll(): void {
  scope = undefined;
}

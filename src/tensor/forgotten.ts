import { engine } from '../engine/engine.js';

/** A piece of linear memory that its owner may forget to give back. */
export interface Watched {
  readonly offset: number;
  readonly byteLength: number;
  /** Its place among the young, or -1. */
  young: number;
}

/**
 * The safety net: frees the memory of an object that nobody can reach any more. Engines run it only between turns of
 * the event loop, so a synchronous loop must not count on it.
 */
const registry = new FinalizationRegistry<{ offset: number; byteLength: number }>(({ offset, byteLength }) =>
  engine.release(offset, byteLength),
);

/**
 * What this turn has made and not yet given back. It is registered when the turn ends: until then no finalizer could
 * run, and most of what a computation makes lives shorter than that. To register and unregister takes longer than a
 * small operation.
 */
const young: Watched[] = [];
/** What is chained to it runs when the turn has ended. */
const now = Promise.resolve();

export function watch(object: Watched): void {
  if (young.length === 0) void now.then(endTurn);
  object.young = young.push(object) - 1;
}

/** Its owner gives it back. */
export function unwatch(object: Watched): void {
  const place = object.young;
  if (place < 0) {
    registry.unregister(object);
    return;
  }
  const last = young.pop()!;
  if (last !== object) {
    young[place] = last;
    last.young = place;
  }
  object.young = -1;
}

function endTurn(): void {
  for (const object of young) {
    object.young = -1;
    registry.register(object, { offset: object.offset, byteLength: object.byteLength }, object);
  }
  young.length = 0;
}

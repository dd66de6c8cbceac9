import { engine } from '../engine/engine.js';
import { leaveAll } from './scope.js';

/** A piece of linear memory that its owner may forget to give back. */
interface Watched {
  readonly offset: number;
  readonly byteLength: number;
  /** Its place among the young, or -1. */
  young: number;
}

/**
 * The safety net: frees the memory of an object that nobody can reach any more. Engines run it only between turns of
 * the event loop, so a synchronous loop must not count on it.
 */
const registry = new FinalizationRegistry<{ offset: number; byteLength: number; weight?: ArrayBuffer }>(
  ({ offset, byteLength }) => engine.release(offset, byteLength),
);

/**
 * The collector sees small objects, not the memory behind them, and would let gigabytes pile up. So each time this many
 * bytes have been registered, an `ArrayBuffer` of their size is held until the collector has run. Nobody touches its pages,
 * so they cost address space only; a smaller buffer might be cleared (glibc's M_MMAP_THRESHOLD is at most 32 MiB).
 */
const WEIGHT = 2 ** 25;
/** Bytes registered since the last such buffer, and not freed. */
let unseen = 0;

/**
 * Storages made in this turn of the event loop and not yet freed. They are registered when the turn ends: until then no
 * finalizer could run, and most temporaries do not live that long. Registering and unregistering takes longer than a
 * small operation.
 */
const young: Watched[] = [];
/** Whether the end of this turn is queued: once, however often {@link young} empties, as what is queued stays in memory until then. */
let queued = false;

export function watch(object: Watched): void {
  if (!queued) void Promise.resolve().then(endTurn);
  queued = true; // last: the stack may end in the line before
  object.young = young.push(object) - 1;
}

/** Its owner gives it back. */
export function unwatch(object: Watched): void {
  const place = object.young;
  if (place < 0) {
    registry.unregister(object);
    unseen = Math.max(0, unseen - object.byteLength);
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
  queued = false;
  leaveAll();
  for (const object of young) {
    Reflect.set(object, 'young', -1); // never throws: it may be frozen, as all that a caller's state holds
    unseen += object.byteLength;
    registry.register(object, { offset: object.offset, byteLength: object.byteLength }, object);
  }
  young.length = 0;
  if (unseen < WEIGHT) return;
  try {
    registry.register({}, { offset: 0, byteLength: 0, weight: new ArrayBuffer(unseen) });
  } catch {
    // The host collects before it refuses, which is what this is for.
  }
  unseen = 0;
}

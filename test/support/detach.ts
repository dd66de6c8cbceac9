import { setDebug } from '../../src/index';

/** Whether in this run of the tests every allocation detaches the views held before it: SIMDGRAD_DETACH=1. */
export const DETACH = Boolean(process.env.SIMDGRAD_DETACH);

/** Undoes what a test set. */
export function resetDebug(): void {
  setDebug({ detachViews: DETACH });
}

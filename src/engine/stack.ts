/** 8 KB, since arguments are passed on the stack: more than what follows was ever seen to need, whichever compiler made its code. */
const PADDING = new Array(1024).fill(0);

function take(): void {}

/** @throws RangeError where the stack has no room for something that must not end half-way */
export function roomOnStack(): void {
  Reflect.apply(take, undefined, PADDING);
}

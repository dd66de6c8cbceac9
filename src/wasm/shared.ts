/** `memory`, kind "memory", limits with a maximum: how a kernel module imports its memory. */
const IMPORT = [6, 0x6d, 0x65, 0x6d, 0x6f, 0x72, 0x79, 2, 1];
const SHARED = 2;

/**
 * The same kernels for a shared memory. They use no atomics, so all that differs is one flag in the import of the
 * memory; it is set here instead of shipping every variant twice.
 */
export function sharedModuleBytes(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const shared = bytes.slice();
  for (let at = 0; at + IMPORT.length <= shared.length; at++) {
    if (!IMPORT.every((byte, i) => shared[at + i] === byte)) continue;
    shared[at + IMPORT.length - 1]! |= SHARED;
    return shared;
  }
  throw new Error('sharedModuleBytes: this module does not import a memory with a maximum');
}

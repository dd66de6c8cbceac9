/** Why a target cannot be tried on this machine; never counts as passed. */
export class NotRun extends Error {}

/**
 * @typedef {object} Training what the program of a target reported
 * @property {'baseline' | 'relaxed'} simd
 * @property {number} loss
 * @property {{ threads: number, reason: string, equal: boolean }} [threads] what came of two threads
 *
 * @typedef {object} Target
 * @property {string} name
 * @property {boolean} [quick] part of the quick subset
 * @property {(workspace: import('./workspace.mjs').Workspace) => Promise<{ training?: Training, files?: string[] }>} run
 *   `training`: unless it is a target that has to refuse to train; `files`: what a browser downloads, for the size
 */

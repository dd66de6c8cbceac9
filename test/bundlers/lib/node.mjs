import { spawnSync } from 'node:child_process';
import { NotRun } from './outcome.mjs';

/**
 * The command that runs this major version of Node: this one, or what npx gets.
 * @param {number} major
 * @returns {[command: string, ...args: string[]]}
 */
export function nodeCommand(major) {
  if (process.versions.node.startsWith(`${major}.`)) return [process.execPath];
  const args = ['-y', `node@${major}`];
  if (spawnSync('npx', [...args, '--version']).status !== 0) throw new NotRun(`npx could not get node@${major}`);
  return ['npx', ...args];
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';

const TIMEOUT = 300_000;

/** What runs now, each in a process group of its own, which Ctrl-C does not reach: it ends with this process. */
const running = new Set();
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    for (const child of running) endGroup(child, 'SIGKILL');
    process.exit(1);
  });
}

function endGroup(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch {} // nothing is left of it
}

/**
 * Runs a command to its end.
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd: string, env?: Record<string, string> }} options
 * @returns {Promise<string>} what it printed
 * @throws with all its output when it fails
 */
export async function run(command, args, { cwd, env }) {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    detached: true, // a process group: npx and npm start others, which would keep the pipes open
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let stdout = '';
  let all = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
    all += chunk;
  });
  child.stderr.on('data', (chunk) => {
    all += chunk;
  });
  const timer = setTimeout(() => endGroup(child, 'SIGKILL'), TIMEOUT);
  const [code] = await Promise.race([
    once(child, 'close'),
    once(child, 'error').then(([error]) => Promise.reject(error)),
  ]).finally(() => {
    clearTimeout(timer);
    running.delete(child);
  });
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${all.trim()}`);
  return stdout;
}

/**
 * Runs a server while `use` runs.
 * @template T
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd: string, env?: Record<string, string>, url: string }} options `url`: what answers once it is ready
 * @param {(url: string) => Promise<T>} use
 */
export async function whileServing(command, args, { cwd, env, url }, use) {
  // A process group of its own, because the command may be a wrapper that does not pass a signal on.
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    output += chunk;
  });
  try {
    for (let wait = 0; ; wait += 100) {
      if (
        await fetch(url).then(
          (response) => response.ok,
          () => false,
        )
      )
        break;
      if (child.exitCode !== null || wait > 60_000)
        throw new Error(`${command} ${args.join(' ')} does not serve:\n${output.trim()}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return await use(url);
  } finally {
    endGroup(child, 'SIGTERM');
    running.delete(child);
  }
}

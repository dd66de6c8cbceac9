import { spawn } from 'node:child_process';
import {
  chmodSync,
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress } from 'node:zlib';
import { NotRun } from './outcome.mjs';
import { run } from './run.mjs';

/** The npm package that has Chromium 91 in it, the first with SIMD. Its dependencies are for other uses of it. */
const PACKAGE = 'chrome-aws-lambda@9.1.0';
const ARCHIVE = `${PACKAGE.replace('@', '-')}.tgz`;
const TIMEOUT = 60_000;

/**
 * Opens a page in headless Chromium 91, which is too old for the driver of the other pages: the page has to send its outcome.
 * @param {import('./workspace.mjs').Workspace} workspace
 * @param {string} url
 * @param {Promise<string>} sent resolves to the JSON that the page sends
 */
export async function openInOldest(workspace, url, sent) {
  const directory = await install(workspace);
  const profile = mkdtempSync(join(tmpdir(), 'simdgrad-chromium-'));
  // Without a port for a debugger it ends when the page is loaded, before its modules have run.
  const flags = ['--headless', '--no-sandbox', '--no-zygote', '--disable-gpu', '--remote-debugging-port=0'];
  const child = spawn(join(directory, 'chromium'), [...flags, `--user-data-dir=${profile}`, url], {
    env: { ...process.env, LD_LIBRARY_PATH: join(directory, 'lib') },
    stdio: 'ignore',
    detached: true, // a process group: its renderers write to the profile, too
  });
  let timer;
  try {
    return JSON.parse(
      await Promise.race([
        sent,
        new Promise((_, reject) => {
          child
            .on('error', reject)
            .on('exit', (code, signal) => reject(new Error(`Chromium 91 ended with ${code ?? signal}`)));
          timer = setTimeout(() => reject(new Error(`no outcome within ${TIMEOUT} ms`)), TIMEOUT);
        }),
      ]),
    );
  } finally {
    clearTimeout(timer);
    try {
      process.kill(-child.pid, 'SIGKILL'); // also what is left of the group where the browser itself has ended
    } catch {} // nothing is left, or it never began
    rmSync(profile, { recursive: true, force: true, maxRetries: 10 });
  }
}

/** Unpacked once, beside the tools. */
async function install({ tools }) {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new NotRun('Chromium 91 is packed for Linux on x64');
  const directory = join(tools, 'chromium-91');
  if (existsSync(directory)) return directory;
  const partial = `${directory}-${process.pid}`;
  mkdirSync(partial);
  try {
    await unpack(partial);
    if (!existsSync(directory)) renameSync(partial, directory); // else a run beside this one was first
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  return directory;
}

/** @param {string} partial the directory to unpack in */
async function unpack(partial) {
  await run('npm', ['pack', PACKAGE], { cwd: partial }).catch(() => {
    throw new NotRun(`npm could not get ${PACKAGE}`);
  });
  await run('tar', ['-xzf', ARCHIVE], { cwd: partial });
  for (const [from, to] of [
    ['chromium.br', 'chromium'],
    ['aws.tar.br', 'lib.tar'], // the libraries that a bare system may lack
  ]) {
    const packed = createReadStream(join(partial, 'package/bin', from));
    await pipeline(packed, createBrotliDecompress(), createWriteStream(join(partial, to)));
  }
  chmodSync(join(partial, 'chromium'), 0o755);
  await run('tar', ['-xf', 'lib.tar'], { cwd: partial });
  for (const part of ['package', 'lib.tar', ARCHIVE]) rmSync(join(partial, part), { recursive: true });
}

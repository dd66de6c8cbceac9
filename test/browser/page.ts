import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from './browsers.ts';

/** What a server of pages sends: by path, the body and its headers. */
export type Site = Record<string, { type: string; body: string; headers?: Record<string, string> }>;

export const ISOLATED = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/**
 * Opens a page of the site in the browser, without a window, and resolves to what it posts to /report.
 * @throws when it posts nothing within 30 s
 */
export async function visit(browser: Browser, site: Site, path: string): Promise<unknown> {
  let answer = (_: unknown): void => {};
  const report = new Promise<unknown>((resolve) => {
    answer = resolve;
  });
  const server = await serve(site, answer);
  const profile = mkdtempSync(join(tmpdir(), 'simdgrad-browser-'));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
  const child = spawn(browser.command, browser.open(url, profile), {
    stdio: 'ignore',
    detached: true, // a process group of its own, to end its children with it
  });
  try {
    return await soon(report);
  } finally {
    await ended(child);
    server.close();
    server.closeAllConnections();
    rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

function serve(site: Site, answer: (report: unknown) => void): Promise<Server> {
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    if (path === '/report') {
      let text = '';
      request.on('data', (chunk) => {
        text += chunk;
      });
      request.on('end', () => {
        response.end();
        answer(JSON.parse(text));
      });
      return;
    }
    const file = site[path];
    response.writeHead(file ? 200 : 404, { 'Content-Type': file?.type ?? 'text/plain', ...file?.headers });
    response.end(file?.body);
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

function soon(report: Promise<unknown>): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the page reported nothing within 30 s')), 30_000);
  });
  return Promise.race([report, late]).finally(() => clearTimeout(timer));
}

export function ended(browser: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (browser.exitCode !== null || browser.signalCode !== null) return resolve();
    browser.on('exit', () => resolve());
    process.kill(-browser.pid!, 'SIGKILL');
  });
}

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { text } from 'node:stream/consumers';

const TYPES = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
};

/** What a page needs for threads. */
export const ISOLATED = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

/**
 * Serves the files of a directory while `use` runs.
 * @template T
 * @param {string} directory
 * @param {Record<string, string>} headers
 * @param {(url: string, sent: Promise<string>) => Promise<T>} use `sent`: what a page posts
 */
export async function whileServingFiles(directory, headers, use) {
  let post;
  const sent = new Promise((resolve) => {
    post = resolve;
  });
  const server = createServer(async (request, response) => {
    const { url } = request;
    if (request.method === 'POST') {
      post(await text(request));
      return response.end();
    }
    const path = normalize(new URL(url, 'http://x').pathname);
    const file = join(directory, path.endsWith('/') ? `${path}index.html` : path);
    const body = await readFile(file).catch(() => undefined);
    if (body === undefined) return response.writeHead(404).end();
    response
      .writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream', ...headers })
      .end(body);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await use(`http://127.0.0.1:${server.address().port}/`, sent);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** A port that nothing listens on. */
export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

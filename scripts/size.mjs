// What a user downloads, in bytes and gzip. Fails when the whole package costs more than 40 KB.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { bundle } from './bundle.mjs';

const root = resolve(fileURLToPath(import.meta.url), '../..');
const LIMIT = 40_000;

const files = [
  { name: "import * from 'simdgrad', bundled", bytes: await bundle("export * from 'simdgrad'") },
  { name: 'dist/simdgrad.min.js', bytes: readFileSync(resolve(root, 'dist/simdgrad.min.js')) },
  { name: "import { Affine } from 'simdgrad', bundled", bytes: await bundle("export { Affine } from 'simdgrad'") },
  {
    name: "import * with 'simdgrad/threads', bundled",
    bytes: await bundle("export * from 'simdgrad'; export * from 'simdgrad/threads'"),
  },
  { name: 'dist/kernels.wasm', bytes: readFileSync(resolve(root, 'dist/kernels.wasm')) },
  { name: 'dist/kernels.relaxed.wasm', bytes: readFileSync(resolve(root, 'dist/kernels.relaxed.wasm')) },
].map((file) => ({ ...file, gzip: gzipSync(file.bytes, { level: 9 }).length }));

for (const { name, bytes, gzip } of files) {
  console.log(`${name.padEnd(44)} ${String(bytes.length).padStart(7)} bytes ${String(gzip).padStart(7)} gzip`);
}
const server = await bundle("export { Affine } from 'simdgrad'", 'node');
const [whole, single, one] = files;
const failures = [whole, single]
  .filter(({ gzip }) => gzip > LIMIT)
  .map(({ name, gzip }) => `${name}: ${gzip} bytes gzip, the limit is ${LIMIT} (ARCHITECTURE.md, "Add a kernel")`);
if (one.bytes.length >= whole.bytes.length)
  failures.push('one import costs as much as all of them: tree-shaking fails');
if (server.length > 1.05 * one.bytes.length)
  failures.push(`bundled for a server, one import costs ${server.length} bytes: tree-shaking fails there`);
for (const failure of failures) console.error(failure);
process.exitCode = failures.length === 0 ? 0 : 1;

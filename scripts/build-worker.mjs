// Bundles the source of a worker, one for Node and one for the web, into texts that src/threads/ inlines: a worker then
// starts from every bundle and from every origin, with no file to find.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const generated = join(root, 'src/threads/generated');
mkdirSync(generated, { recursive: true });

for (const { name, platform, format } of [
  { name: 'worker_node', platform: 'node', format: 'esm' },
  { name: 'worker_web', platform: 'browser', format: 'iife' },
]) {
  const { outputFiles } = buildSync({
    entryPoints: [join(root, `src/threads/${name}.ts`)],
    bundle: true,
    minify: true,
    format,
    target: 'es2022',
    platform,
    write: false,
    logLevel: 'error',
  });
  const text = outputFiles[0].text.trim();
  writeFileSync(
    join(generated, `${name}.ts`),
    `// Written by scripts/build-worker.mjs; do not edit.\nexport const source: string =\n  ${JSON.stringify(text)};\n`,
  );
}

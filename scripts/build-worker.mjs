// Bundles the source of a worker, one for Node and one for the web, into texts that src/threads/ inlines: a worker then
// starts from every bundle and from every origin, with no file to find.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const root = resolve(fileURLToPath(import.meta.url), '../..');
const generated = join(root, 'src/threads/generated');
mkdirSync(generated, { recursive: true });

for (const { name, platform, format } of /** @type {const} */ ([
  { name: 'worker_node', platform: 'node', format: 'esm' },
  { name: 'worker_web', platform: 'browser', format: 'iife' },
])) {
  const bundle = await rolldown({
    cwd: root,
    input: `src/threads/${name}.ts`,
    platform,
    transform: { target: 'es2022' },
  });
  const { output } = await bundle.generate({ format, minify: true, comments: false });
  await bundle.close();
  const text = output[0].code.trim();
  writeFileSync(
    join(generated, `${name}.ts`),
    `// Written by scripts/build-worker.mjs; do not edit.\nexport const source: string =\n  ${JSON.stringify(text)};\n`,
  );
}

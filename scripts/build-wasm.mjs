// Compiles the kernels and writes what src/wasm/ inlines, one text for all variants and the type of the exports, read
// from the kernels' own signatures; and each variant as a file.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import './build-worker.mjs';
import { ordered } from './wasm-order.mjs';
import { ALPHABET, encode } from './wasm-text.mjs';
import { checkPairs, variant } from './wasm-variants.mjs';

const root = resolve(fileURLToPath(import.meta.url), '../..');
const asc = join(dirname(createRequire(import.meta.url).resolve('assemblyscript/package.json')), 'bin/asc.js');
const generated = join(root, 'src/wasm/generated');
const banner = '// Written by scripts/build-wasm.mjs; do not edit.\n';

mkdirSync(generated, { recursive: true });
mkdirSync(join(root, 'build'), { recursive: true });

const args = [asc, '--config', 'asconfig.json', '--target', 'release'];
const { status, stderr } = spawnSync(process.execPath, args, {
  cwd: root,
  encoding: 'utf8',
  stdio: ['ignore', 'inherit', 'pipe'],
});
// All that asc says of a good build: that its last round of optimizing made the module larger, by a few bytes.
process.stderr.write(stderr.replace(/.*Last converge was suboptimal\..*\n/, ''));
if (status !== 0) process.exit(1);
const wat = readFileSync(join(root, 'build/kernels.wat'), 'utf8');
const { bytes: module, nested } = await ordered(wat);
checkPairs(nested);
for (const simd of /** @type {const} */ (['baseline', 'relaxed']))
  writeFileSync(join(root, `build/kernels.${simd}.wasm`), variant(module, wat, simd));
writeFileSync(
  join(generated, 'text.ts'),
  `${banner}export const text: string =\n  '${ALPHABET}${encode(variant(module, wat, 'text'))}';\n`,
);
writeFileSync(join(generated, 'kernels.ts'), kernelTypes());

/** One method per name that assembly/index.ts exports, with its parameter names and its docstring. */
function kernelTypes() {
  const index = readFileSync(join(root, 'assembly/index.ts'), 'utf8');
  const members = [];
  for (const [, names, from] of index.matchAll(/export \{([^}]+)\} from '([^']+)'/g)) {
    const source = readFileSync(join(root, 'assembly', `${from}.ts`), 'utf8');
    for (const name of names
      .split(',')
      .map((n) => n.trim())
      .filter(Boolean)) {
      const signature = new RegExp(
        `(/\\*\\*(?:(?!\\*/)[^])*\\*/\\s*)?export function ${name}\\(([^)]*)\\): *(\\w+)`,
      ).exec(source);
      if (!signature) throw new Error(`assembly/${from}.ts does not declare ${name} as an exported function`);
      const [, doc = '', parameters, result] = signature;
      const typed = parameters
        .split(',')
        .map((p) => p.trim())
        .filter(Boolean)
        .map((p) => `${p.split(':')[0].trim()}: number`);
      const indented = doc.trimEnd().replace(/\n/g, '\n  ');
      members.push(
        `${indented ? `  ${indented}\n` : ''}  ${name}(${typed.join(', ')}): ${result === 'void' ? 'void' : 'number'};`,
      );
    }
  }
  return `${banner}/** The exports of every kernel module: unchecked functions on byte offsets. */\nexport interface Kernels {\n${members.join('\n')}\n}\n`;
}

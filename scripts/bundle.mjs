import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/**
 * What a bundler makes of a program that uses the built package.
 * @param {string} contents @param {'browser' | 'node'} [platform]
 */
export async function bundle(contents, platform) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: fileURLToPath(new URL('..', import.meta.url)) },
    bundle: true,
    minify: true,
    format: 'esm',
    platform,
    write: false,
  });
  return outputFiles[0].contents;
}

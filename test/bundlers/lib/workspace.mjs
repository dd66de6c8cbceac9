import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './run.mjs';

const here = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const root = resolve(here, '../..');

/**
 * A directory outside the repository: the tools, installed once for a lock file; the packed tarball, installed anew by
 * npm; and a project for each target, which finds both as its dependencies.
 */
export class Workspace {
  /** @param {string} directory */
  constructor(directory) {
    this.directory = directory;
  }

  static async create() {
    const lock = createHash('sha256')
      .update(readFileSync(join(here, 'package-lock.json')))
      .digest('hex')
      .slice(0, 12);
    const workspace = new Workspace(join(tmpdir(), `simdgrad-bundlers-${lock}`));
    await workspace.#installTools();
    await workspace.#installPackage();
    return workspace;
  }

  /** The program that trains, which imports from 'simdgrad'. */
  get program() {
    return readFileSync(join(here, 'app/train.js'), 'utf8');
  }

  /** The file of an installed tool, such as `vite`. */
  bin(name) {
    return join(this.directory, 'node_modules/.bin', name);
  }

  /** A file of the installed package. */
  package(path) {
    return join(this.directory, 'node_modules/simdgrad', path);
  }

  /**
   * A new project: the program that trains, and these files.
   * @param {string} name
   * @param {Record<string, string>} files
   * @returns its directory
   */
  project(name, files) {
    const directory = join(this.directory, 'projects', name);
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory, { recursive: true });
    const manifest = { name: 'consumer', private: true, type: 'module', dependencies: { simdgrad: '*' } };
    const all = { 'package.json': JSON.stringify(manifest), 'train.js': this.program, ...files };
    for (const [path, text] of Object.entries(all)) {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), text);
    }
    return directory;
  }

  async #installTools() {
    if (existsSync(join(this.directory, 'installed'))) return;
    console.log(`installing bundlers and runtimes in ${this.directory}`);
    mkdirSync(this.directory, { recursive: true });
    for (const file of ['package.json', 'package-lock.json', '.npmrc'])
      copyFileSync(join(here, file), join(this.directory, file));
    // Not npm ci: it refuses a lock that lacks a platform's optional binary, and a registry may lack some of them.
    await run('npm', ['install', '--ignore-scripts'], { cwd: this.directory });
    writeFileSync(join(this.directory, 'installed'), '');
  }

  async #installPackage() {
    const fresh = join(this.directory, 'fresh');
    rmSync(fresh, { recursive: true, force: true });
    mkdirSync(fresh);
    const [{ filename }] = JSON.parse(
      await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', fresh], { cwd: root }),
    );
    writeFileSync(join(fresh, 'package.json'), '{ "private": true }');
    await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', `./${filename}`], { cwd: fresh });
    for (const name of ['simdgrad', '@assemblyscript']) {
      const to = join(this.directory, 'node_modules', name);
      rmSync(to, { recursive: true, force: true });
      renameSync(join(fresh, 'node_modules', name), to);
    }
  }
}

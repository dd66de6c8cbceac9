import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './run.mjs';

const here = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const root = resolve(here, '../..');

/**
 * Directories outside the repository: the tools, installed once for a lock file; below them, for this run alone, the
 * packed tarball, installed by npm, and a project for each target, which finds both as its dependencies.
 */
export class Workspace {
  /** @param {string} tools */
  constructor(tools) {
    this.tools = tools;
    this.directory = join(tools, 'runs', String(process.pid));
  }

  static async create() {
    const lock = createHash('sha256')
      .update(readFileSync(join(here, 'package-lock.json')))
      .digest('hex')
      .slice(0, 12);
    const tools = join(tmpdir(), `simdgrad-bundlers-${lock}`);
    if (!existsSync(tools)) await installTools(tools);
    const workspace = new Workspace(tools);
    await workspace.#installPackage();
    return workspace;
  }

  remove() {
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** The program that trains, which imports from 'simdgrad'. */
  get program() {
    return readFileSync(join(here, 'app/train.js'), 'utf8');
  }

  /** The program that computes on two threads, which imports from 'simdgrad' and 'simdgrad/threads'. */
  get threads() {
    return readFileSync(join(here, 'app/threads.js'), 'utf8');
  }

  /** The file of an installed tool, such as `vite`. */
  bin(name) {
    return join(this.tools, 'node_modules/.bin', name);
  }

  /** A file of the installed package. */
  package(path) {
    return join(this.directory, 'node_modules/simdgrad', path);
  }

  /**
   * A new project: the programs, and these files.
   * @param {string} name
   * @param {Record<string, string>} files
   * @returns its directory
   */
  project(name, files) {
    const directory = join(this.directory, 'projects', name);
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory, { recursive: true });
    const manifest = { name: 'consumer', private: true, type: 'module', dependencies: { simdgrad: '*' } };
    const all = {
      'package.json': JSON.stringify(manifest),
      'train.js': this.program,
      'threads.js': this.threads,
      ...files,
    };
    for (const [path, text] of Object.entries(all)) {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), text);
    }
    return directory;
  }

  async #installPackage() {
    rmSync(this.directory, { recursive: true, force: true });
    mkdirSync(this.directory, { recursive: true });
    const [{ filename }] = JSON.parse(
      await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', this.directory], { cwd: root }),
    );
    writeFileSync(join(this.directory, 'package.json'), '{ "private": true }');
    const flags = ['--prefer-offline', '--no-package-lock', '--no-audit', '--no-fund'];
    await run('npm', ['install', ...flags, `./${filename}`], { cwd: this.directory });
  }
}

/**
 * Elsewhere first, so that a run that is broken off, or one beside it, leaves no half of it.
 * @param {string} directory
 */
async function installTools(directory) {
  console.log(`installing bundlers and runtimes in ${directory}`);
  const partial = `${directory}-${process.pid}`;
  mkdirSync(partial);
  for (const file of ['package.json', 'package-lock.json', '.npmrc'])
    copyFileSync(join(here, file), join(partial, file));
  // Not npm ci: it refuses a lock that lacks a platform's optional binary, and a registry may lack some of them.
  await run('npm', ['install', '--ignore-scripts'], { cwd: partial });
  if (existsSync(directory)) rmSync(partial, { recursive: true });
  else renameSync(partial, directory);
}

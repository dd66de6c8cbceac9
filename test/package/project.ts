import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');

/** A throw-away project of somebody else, outside this repository, that has installed the packed tarball. */
export class Project {
  readonly directory = mkdtempSync(join(tmpdir(), 'simdgrad-consumer-'));

  constructor() {
    this.write('package.json', JSON.stringify({ name: 'consumer', private: true }));
    const pack = ['pack', '--json', '--ignore-scripts', '--pack-destination', this.directory];
    const [{ filename }] = JSON.parse(execFileSync('npm', pack, { cwd: root, encoding: 'utf8' }));
    this.run('npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', `./${filename}`);
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.directory, name), text);
  }

  /** What the command printed; throws with its output when it fails. */
  run(command: string, ...args: string[]): string {
    return execFileSync(command, args, { cwd: this.directory, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
